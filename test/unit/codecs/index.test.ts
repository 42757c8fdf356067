import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCodec, staticCodec, translation } from '../../../src/codecs/index.ts'

test('a codec is found by its SDP name in any case', () => {
  assert.equal(findCodec('pcmu')?.name, 'PCMU')
  assert.equal(findCodec('g722', 8000)?.sampleRate, 16000)
  assert.equal(findCodec('G722', 16000), undefined)
  assert.equal(findCodec('nosuch'), undefined)
})

test('L16 is found by rate and channels, and is mono at 8000 Hz unless asked for otherwise', () => {
  assert.equal(findCodec('L16')?.clockRate, 8000)
  assert.equal(findCodec('L16', 44100, 2)?.payloadType, 10)
  assert.equal(findCodec('l16', 48000)?.channels, 1)
})

test('static payload types are those of RFC 3551 section 6', () => {
  assert.equal(staticCodec(0)?.name, 'PCMU')
  assert.equal(staticCodec(8)?.name, 'PCMA')
  assert.equal(staticCodec(9)?.name, 'G722')
  assert.deepEqual([staticCodec(10)?.channels, staticCodec(11)?.channels], [2, 1])
  assert.deepEqual([staticCodec(3)?.name, staticCodec(18)?.name], ['GSM', 'G729'])
  assert.equal(staticCodec(4), undefined)
})

test('L16 puts the high octet first and works at odd offsets of a buffer', () => {
  const coder = findCodec('L16')!.open('')
  const octets = new Uint8Array(5).subarray(1)
  assert.equal(coder.encode(Int16Array.of(-2, 0x1234), octets), 4)
  assert.deepEqual([...octets], [0xff, 0xfe, 0x12, 0x34])
  const samples = new Int16Array(2)
  assert.equal(coder.decode(octets, samples), 2)
  assert.deepEqual([...samples], [-2, 0x1234])
})

test('only codecs of one octet a sample are a table apart', () => {
  const use = (name: string, clockRate = 8000) => ({ name, clockRate, channels: 1, fmtp: '' })
  const table = translation(use('pcmu'), use('PCMA'))
  assert.deepEqual([table?.length, table?.[0xff]], [256, 0xd5])
  assert.equal(translation(use('PCMU'), use('PCMA')), table)
  assert.equal(translation(use('PCMU'), use('G722')), undefined)
  assert.equal(translation(use('PCMU'), use('unheard-of')), undefined)
})
