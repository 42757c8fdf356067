/** Finds a passage of a long recording again by its waveform, whatever the rate and the codec it was heard with. */
import { Resampler } from '../../src/formats/resampler.ts'
import type { Recording } from './wav.ts'

/** Hz at which it is looked for: low, so that it is quick. */
const rate = 4000
/** Seconds of a passage: short, since a moment that a busy machine leaves out spoils it. */
const passage = 0.3

function slowed({ rate: from, samples }: Recording): Float64Array {
  const resampler = new Resampler(from, rate)
  const out = new Int16Array(resampler.room(samples.length))
  return Float64Array.from(out.subarray(0, resampler.process(samples, samples.length, out)))
}

/** The correlation of `part` with the place of `whole` that is most like it. */
function correlation(part: Float64Array, whole: Float64Array): number {
  const own = part.reduce((sum, x) => sum + x * x, 0)
  let energy = 0
  let best = 0
  for (let i = 0; i < whole.length; i++) {
    energy += whole[i]! ** 2 - (whole[i - part.length] ?? 0) ** 2
    const at = i + 1 - part.length
    if (at < 0) continue
    let sum = 0
    for (let k = 0; k < part.length; k++) sum += part[k]! * whole[at + k]!
    best = Math.max(best, sum / Math.sqrt(own * energy || 1))
  }
  return best
}

/** How much of what was heard, in the passage that fits best, is a passage of one of the files: 1 is all. */
export function passageLike(heard: Recording, files: readonly Recording[]): number {
  const all = slowed(heard)
  const wholes = files.map(slowed)
  let best = 0
  for (let second = 0.5; (second + passage) * rate < all.length && best < 0.85; second += 0.7) {
    const part = all.subarray(second * rate, (second + passage) * rate)
    for (const whole of wholes) best = Math.max(best, correlation(part, whole))
  }
  return best
}
