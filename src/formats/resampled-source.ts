/** A source heard at another rate than its own. */
import type { AudioSource } from './format.ts'
import { Resampler } from './resampler.ts'

/** Samples taken from the source at a time. */
const pieceLength = 160

export class ResampledSource implements AudioSource {
  readonly rate: number
  readonly #source: AudioSource
  readonly #resampler: Resampler
  readonly #piece = new Int16Array(pieceLength)
  readonly #made: Int16Array
  #madeLength = 0
  #madeAt = 0

  constructor(source: AudioSource, rate: number) {
    this.rate = rate
    this.#source = source
    this.#resampler = new Resampler(source.rate, rate)
    this.#made = new Int16Array(this.#resampler.room(pieceLength))
  }

  read(into: Int16Array): number {
    let written = 0
    while (written < into.length) {
      if (this.#madeAt === this.#madeLength) {
        const count = this.#source.read(this.#piece)
        if (count <= 0) return written > 0 ? written : count
        this.#madeLength = this.#resampler.process(this.#piece, count, this.#made)
        this.#madeAt = 0
        continue
      }
      const count = Math.min(this.#madeLength - this.#madeAt, into.length - written)
      for (let i = 0; i < count; i++) into[written + i] = this.#made[this.#madeAt + i]!
      this.#madeAt += count
      written += count
    }
    return written
  }

  seek(sample: number): void {
    this.#source.seek?.(Math.round((sample * this.#source.rate) / this.rate))
    this.#resampler.reset()
    this.#madeLength = 0
    this.#madeAt = 0
  }

  close(): void {
    this.#source.close()
  }
}
