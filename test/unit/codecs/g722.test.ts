import assert from 'node:assert/strict'
import { test } from 'node:test'
import { g722 } from '../../../src/codecs/g722.ts'
import { digest, stimulus } from './stimulus.ts'

test('octets and samples are bit for bit those of another implementation of the Recommendation', () => {
  const coder = g722.open('')
  const samples = stimulus()
  const octets = new Uint8Array(32000)
  const heard = new Int16Array(64000)
  for (let at = 0; at < 64000; at += 320) {
    const packet = octets.subarray(at / 2, at / 2 + 160)
    assert.equal(coder.encode(samples.subarray(at, at + 320), packet), 160)
    assert.equal(coder.decode(packet, heard.subarray(at, at + 320)), 320)
  }
  assert.equal(digest(octets), 'd97f2e7120d8b5fe')
  assert.equal(digest(new Uint8Array(heard.buffer)), '54eeee0950aebad4')
})

test('how the sound is cut into packets does not matter', () => {
  const samples = stimulus().subarray(0, 3200)
  const whole = new Uint8Array(1600)
  g722.open('').encode(samples, whole)
  const pieces = new Uint8Array(1600)
  const coder = g722.open('')
  for (let at = 0; at < 3200; at += 64) {
    coder.encode(samples.subarray(at, at + 64), pieces.subarray(at / 2, at / 2 + 32))
  }
  assert.deepEqual(pieces, whole)
})

for (const [hertz, decibels] of [
  [300, 40],
  [1000, 35],
  [3000, 25],
  [5000, 15],
] as const) {
  test(`a tone of ${hertz} Hz comes back ${decibels} dB above the noise, 22 samples late`, () => {
    const coder = g722.open('')
    const samples = new Int16Array(16000)
    for (let i = 0; i < 16000; i++) {
      samples[i] = Math.round(10000 * Math.sin((2 * Math.PI * hertz * i) / 16000))
    }
    const octets = new Uint8Array(8000)
    const heard = new Int16Array(16000)
    coder.encode(samples, octets)
    coder.decode(octets, heard)
    let signal = 0
    let noise = 0
    for (let i = 4000; i < 15900; i++) {
      signal += samples[i]! ** 2
      noise += (heard[i + 22]! - samples[i]!) ** 2
    }
    assert.ok(10 * Math.log10(signal / noise) > decibels)
  })
}
