import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AudioSource } from '../../../src/formats/format.ts'
import { SpeedReader } from '../../../src/media/speed-reader.ts'
import { amplitudeAt } from '../../support/levels.ts'

function tone(hz: number, length: number): AudioSource {
  let at = 0
  return {
    rate: 8000,
    read(into) {
      const count = Math.min(into.length, length - at)
      for (let i = 0; i < count; i++)
        into[i] = Math.round(10000 * Math.sin((2 * Math.PI * hz * (at + i)) / 8000))
      at += count
      return count
    },
    close: () => undefined,
  }
}

function heard(speed: number): { samples: Int16Array; used: number } {
  const reader = new SpeedReader()
  reader.speed = speed
  const source = tone(400, 8000)
  const frame = new Int16Array(160)
  const all: number[] = []
  let used = 0
  for (;;) {
    const count = reader.read(source, frame, (some) => {
      used += some
    })
    if (count <= 0) break
    all.push(...frame.subarray(0, count))
  }
  return { samples: Int16Array.from(all), used }
}

for (const [speed, seconds, hz] of [
  [2, 0.5, 800],
  [1, 0.75, 533.33],
  [-1, 1.25, 320],
  [-2, 1.5, 266.67],
  [7, 0.5, 800],
] as const)
  test(`at speed ${speed} a second lasts ${seconds}, and every sample is used once`, () => {
    const { samples, used } = heard(speed)
    assert.equal(used, 8000)
    assert.ok(Math.abs(samples.length - seconds * 8000) <= 2, `${samples.length}`)
    assert.ok(amplitudeAt(samples, hz, 8000) > 8500, `${amplitudeAt(samples, hz, 8000)}`)
  })
