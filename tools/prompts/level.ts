/**
 * How loud speech is: the active speech level of ITU-T P.56, method B, which leaves the pauses out. 0 dB is the level of a
 * square wave at full scale, so a sine wave at full scale has -3 dB.
 */

export interface Loudness {
  /** Active speech level, dBFS; -Infinity for silence. */
  readonly active: number
  /** The part of the time in which there is speech, 0 to 1. */
  readonly activity: number
  /** The highest sample, dBFS. */
  readonly peak: number
  /** The mean of all samples, as a part of full scale. */
  readonly offset: number
}

/** The time constant of the envelope and how long speech counts on after it, seconds; dB from level to threshold. */
const smoothing = 0.03
const hangover = 0.2
const margin = 15.9
/** Thresholds lie 6.02 dB apart, from the lowest bit to full scale. */
const thresholds = 16
const floors = Float64Array.from({ length: thresholds }, (_, j) => 2 ** (j - thresholds))

export function decibels(amplitude: number): number {
  return amplitude > 0 ? 20 * Math.log10(amplitude) : Number.NEGATIVE_INFINITY
}

/** Measures samples from -1 to 1. */
export function loudnessOf(samples: Float64Array, rate: number): Loudness {
  const keep = Math.exp(-1 / (rate * smoothing))
  // The envelope moves slowly: a look at it every quarter of a millisecond is enough.
  const step = Math.max(1, Math.round(rate / 4000))
  const hold = Math.ceil((rate * hangover) / step)
  const counts = new Float64Array(thresholds)
  const rests = new Float64Array(thresholds).fill(hold)
  let energy = 0
  let sum = 0
  let peak = 0
  let p = 0
  let q = 0
  for (let i = 0; i < samples.length; i++) {
    const x = samples[i]!
    const size = Math.abs(x)
    energy += x * x
    sum += x
    if (size > peak) peak = size
    p = keep * p + (1 - keep) * size
    q = keep * q + (1 - keep) * p
    if (i % step !== 0) continue
    for (let j = 0; j < thresholds; j++) {
      if (q >= floors[j]!) rests[j] = 0
      else if (rests[j]! < hold) rests[j]!++
      else continue
      counts[j]! += step
    }
  }
  const [active, activity] = activeLevel(energy, counts, samples.length)
  return { active, activity, peak: decibels(peak), offset: sum / Math.max(1, samples.length) }
}

/** The level whose distance to the threshold that gives it is the margin. */
function activeLevel(energy: number, counts: Float64Array, length: number): [number, number] {
  let before: { level: number; distance: number } | undefined
  for (let j = 0; j < thresholds; j++) {
    const count = counts[j] ?? 0
    if (count === 0) break
    const level = 10 * Math.log10(energy / count)
    const distance = level - decibels(2 ** (j - thresholds))
    if (distance <= margin) {
      if (!before) return [level, count / length]
      const part = (before.distance - margin) / (before.distance - distance)
      const exact = before.level + part * (level - before.level)
      return [exact, energy / length / 10 ** (exact / 10)]
    }
    before = { level, distance }
  }
  return [before?.level ?? Number.NEGATIVE_INFINITY, energy > 0 ? 1 : 0]
}
