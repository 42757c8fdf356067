/**
 * Finds the beep of an answering machine: one steady tone of whatever frequency (`avmd`). Speech, music and the tones of networks,
 * which are two or more at a time, are none.
 */
import { goertzelFactor, goertzelPower, peakAt0dBm0 } from './goertzel.ts'

export interface Beep {
  /** Hz, and the mean squared deviation of what was measured from it. */
  readonly frequency: number
  readonly frequencyVariance: number
  /** Peak, full scale 32768, and its mean squared deviation. */
  readonly amplitude: number
  readonly amplitudeVariance: number
}

/** Blocks of so many ms, ... */
const blockMs = 16
/** ... and so many in a row with the same tone: 112 ms, which hardly any vowel holds. */
const needed = 7
const lowest = 300
const highest = 2700
/** The share of all power that the tone has. */
const purity = 0.86
/** How far blocks may be apart: Hz to Hz, and the louder to the softer. */
const mostDetune = 0.025
const mostSwell = 1.6
/** What is fainter is no beep, -40 dBm0. */
const faintest = peakAt0dBm0 * 10 ** (-40 / 20)

export class BeepDetector {
  readonly #rate: number
  readonly #block: Float64Array
  readonly #frequencies = new Float64Array(needed)
  readonly #amplitudes = new Float64Array(needed)
  #filled = 0
  #run = 0
  /** The beep was told: the next one begins after a pause. */
  #isTold = false

  /** For sound of `rate` Hz. */
  constructor(rate: number) {
    this.#rate = rate
    this.#block = new Float64Array(Math.round((rate * blockMs) / 1000))
  }

  /** The beep that has just been found, once for each. */
  process(pcm: Int16Array): Beep | undefined {
    let found: Beep | undefined
    const block = this.#block
    for (let i = 0; i < pcm.length; i++) {
      block[this.#filled] = pcm[i]!
      if (++this.#filled < block.length) continue
      this.#filled = 0
      found = this.#judge() ?? found
    }
    return found
  }

  #judge(): Beep | undefined {
    if (!this.#measure()) {
      this.#run = 0
      this.#isTold = false
      return undefined
    }
    const at = this.#run % needed
    this.#frequencies[at] = measured.frequency
    this.#amplitudes[at] = measured.amplitude
    // Against the first of the run: a tone that glides is none.
    const first = this.#run < needed ? 0 : (at + 1) % needed
    if (this.#run > 0 && !this.#isLike(first)) {
      this.#run = 1
      this.#frequencies[0] = measured.frequency
      this.#amplitudes[0] = measured.amplitude
      this.#isTold = false
      return undefined
    }
    this.#run++
    if (this.#run < needed || this.#isTold) return undefined
    this.#isTold = true
    const [frequency, frequencyVariance] = meanOf(this.#frequencies)
    const [amplitude, amplitudeVariance] = meanOf(this.#amplitudes)
    return { frequency, frequencyVariance, amplitude, amplitudeVariance }
  }

  #isLike(index: number): boolean {
    const frequency = this.#frequencies[index]!
    const amplitude = this.#amplitudes[index]!
    const swell = measured.amplitude / amplitude
    return (
      Math.abs(measured.frequency - frequency) < frequency * mostDetune &&
      swell < mostSwell &&
      swell > 1 / mostSwell
    )
  }

  /** The frequency and amplitude of the block, if it is one tone. */
  #measure(): boolean {
    const block = this.#block
    const { length } = block
    let energy = 0
    let next = 0
    let second = 0
    for (let i = 0; i < length - 2; i++) {
      energy += block[i]! * block[i]!
      next += block[i]! * block[i + 1]!
      second += block[i]! * block[i + 2]!
    }
    const amplitude = Math.sqrt((2 * energy) / (length - 2))
    if (amplitude < faintest) return false
    // Pisarenko: the frequency of a sine from its correlation with itself one and two samples later, which noise leaves alone.
    const root = second + Math.sqrt(second * second + 8 * next * next)
    const cosine = next === 0 ? 0 : Math.min(1, Math.max(-1, root / (4 * next)))
    const frequency = (Math.acos(cosine) * this.#rate) / (2 * Math.PI)
    if (!(frequency >= lowest && frequency <= highest)) return false
    const power = goertzelPower(block, 0, length, goertzelFactor(frequency, this.#rate))
    if ((2 * power) / (length * energy) < purity) return false
    measured.frequency = frequency
    measured.amplitude = amplitude
    return true
  }
}

/** What `#measure` found: a result without an object for each block. */
const measured = { frequency: 0, amplitude: 0 }

function meanOf(values: Float64Array): readonly [mean: number, variance: number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  return [mean, variance]
}
