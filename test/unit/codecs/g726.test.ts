import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCodec } from '../../../src/codecs/index.ts'
import { digest, quietStimulus, stimulus } from './stimulus.ts'

/** Octets of the loud stimulus, then octets and samples of the quiet one, as another implementation has them. */
const expected: Readonly<Record<string, readonly [loud: string, quiet: string, heard: string]>> = {
  'G726-16': ['256e488388f722ee', '7fc177fdc83d0b1d', '73f81e61e4938c46'],
  'AAL2-G726-16': ['606ae7fbea81b049', '67037132adfa2446', '73f81e61e4938c46'],
  'G726-24': ['87aaa7aa74a338bc', 'fa0866262087e44a', 'de19c259430e2a41'],
  'AAL2-G726-24': ['402a6daece4f41fc', '1f8979f93dc680ed', 'de19c259430e2a41'],
  'G726-32': ['2db5e4730dfa4fca', '30a17c46c2698973', 'f2495779d8c0a74f'],
  'AAL2-G726-32': ['ee9f263adfaba048', '02204261a557d811', 'f2495779d8c0a74f'],
  'G726-40': ['e618e1b04ac265c4', 'a39d3cb0f6386b1b', '21f48213e0389131'],
  'AAL2-G726-40': ['13f87e494e89c920', '31273fbfa481dbe7', '21f48213e0389131'],
}

/** The stimulus there and back in packets of 20 ms. */
function code(name: string, samples: Int16Array): { octets: Uint8Array; heard: Int16Array } {
  const codec = findCodec(name)!
  const coder = codec.open('')
  const size = (codec.bitRate * 20) / 8000
  const octets = new Uint8Array((samples.length / 160) * size)
  const heard = new Int16Array(samples.length)
  for (let i = 0; i < samples.length / 160; i++) {
    const packet = octets.subarray(i * size, (i + 1) * size)
    assert.equal(coder.encode(samples.subarray(i * 160, (i + 1) * 160), packet), size)
    assert.equal(coder.decode(packet, heard.subarray(i * 160, (i + 1) * 160)), 160)
  }
  return { octets, heard }
}

for (const [name, [loud, quiet, heard]] of Object.entries(expected)) {
  test(`${name}: octets and samples are bit for bit those of another implementation`, () => {
    assert.equal(digest(code(name, stimulus()).octets), loud)
    const coded = code(name, quietStimulus())
    assert.equal(digest(coded.octets), quiet)
    assert.equal(digest(coded.heard), heard)
  })
}

test('what comes out too loud for 16 bits clips and does not turn over', () => {
  const said = Int16Array.from({ length: 8000 }, (_, i) => 32767 * Math.sin(i * 0.15))
  const { heard } = code('G726-24', said)
  assert.ok(heard.includes(32767) && heard.includes(-32768))
  for (let i = 400; i < 8000; i++) assert.ok(Math.abs(heard[i]! - said[i]!) < 16000, `${i}`)
})

test('RFC 3551 puts the first code word lowest, AAL2 highest', () => {
  const samples = quietStimulus().subarray(0, 160)
  const low = code('G726-32', samples).octets
  const high = code('AAL2-G726-32', samples).octets
  for (const [i, octet] of low.entries()) {
    assert.equal(high[i], ((octet & 15) << 4) | (octet >> 4))
  }
})

test('code words across octets stay in place: 24 kbit/s of eight samples fill three octets', () => {
  const words = (name: string) => {
    const { octets } = code(name, quietStimulus().subarray(0, 160))
    const order = name.startsWith('AAL2') ? [...octets] : [...octets].reverse()
    const bits = order.map((octet) => octet.toString(2).padStart(8, '0')).join('')
    const found = bits.match(/.../g)!
    return name.startsWith('AAL2') ? found : found.reverse()
  }
  assert.deepEqual(words('G726-24'), words('AAL2-G726-24'))
})
