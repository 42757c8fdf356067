/** Samples on their way from packets, which come when they like, to a clock that takes them evenly. */

/** Full frames that are gathered before the first is given, and again after running dry. */
const prefillMs = 40
/** More than this waits only after a burst: the oldest goes, so that sound never lags behind. */
const mostMs = 200

export class SampleQueue {
  readonly #samples: Int16Array
  readonly #prefill: number
  readonly #most: number
  #read = 0
  #count = 0
  #isFilling = true

  /** For sound of `rate` Hz. */
  constructor(rate: number) {
    this.#prefill = (rate * prefillMs) / 1000
    this.#most = (rate * mostMs) / 1000
    this.#samples = new Int16Array(this.#most)
  }

  get length(): number {
    return this.#count
  }

  push(pcm: Int16Array): void {
    const size = this.#most
    const start = Math.max(0, pcm.length - size)
    let write = (this.#read + this.#count) % size
    for (let i = start; i < pcm.length; i++) {
      this.#samples[write] = pcm[i]!
      if (++write === size) write = 0
    }
    this.#count += pcm.length - start
    if (this.#count > size) {
      this.#read = (this.#read + this.#count - size) % size
      this.#count = size
    }
  }

  /** Fills `into`, with silence where there is nothing; false when all of it is silence. */
  take(into: Int16Array): boolean {
    if (this.#isFilling && this.#count < this.#prefill) {
      into.fill(0)
      return false
    }
    this.#isFilling = this.#count < into.length
    return this.drain(into) > 0
  }

  /** Fills `into` with what is there and silence behind it; how much was there. */
  drain(into: Int16Array): number {
    const count = Math.min(this.#count, into.length)
    for (let i = 0; i < count; i++) {
      into[i] = this.#samples[this.#read]!
      if (++this.#read === this.#most) this.#read = 0
    }
    this.#count -= count
    into.fill(0, count)
    return count
  }
}
