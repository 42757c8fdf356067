/** Measures loudness second by second (`sound_test`). */

/** ms of a frame, whose highest amplitude counts. */
const frameMs = 20

export class LevelMeter {
  readonly #frame: number
  readonly #second: number
  readonly #told: (average: number, peak: number) => void
  #samples = 0
  #sum = 0
  #peak = 0
  #peaks = 0

  /** For sound of `rate` Hz; `told` gets the mean amplitude of each second and the mean of its frames' highest. */
  constructor(rate: number, told: (average: number, peak: number) => void) {
    this.#frame = Math.round((rate * frameMs) / 1000)
    this.#second = this.#frame * (1000 / frameMs)
    this.#told = told
  }

  process(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i++) {
      const amplitude = Math.abs(pcm[i]!)
      this.#sum += amplitude
      if (amplitude > this.#peak) this.#peak = amplitude
      this.#samples++
      if (this.#samples % this.#frame !== 0) continue
      this.#peaks += this.#peak
      this.#peak = 0
      if (this.#samples < this.#second) continue
      this.#told(this.#sum / this.#second, (this.#peaks * this.#frame) / this.#second)
      this.#samples = 0
      this.#sum = 0
      this.#peaks = 0
    }
  }
}
