/** How clean a tone arrived, and tones that go on from packet to packet. */
import { amplitudeAt, levelOf } from './levels.ts'

export { amplitudeAt, levelOf, sine } from './levels.ts'

/** How much of the power of `pcm` is the tone: 1 for a pure one, about 0 where it is not. */
export function purity(frequency: number, pcm: Int16Array, rate = 8000): number {
  if (pcm.length === 0) return 0
  const power = levelOf(pcm) ** 2
  return power === 0 ? 0 : amplitudeAt(pcm, frequency, rate) ** 2 / 2 / power
}

/**
 * The purity of the cleanest 100 ms. Of sound that is made at the ticks of a clock: a busy machine leaves ticks out, and each is a
 * jump in the tone.
 */
export function cleanest(frequency: number, pcm: Int16Array, rate = 8000): number {
  const step = rate / 50
  let best = 0
  for (let at = 0; at + step * 5 <= pcm.length; at += step)
    best = Math.max(best, purity(frequency, pcm.subarray(at, at + step * 5), rate))
  return best
}

/** A piece of a sine of `frequency` Hz at `rate` Hz; `from` is the number of its first sample. */
export function toneFrom(
  from: number,
  frequency: number,
  rate: number,
  samples: number,
): Int16Array {
  const pcm = new Int16Array(samples)
  for (let i = 0; i < samples; i++)
    pcm[i] = Math.round(8000 * Math.sin((2 * Math.PI * frequency * (from + i)) / rate))
  return pcm
}
