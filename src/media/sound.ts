/** Small sums over PCM: loudness, energy, mixing, comfort noise. */

/** The factor of `db`, as a whole number of 1/4096. */
export function gainFactor(db: number): number {
  return Math.round(10 ** (Math.min(48, Math.max(-96, db)) / 20) * 4096)
}

/** Copies `from` into `into` by a factor of `gainFactor`, clipped at 16 bits. */
export function scale(from: Int16Array, into: Int16Array, factor: number): void {
  for (let i = 0; i < from.length; i++) {
    const sample = Math.round((from[i]! * factor) / 4096)
    into[i] = Math.max(-32768, Math.min(32767, sample))
  }
}

/** Adds `other` to `into`, clipped at 16 bits. */
export function mixInto(into: Int16Array, other: Int16Array): void {
  for (let i = 0; i < into.length; i++) {
    const sample = into[i]! + other[i]!
    into[i] = Math.max(-32768, Math.min(32767, sample))
  }
}

/** The sum of all amplitudes. */
export function energySum(pcm: Int16Array): number {
  let sum = 0
  for (let i = 0; i < pcm.length; i++) sum += Math.abs(pcm[i]!)
  return sum
}

let noise = 1

/** Fills with noise on the scale of `send_silence_when_idle`: 1400 is usual, more is softer, -1 or less is pure silence. */
export function comfortNoise(into: Int16Array, level: number): void {
  if (level < 1) {
    into.fill(0)
    return
  }
  for (let i = 0; i < into.length; i++) {
    // Six uniform numbers summed are near enough to a normal one.
    let sum = 0
    for (let round = 0; round < 6; round++) {
      noise = (Math.imul(noise, 1103515245) + 12345) | 0
      sum += noise >> 16
    }
    into[i] = ((sum << 16) >> 16) / level
  }
}

/** Views of the first samples of one buffer, kept by length so that frames of a usual size cost no allocation. */
export class FrameBuffer {
  readonly all: Int16Array
  #view: Int16Array

  constructor(samples: number) {
    this.all = new Int16Array(samples)
    this.#view = this.all
  }

  first(length: number): Int16Array {
    if (this.#view.length !== length) this.#view = this.all.subarray(0, length)
    return this.#view
  }
}
