/** How much of one frequency is in a piece of sound (Goertzel's algorithm). */

/** What the algorithm needs to know of a frequency in Hz at a sample rate in Hz. */
export function goertzelFactor(frequency: number, rate: number): number {
  return 2 * Math.cos((2 * Math.PI * frequency) / rate)
}

/** The squared magnitude of the frequency in `length` samples from `start`. */
export function goertzelPower(
  samples: Float64Array,
  start: number,
  length: number,
  factor: number,
): number {
  let before = 0
  let last = 0
  for (let i = start, end = start + length; i < end; i++) {
    const next = factor * last - before + samples[i]!
    before = last
    last = next
  }
  return last * last + before * before - factor * last * before
}

/** Peak of a sine at 0 dBm0 in 16-bit samples: G.711 overloads at 3.14 dBm0. */
export const peakAt0dBm0 = 32767 * 10 ** (-3.14 / 20)
