/** A queue of samples that are put in at one rate and taken out at another. */
import { Resampler } from './resampler.ts'
import { SampleQueue } from './sample-queue.ts'
import { FrameBuffer } from './sound.ts'

export class RatedQueue {
  #queue: SampleQueue | undefined
  #rate = 0
  #resampler: Resampler | undefined
  #toRate = 0
  #resampled = new FrameBuffer(0)

  /** Forgets what waits. */
  clear(): void {
    this.#queue = undefined
  }

  push(pcm: Int16Array, rate: number): void {
    if (this.#rate === 0) this.#rate = rate
    this.#queue ??= new SampleQueue(this.#rate)
    this.#queue.push(rate === this.#rate ? pcm : this.#resample(pcm, rate))
  }

  /** Fills `into` with sound of `rate` Hz; false when all of it is silence. Another rate than before forgets what waits. */
  take(into: Int16Array, rate: number): boolean {
    if (rate !== this.#rate) {
      this.#rate = rate
      this.#queue = undefined
    }
    if (this.#queue) return this.#queue.take(into)
    into.fill(0)
    return false
  }

  #resample(pcm: Int16Array, rate: number): Int16Array {
    if (this.#resampler?.fromRate !== rate || this.#toRate !== this.#rate) {
      this.#resampler = new Resampler(rate, this.#rate)
      this.#toRate = this.#rate
    }
    const room = this.#resampler.room(pcm.length)
    if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
    return this.#resampled.first(this.#resampler.process(pcm, pcm.length, this.#resampled.all))
  }
}
