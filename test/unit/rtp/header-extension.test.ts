import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addExtension, extensionText } from '../../../src/rtp/header-extension.ts'

/** A packet with a header extension of that profile; `elements` are filled up to whole words. */
function packet(profile: number, elements: Buffer, sources = 0): Buffer {
  const words = Math.ceil(elements.length / 4)
  const octets = Buffer.alloc(12 + sources * 4 + 4 + words * 4 + 3)
  octets[0] = 0x90 | sources
  const at = 12 + sources * 4
  octets.writeUInt16BE(profile, at)
  octets.writeUInt16BE(words, at + 2)
  elements.copy(octets, at + 4)
  return octets
}

test('an element is found by its number, behind others, padding and sources, in both forms', () => {
  const short = Buffer.from('\x22abc\x00\x00\x401', 'latin1')
  assert.equal(extensionText(packet(0xbede, short), 4), '1')
  assert.equal(extensionText(packet(0xbede, short, 3), 2), 'abc')
  assert.equal(extensionText(packet(0xbede, short), 3), undefined)
  const long = Buffer.from('\x02\x00\x00\x14\x06camera', 'latin1')
  assert.equal(extensionText(packet(0x1000, long), 20), 'camera')
  assert.equal(extensionText(packet(0x1000, long), 2), '')
})

test('what is cut, ended, or of another form has no elements', () => {
  const short = Buffer.from('\xf0\x00\x401', 'latin1')
  assert.equal(extensionText(packet(0xbede, short), 4), undefined)
  assert.equal(extensionText(packet(0xbede, Buffer.from('\x4fab', 'latin1')), 4), undefined)
  assert.equal(extensionText(packet(0x1234, Buffer.from('\x401', 'latin1')), 4), undefined)
  assert.equal(extensionText(packet(0xbede, Buffer.alloc(400)).subarray(0, 40), 4), undefined)
  assert.equal(extensionText(Buffer.alloc(12), 4), undefined)
  assert.equal(extensionText(Buffer.from([0x90]), 4), undefined)
})

test('an element is added behind others or alone, and all else stays where it was', () => {
  const into = Buffer.alloc(200)
  const plain = Buffer.concat([
    Buffer.from('8160', 'hex'),
    Buffer.alloc(14, 7),
    Buffer.from('sound'),
  ])
  const length = addExtension(plain, 14, Buffer.from('1'), into)
  assert.equal(length, plain.length + 8)
  assert.equal(extensionText(into.subarray(0, length), 14), '1')
  assert.equal(into.subarray(length - 5, length).toString(), 'sound')
  assert.deepEqual(into.subarray(1, 16), plain.subarray(1, 16))
  const again = Buffer.alloc(200)
  const more = addExtension(into.subarray(0, length), 3, Buffer.from('camera'), again)
  assert.equal(more, length + 8)
  assert.equal(extensionText(again.subarray(0, more), 14), '1')
  assert.equal(extensionText(again.subarray(0, more), 3), 'camera')
  const long = packet(0x1000, Buffer.from('\x02\x00\x00\x14\x06camera', 'latin1'))
  const grown = addExtension(long, 5, Buffer.from('2'), into)
  assert.equal(extensionText(into.subarray(0, grown), 20), 'camera')
  assert.equal(extensionText(into.subarray(0, grown), 5), '2')
})

test('what has no room for an element, or another kind of extension, is left alone', () => {
  const plain = Buffer.concat([Buffer.from('8060', 'hex'), Buffer.alloc(10)])
  const text = Buffer.from('1')
  const into = Buffer.alloc(20)
  assert.equal(addExtension(plain, 14, text, into), 20)
  assert.equal(addExtension(Buffer.concat([plain, text]), 14, text, into), -1)
  assert.equal(addExtension(plain, 15, text, into), -1)
  assert.equal(addExtension(plain, 14, Buffer.alloc(17, 65), Buffer.alloc(90)), -1)
  assert.equal(addExtension(packet(0x1234, text), 14, text, Buffer.alloc(90)), -1)
  assert.equal(addExtension(Buffer.from([0x9f]), 14, text, Buffer.alloc(90)), -1)
  assert.equal(
    addExtension(packet(0xbede, Buffer.alloc(8)).subarray(0, 17), 14, text, Buffer.alloc(90)),
    -1,
  )
})
