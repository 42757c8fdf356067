/** A decoding heard at another rate than its own. */
import type { Decoding } from './decoding.ts'
import { Resampler } from './resampler.ts'

export class ResampledDecoding implements Decoding {
  readonly rate: number
  readonly #decoding: Decoding
  readonly #resampler: Resampler

  constructor(decoding: Decoding, rate: number) {
    this.rate = rate
    this.#decoding = decoding
    this.#resampler = new Resampler(decoding.rate, rate)
  }

  get length(): number | undefined {
    const { length, rate } = this.#decoding
    return length === undefined ? undefined : Math.round((length * this.rate) / rate)
  }

  async next(): Promise<Int16Array | undefined> {
    for (;;) {
      const pcm = await this.#decoding.next()
      if (!pcm) return undefined
      const made = new Int16Array(this.#resampler.room(pcm.length))
      const count = this.#resampler.process(pcm, pcm.length, made)
      if (count > 0) return made.slice(0, count)
    }
  }

  async seek(sample: number): Promise<void> {
    this.#resampler.reset()
    await this.#decoding.seek(Math.round((sample * this.#decoding.rate) / this.rate))
  }

  close(): Promise<void> {
    return this.#decoding.close()
  }
}
