import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aLaw, muLaw } from '../../../src/codecs/g711.ts'

/** Quantised values of G.711 in 16 bits, from the definition: 16 steps in each segment, each segment's twice as wide. */
function muValue(code: number): number {
  const segment = (code >> 4) & 7
  return 4 * ((33 + 2 * (code & 15)) * 2 ** segment - 33)
}

function aValue(code: number): number {
  const segment = (code >> 4) & 7
  return segment === 0 ? 16 * (code & 15) + 8 : (16 * (code & 15) + 264) * 2 ** (segment - 1)
}

test('every byte decodes to the value of the G.711 tables', () => {
  for (let byte = 0; byte < 256; byte++) {
    const mu = ~byte & 0xff
    assert.equal(muLaw.decode[byte]! + 0, (mu & 0x80 ? -1 : 1) * muValue(mu & 0x7f) + 0)
    const a = byte ^ 0x55
    assert.equal(aLaw.decode[byte], (a & 0x80 ? 1 : -1) * aValue(a & 0x7f))
  }
})

test('the loudest and faintest bytes are those that the Recommendation names', () => {
  assert.equal(muLaw.decode[0x00], -32124)
  assert.equal(muLaw.decode[0x80], 32124)
  assert.equal(muLaw.decode[0xff], 0)
  assert.equal(aLaw.decode[0xd5], 8)
  assert.equal(aLaw.decode[0x55], -8)
  assert.equal(aLaw.decode[0xaa], 32256)
  assert.equal(muLaw.encode[0], 0xff)
  assert.equal(aLaw.encode[0], 0xd5)
})

test('a byte survives decoding and encoding, but for the negative zero of the µ-law', () => {
  for (let byte = 0; byte < 256; byte++) {
    assert.equal(aLaw.encode[aLaw.decode[byte]! & 0xffff], byte)
    const expected = byte === 0x7f ? 0xff : byte
    assert.equal(muLaw.encode[muLaw.decode[byte]! & 0xffff], expected)
  }
})

test('every sample is encoded with no more error than half a step of its segment', () => {
  for (let sample = -32124; sample <= 32124; sample++) {
    const mu = muLaw.encode[sample & 0xffff]!
    const muStep = 8 * 2 ** ((~mu >> 4) & 7)
    // 14 bits are looked at: up to 3 more get lost.
    assert.ok(Math.abs(muLaw.decode[mu]! - sample) <= muStep / 2 + 3, `µ ${sample}`)
    const a = aLaw.encode[sample & 0xffff]!
    const aStep = 16 * 2 ** Math.max(0, (((a ^ 0x55) >> 4) & 7) - 1)
    assert.ok(Math.abs(aLaw.decode[a]! - sample) <= aStep / 2, `A ${sample}`)
  }
})

test('samples beyond the last decision value clip', () => {
  assert.equal(muLaw.decode[muLaw.encode[32767]!], 32124)
  assert.equal(muLaw.decode[muLaw.encode[-32768 & 0xffff]!], -32124)
  assert.equal(aLaw.decode[aLaw.encode[-32768 & 0xffff]!], -32256)
})
