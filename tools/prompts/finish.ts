/** What a synthesizer made becomes a prompt: no hum, no silence around it, one loudness, no sample cut off. */
import { Resampler } from '../../src/formats/resampler.ts'
import { decibels, loudnessOf } from './level.ts'
import type { Sound } from './wav-file.ts'

/** dBFS: the active speech level of every prompt, and what no sample goes beyond. */
export const speechLevel = -19
export const ceiling = -1
/** Seconds of silence before and after the words. */
export const edge = 0.06

/** The sound at another rate. */
export function atRate({ samples, rate }: Sound, wished: number): Float64Array {
  if (rate === wished) return samples
  const resampler = new Resampler(rate, wished)
  // What the filter holds back at the end is pushed out by silence.
  const input = new Int16Array(samples.length + rate / 10)
  for (let i = 0; i < samples.length; i++) input[i] = Math.round(samples[i]! * 32767)
  const output = new Int16Array(resampler.room(input.length))
  const count = resampler.process(input, input.length, output)
  return Float64Array.from(output.subarray(0, count), (value) => value / 32767)
}

/** A Butterworth high pass of second order: takes away an offset and what is below a voice. */
export function highPass(samples: Float64Array, rate: number, frequency: number): Float64Array {
  const w = (2 * Math.PI * frequency) / rate
  const alpha = Math.sin(w) / Math.SQRT2
  const cos = Math.cos(w)
  const a0 = 1 + alpha
  const b = (1 + cos) / 2 / a0
  const a1 = (-2 * cos) / a0
  const a2 = (1 - alpha) / a0
  let x1 = 0
  let x2 = 0
  let y1 = 0
  let y2 = 0
  return samples.map((x) => {
    const y = b * (x - 2 * x1 + x2) - a1 * y1 - a2 * y2
    x2 = x1
    x1 = x
    y2 = y1
    y1 = y
    return y
  })
}

/** Frames of 5 ms count as sound down to so many dB below the active level. */
const quietest = 42

/** The words with silence of `edge` seconds around them, faded in and out. */
export function trimmed(samples: Float64Array, rate: number): Float64Array {
  const frame = Math.round(rate * 0.005)
  const threshold = loudnessOf(samples, rate).active - quietest
  let first = -1
  let last = 0
  for (let at = 0; at < samples.length; at += frame) {
    let energy = 0
    const end = Math.min(samples.length, at + frame)
    for (let i = at; i < end; i++) energy += samples[i]! ** 2
    if (decibels(Math.sqrt(energy / (end - at))) < threshold) continue
    if (first < 0) first = at
    last = end
  }
  if (first < 0) throw new Error('there is no sound')
  const rim = Math.round(rate * edge)
  const out = new Float64Array(last - first + 2 * rim)
  for (let i = 0; i < out.length; i++) {
    const near = Math.min(i, out.length - 1 - i) / rim
    const fade = near >= 1 ? 1 : 0.5 - 0.5 * Math.cos(Math.PI * near)
    out[i] = fade * (samples[first - rim + i] ?? 0)
  }
  return out
}

/** Turns down what goes beyond the ceiling, gently: 2 ms ahead of it and 40 ms after. */
export function limited(samples: Float64Array, rate: number, most: number): Float64Array {
  const limit = 10 ** (most / 20)
  if (samples.every((x) => Math.abs(x) <= limit)) return samples
  const ahead = Math.round(rate * 0.002)
  const release = 1 - Math.exp(-1 / (rate * 0.04))
  const gains = samples.map((x) => Math.min(1, limit / Math.max(limit, Math.abs(x))))
  const out = new Float64Array(samples.length)
  let held = 1
  for (let i = 0; i < samples.length; i++) {
    let wanted = 1
    for (let k = i; k <= i + ahead && k < gains.length; k++) {
      const near = (k - i) / (ahead + 1)
      wanted = Math.min(wanted, gains[k]! + (1 - gains[k]!) * near)
    }
    held = wanted < held ? wanted : held + (wanted - held) * release
    out[i] = samples[i]! * held
  }
  return out
}

/** At the speech level, below the ceiling. */
export function levelled(samples: Float64Array, rate: number): Float64Array {
  let sound = samples
  for (let round = 0; round < 4; round++) {
    const missing = speechLevel - loudnessOf(sound, rate).active
    if (Math.abs(missing) < 0.02) break
    const gain = 10 ** (missing / 20)
    sound = limited(
      sound.map((x) => x * gain),
      rate,
      ceiling,
    )
  }
  return sound
}

/** From the synthesizer's file to a prompt's samples at `rate`. */
export function finished(sound: Sound, rate: number): Float64Array {
  return levelled(trimmed(highPass(atRate(sound, rate), rate, 70), rate), rate)
}
