import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Resampler } from '../../../src/media/resampler.ts'
import { amplitudeAt, levelOf, sine } from '../../support/levels.ts'

/** Converts all of it in 20 ms pieces. */
function convert(samples: Int16Array, from: number, to: number): Int16Array {
  const resampler = new Resampler(from, to)
  const piece = from / 50
  const output = new Int16Array(resampler.room(samples.length) + 1)
  const made = new Int16Array(resampler.room(piece))
  let length = 0
  for (let at = 0; at + piece <= samples.length; at += piece) {
    const count = resampler.process(samples.subarray(at, at + piece), piece, made)
    output.set(made.subarray(0, count), length)
    length += count
  }
  return output.subarray(0, length)
}

function decibels(ratio: number): number {
  return 20 * Math.log10(ratio)
}

for (const [from, to] of [
  [8000, 16000],
  [16000, 8000],
  [8000, 48000],
  [48000, 8000],
  [16000, 48000],
  [44100, 8000],
  [8000, 44100],
  [44100, 48000],
] as const) {
  const nyquist = Math.min(from, to) / 2

  test(`${from} to ${to}: a second stays a second`, () => {
    const length = convert(new Int16Array(from), from, to).length
    assert.ok(Math.abs(length - to) <= 1, `${length}`)
  })

  test(`${from} to ${to}: up to 0.9 of Nyquist the level stays within 0.5 dB and nothing is added`, () => {
    for (const part of [0.05, 0.4, 0.8, 0.9]) {
      const frequency = Math.round(nyquist * part)
      const heard = convert(sine(frequency, from, from * 1.2), from, to)
      const [start, end] = [to * 0.1, to * 1.1]
      const wanted = amplitudeAt(heard, frequency, to, start, end)
      assert.ok(Math.abs(decibels(wanted / 10000)) < 0.5, `${frequency} Hz`)
      const all = levelOf(heard, start, end) * Math.SQRT2
      const rest = Math.sqrt(Math.max(1e-9, all ** 2 - wanted ** 2))
      assert.ok(decibels(rest / wanted) < -55, `${frequency} Hz: ${decibels(rest / wanted)} dB`)
    }
  })

  if (to < from) {
    test(`${from} to ${to}: what is above the new Nyquist frequency is 60 dB down`, () => {
      for (const part of [1.03, 1.2, 1.7]) {
        const frequency = Math.round(nyquist * part)
        const heard = convert(sine(frequency, from, from * 1.2), from, to)
        const level = levelOf(heard, to * 0.1, to * 1.1) * Math.SQRT2
        assert.ok(decibels((level + 1e-9) / 10000) < -60, `${frequency} Hz`)
      }
    })
  }
}

test('equal rates pass samples through untouched and without delay', () => {
  const resampler = new Resampler(8000, 8000)
  const output = new Int16Array(3)
  assert.equal(resampler.process(Int16Array.of(1, -2, 3), 3, output), 3)
  assert.deepEqual([...output], [1, -2, 3])
  assert.equal(resampler.delayMs, 0)
})

test('pieces of any length give the same as one long piece', () => {
  const samples = sine(700, 8000, 4000)
  const whole = new Int16Array(9000)
  const wholeLength = new Resampler(8000, 16000).process(samples, 4000, whole)
  const resampler = new Resampler(8000, 16000)
  const pieces: number[] = []
  const made = new Int16Array(resampler.room(333))
  for (
    let at = 0, size = 1;
    at < 4000;
    at += size, size = Math.min((size * 3) % 331, 4000 - at) || 1
  ) {
    const count = resampler.process(samples.subarray(at, at + size), size, made)
    pieces.push(...made.subarray(0, count))
  }
  assert.deepEqual(pieces, [...whole.subarray(0, wholeLength)].slice(0, pieces.length))
})

test('rates without a common measure are converted too', () => {
  const heard = convert(sine(1000, 8000, 16000), 8000, 44056)
  assert.ok(Math.abs(amplitudeAt(heard, 1000, 44056, 8000, 8000 + 44056) - 10000) < 100)
})

test('full-scale square waves clip instead of wrapping around', () => {
  const square = Int16Array.from({ length: 1600 }, (_, i) => (i % 40 < 20 ? 32767 : -32768))
  const heard = convert(square, 8000, 16000)
  for (let i = 200; i < heard.length; i++) {
    const jump = Math.abs(heard[i]! - heard[i - 1]!)
    assert.ok(jump < 60000, `${jump} at ${i}`)
  }
})
