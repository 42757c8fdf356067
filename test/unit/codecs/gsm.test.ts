import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gsm } from '../../../src/codecs/gsm.ts'
import { digest, quietStimulus, stimulus } from './stimulus.ts'

for (const [title, samples, octetsDigest, heardDigest] of [
  ['loud', stimulus(), '442ab866dd8257f9', 'e7e96ae7e455ef6c'],
  ['quiet', quietStimulus(), '43605dfc00f18650', 'cf5cc64f348c0115'],
] as const) {
  test(`${title}: octets and samples are bit for bit those of another implementation`, () => {
    const coder = gsm.open('')
    const octets = new Uint8Array(400 * 33)
    const heard = new Int16Array(64000)
    assert.equal(coder.encode(samples, octets), 400 * 33)
    assert.equal(coder.decode(octets, heard), 64000)
    assert.equal(digest(octets), octetsDigest)
    assert.equal(digest(heard), heardDigest)
  })
}

test('a frame that does not begin with 0xD is taken as lost, and the last one is repeated', () => {
  const octets = new Uint8Array(5 * 33)
  gsm.open('').encode(stimulus().subarray(8000, 8800), octets)
  const [good, bad] = [gsm.open(''), gsm.open('')]
  const heard = [new Int16Array(800), new Int16Array(800)] as const
  const repeated = octets.slice()
  repeated.copyWithin(4 * 33, 3 * 33, 4 * 33)
  good.decode(repeated, heard[0])
  octets[4 * 33] = 0
  bad.decode(octets, heard[1])
  assert.deepEqual(heard[1], heard[0])
})

test('what is not a whole frame is left', () => {
  const coder = gsm.open('')
  assert.equal(coder.decode(new Uint8Array(32).fill(0xd0), new Int16Array(160)), 0)
  assert.equal(coder.decode(new Uint8Array(65).fill(0xd0), new Int16Array(320)), 160)
  assert.equal(coder.encode(new Int16Array(319), new Uint8Array(66)), 33)
})
