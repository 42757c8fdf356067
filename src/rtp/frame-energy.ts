/** Sound cut into frames of one length, each with its loudness: what detectors of speech and silence look at. */

/** ms of a frame. */
export const energyFrameMs = 20

export class FrameEnergy {
  readonly #length: number
  readonly #scale: number
  readonly #frame: (score: number) => void
  #filled = 0
  #sum = 0

  /**
   * For sound of `rate` Hz. `frame` is told the mean amplitude of each frame on FreeSWITCH's scale, which is that of 8 kHz: the
   * same sound at 16 kHz scores twice.
   */
  constructor(rate: number, frame: (score: number) => void) {
    this.#length = Math.round((rate * energyFrameMs) / 1000)
    this.#scale = Math.max(1, Math.floor(rate / 8000)) / this.#length
    this.#frame = frame
  }

  process(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i++) {
      this.#sum += Math.abs(pcm[i]!)
      if (++this.#filled < this.#length) continue
      const score = this.#sum * this.#scale
      this.#filled = 0
      this.#sum = 0
      this.#frame(score)
    }
  }
}
