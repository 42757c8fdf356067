/** A sound heard faster or slower than it is, by steps of a quarter of its length; its pitch goes with it. */
import type { AudioSource } from '../formats/format.ts'
import { FrameBuffer } from './sound.ts'

/** Samples of the longest frame, and the most that are taken of the sound for it. */
const longestFrame = 960

export class SpeedReader {
  /** Samples of the sound to one that is heard. */
  #ratio = 1
  readonly #taken = new FrameBuffer(longestFrame * 2 + 2)
  /** Where the next one stands: at 0 on the last sample taken, at 1 on the first of those to come; never below -1. */
  #phase = 0
  #last = 0
  #beforeLast = 0

  /** -2 … 2; others are held there. */
  set speed(speed: number) {
    const step = Math.max(-2, Math.min(2, Math.trunc(speed)))
    this.#ratio = 1 / (step > 0 ? 1 - 0.25 * step : 1 + 0.25 * -step)
  }

  get isPlain(): boolean {
    return this.#ratio === 1
  }

  /** As `AudioSource.read`; a frame that is cut short is the last one. `consumed` hears of the samples that were used. */
  read(source: AudioSource, into: Int16Array, consumed: (count: number) => void): number {
    const wanted = Math.max(1, Math.floor(this.#phase + (into.length - 1) * this.#ratio) + 1)
    const taken = this.#taken.first(Math.min(wanted, this.#taken.all.length))
    const count = source.read(taken)
    if (count <= 0) return count
    consumed(count)
    let made = 0
    let phase = this.#phase
    for (; made < into.length; made++, phase += this.#ratio) {
      const at = Math.floor(phase)
      if (at >= count) break
      const before = at > 0 ? taken[at - 1]! : at === 0 ? this.#last : this.#beforeLast
      const after = at >= 0 ? taken[at]! : this.#last
      into[made] = before + (after - before) * (phase - at)
    }
    this.#phase = made === into.length ? phase - count : 0
    this.#beforeLast = count > 1 ? taken[count - 2]! : this.#last
    this.#last = taken[count - 1]!
    return made
  }
}
