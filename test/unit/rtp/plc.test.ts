/** Packet loss concealment: what is made up continues what was heard, fades, and joins on to what comes back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LossConcealer } from '../../../src/rtp/plc.ts'

/** Like a vowel: a fundamental with falling harmonics. */
function voice(rate: number, ms: number, pitch = 110, peak = 6000): Int16Array {
  return Int16Array.from({ length: (rate * ms) / 1000 }, (_, i) => {
    let value = 0
    for (let h = 1; h <= 8; h++)
      value += (peak / h) * Math.sin((2 * Math.PI * pitch * h * i) / rate + h)
    return value
  })
}

/** Plays `pcm` in frames of 20 ms, the ones in `lost` made up. */
function play(pcm: Int16Array, rate: number, lost: readonly number[]): Int16Array {
  const concealer = new LossConcealer(rate)
  const out = pcm.slice()
  const frame = rate / 50
  for (let i = 0; i * frame < out.length; i++) {
    const piece = out.subarray(i * frame, (i + 1) * frame)
    if (lost.includes(i)) concealer.conceal(piece)
    else concealer.good(piece)
  }
  return out
}

function distance(a: Int16Array, b: Int16Array, from: number, to: number): number {
  let error = 0
  let power = 0
  for (let i = from; i < to; i++) {
    error += (a[i]! - b[i]!) ** 2
    power += a[i]! ** 2
  }
  return error / power
}

/** The greatest step between neighbouring samples. */
function steepest(pcm: Int16Array, from = 1, to = pcm.length): number {
  let most = 0
  for (let i = Math.max(1, from); i < to; i++)
    most = Math.max(most, Math.abs(pcm[i]! - pcm[i - 1]!))
  return most
}

for (const rate of [8000, 16_000, 48_000]) {
  for (const pitch of [80, 110, 180]) {
    test(`a lost frame of a voice of ${pitch} Hz is nearly what it was, at ${rate} Hz`, () => {
      const pcm = voice(rate, 400, pitch)
      const out = play(pcm, rate, [10])
      const frame = rate / 50
      const error = distance(pcm, out, 10 * frame, 11 * frame)
      assert.ok(error < 0.15, `${error}`)
      assert.ok(steepest(out) <= steepest(pcm) * 1.3, 'no click')
    })
  }
}

test('without a loss nothing is changed', () => {
  const pcm = voice(8000, 200)
  assert.deepEqual(play(pcm, 8000, []), pcm)
})

test('a longer loss fades to silence within 60 ms', () => {
  const pcm = voice(8000, 600)
  const out = play(pcm, 8000, [10, 11, 12, 13, 14])
  const level = (ms: number) => {
    let power = 0
    for (let i = ms * 8; i < (ms + 10) * 8; i++) power += out[i]! ** 2
    return Math.sqrt(power / 80)
  }
  assert.ok(level(230) < level(200) && level(250) < level(230) * 0.5)
  assert.equal(level(265), 0)
  assert.ok(steepest(out) <= steepest(pcm) * 1.3, 'no click, at the return neither')
})

test('two losses in a row of frames, and losses apart, join without clicks', () => {
  const pcm = voice(8000, 1000, 130)
  const out = play(pcm, 8000, [10, 11, 20, 25, 27, 29, 30, 31])
  assert.ok(steepest(out) <= steepest(pcm) * 1.4, `${steepest(out)} ${steepest(pcm)}`)
})

test('a loss at the very beginning and in silence is silence', () => {
  const out = play(new Int16Array(1600), 8000, [0, 1, 5])
  assert.ok(out.every((sample) => sample === 0))
})

test('after a reset nothing of the old sound comes back', () => {
  const concealer = new LossConcealer(8000)
  concealer.good(voice(8000, 100))
  concealer.reset()
  const frame = new Int16Array(160).fill(1)
  concealer.conceal(frame)
  assert.ok(frame.every((sample) => sample === 0))
})
