/** Comfort noise: its payload (RFC 3389) and its sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  describeNoise,
  NoiseSource,
  parseComfortNoise,
  writeComfortNoise,
} from '../../../src/rtp/comfort-noise.ts'

function make(level: number, reflection: readonly number[], frames = 200): Int16Array {
  const source = new NoiseSource(5)
  source.describe({ level, reflection })
  const pcm = new Int16Array(frames * 160)
  for (let at = 0; at < pcm.length; at += 160) source.fill(pcm.subarray(at, at + 160))
  return pcm
}

test('a payload is a level and coefficients (RFC 3389 3.1 and 3.2)', () => {
  assert.equal(parseComfortNoise(new Uint8Array(0)), undefined)
  assert.deepEqual(parseComfortNoise(Uint8Array.of(0x80 | 60)), { level: 60, reflection: [] })
  const noise = parseComfortNoise(Uint8Array.of(50, 127, 254, 0))!
  assert.deepEqual(noise.reflection, [0, (258 * 127) / 32768, (-258 * 127) / 32768])
  const into = new Uint8Array(20)
  assert.equal(writeComfortNoise(noise, into), 4)
  assert.deepEqual(into.subarray(0, 4), Uint8Array.of(50, 127, 254, 0))
})

for (const level of [30, 50, 70]) {
  test(`noise of -${level} dBov has that level, white or coloured`, () => {
    for (const reflection of [[], [-0.9], [-0.8, 0.5, 0.1]]) {
      const { level: measured } = describeNoise(make(level, reflection))
      assert.ok(Math.abs(measured - level) <= 1, `${measured} for ${reflection}`)
    }
  })
}

test('a described spectrum comes back as it was', () => {
  const wanted = [-0.8, 0.4, 0.2]
  const { reflection } = describeNoise(make(30, wanted, 2000), 3)
  reflection.forEach((value, i) => {
    assert.ok(Math.abs(value - wanted[i]!) < 0.05, `${value} for ${wanted[i]}`)
  })
})

test('the faintest level is silence, and silence the faintest level', () => {
  assert.ok(make(127, [0.5]).every((sample) => sample === 0))
  assert.deepEqual(describeNoise(new Int16Array(160), 5), { level: 127, reflection: [] })
})

test('the level changes smoothly', () => {
  const source = new NoiseSource(3)
  source.describe({ level: 30, reflection: [] })
  const levels: number[] = []
  const frame = new Int16Array(160)
  for (let i = 0; i < 20; i++) {
    if (i === 5) source.describe({ level: 60, reflection: [] })
    source.fill(frame)
    levels.push(describeNoise(frame).level)
  }
  for (let i = 1; i < levels.length; i++)
    assert.ok(Math.abs(levels[i]! - levels[i - 1]!) <= 8, `${levels}`)
  assert.ok(Math.abs(levels.at(-1)! - 60) <= 1)
})

test('extreme coefficients neither overflow nor howl', () => {
  const loudest = make(0, new Array(12).fill(0.99999)).reduce(
    (most, s) => Math.max(most, Math.abs(s)),
    0,
  )
  assert.ok(loudest <= 32768)
})
