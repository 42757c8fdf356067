/** Makes tones and finds them again: sound is proved by its frequency, not by counting packets. */

/** A sine of `frequency` Hz, `samples` long, at `rate` Hz; `from` is the number of its first sample. */
export function tone(
  frequency: number,
  samples: number,
  rate = 8000,
  amplitude = 8000,
  from = 0,
): Int16Array {
  const pcm = new Int16Array(samples)
  for (let i = 0; i < samples; i++)
    pcm[i] = Math.round(amplitude * Math.sin((2 * Math.PI * frequency * (from + i)) / rate))
  return pcm
}

/** The amplitude of `frequency` in `pcm` (Goertzel). */
export function amplitudeOf(frequency: number, pcm: Int16Array, rate = 8000): number {
  if (pcm.length === 0) return 0
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / rate)
  let before = 0
  let last = 0
  for (const sample of pcm) {
    const next = sample + factor * last - before
    before = last
    last = next
  }
  const power = last * last + before * before - factor * last * before
  return (2 * Math.sqrt(Math.max(0, power))) / pcm.length
}

/** The root mean square of the samples. */
export function loudness(pcm: Int16Array): number {
  let sum = 0
  for (const sample of pcm) sum += sample * sample
  return pcm.length === 0 ? 0 : Math.sqrt(sum / pcm.length)
}

/** How much of the power of `pcm` is the tone: 1 for a pure one, about 0 where it is not. */
export function purity(frequency: number, pcm: Int16Array, rate = 8000): number {
  const power = loudness(pcm) ** 2
  return power === 0 ? 0 : amplitudeOf(frequency, pcm, rate) ** 2 / 2 / power
}
