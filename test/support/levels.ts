/** Measuring stretches of samples: the amplitude of one frequency within them, and their level. */

/** Peak amplitude of a frequency (Hz) in samples from `from` up to `to`. */
export function amplitudeAt(
  samples: Int16Array,
  frequency: number,
  rate: number,
  from = 0,
  to = samples.length,
): number {
  let sine = 0
  let cosine = 0
  for (let i = from; i < to; i++) {
    const turn = (2 * Math.PI * frequency * i) / rate
    sine += samples[i]! * Math.sin(turn)
    cosine += samples[i]! * Math.cos(turn)
  }
  return (2 * Math.hypot(sine, cosine)) / (to - from)
}

/** Root mean square. */
export function levelOf(samples: Int16Array, from = 0, to = samples.length): number {
  let power = 0
  for (let i = from; i < to; i++) power += samples[i]! ** 2
  return Math.sqrt(power / (to - from))
}

export function sine(frequency: number, rate: number, length: number, peak = 10000): Int16Array {
  return Int16Array.from({ length }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * frequency * i) / rate)),
  )
}
