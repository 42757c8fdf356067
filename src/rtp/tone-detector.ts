/** Finds tones of given frequencies: `tone_detect`, `fax_detect`, and the tones of telephone networks. */
import { SwitchError } from '../base/errors.ts'
import { goertzelFactor, goertzelPower, peakAt0dBm0 } from './goertzel.ts'

export interface ToneSettings {
  /** All of them must sound together, Hz. */
  readonly frequencies: readonly number[]
  /** How often the tone must be found; default 1. */
  readonly hits?: number
  /** After each time nothing is looked for for so long, so that one long tone is counted each time anew; ms, default 500. */
  readonly restMs?: number
  /** A tone counts once, however long it sounds. */
  readonly countsBeginnings?: boolean
  /** Without another one after so long, counting begins anew; ms, default 5000. */
  readonly expiresMs?: number
}

/** The shortest block, ms: wide enough for tones that are 38 Hz off. */
const blockMs = 16
/** Blocks must be so many times longer than one turn of the difference of two tones to tell them apart. */
const turns = 2.5
/** A tone must last so long to be one, ms. */
const leastMs = 64
/** Tones are looked for as far as this share above and below their frequency, too. */
const tolerance = 0.018
/** The share of all power that the tones have together, and that the faintest of them has. */
const purity = 0.75
const leastShare = 0.08
/** What is fainter is no tone, -42 dBm0. */
const faintest = (peakAt0dBm0 * 10 ** (-42 / 20)) ** 2

export class ToneDetector {
  /** How often the tone was found since counting began. */
  hits = 0
  /** Whether it sounds at the moment. */
  isSounding = false
  readonly #wanted: number
  readonly #rest: number
  readonly #expires: number
  readonly #countsBeginnings: boolean
  #hasCounted = false
  readonly #block: Float64Array
  readonly #window: Float64Array
  /** Σw and Σw² of the window: what a sine's power and energy are multiplied with. */
  readonly #windowSum: number
  readonly #windowEnergy: number
  /** For each frequency, factors of it and of those beside it. */
  readonly #factors: readonly (readonly number[])[]
  readonly #needed: number
  #filled = 0
  #run = 0
  /** Samples until it listens again, and until the hits so far are forgotten. */
  #resting = 0
  #expiring = 0

  /** For sound of `rate` Hz. Throws SwitchError TONE_BAD_SPEC for a frequency that such sound cannot hold. */
  constructor(rate: number, settings: ToneSettings) {
    const { frequencies } = settings
    if (frequencies.length === 0 || frequencies.some((frequency) => frequency >= rate / 2)) {
      throw new SwitchError(
        'TONE_BAD_SPEC',
        `sound of ${rate} Hz holds no tone of ${frequencies.join(',')} Hz`,
      )
    }
    this.#wanted = settings.hits ?? 1
    this.#rest = ((settings.restMs ?? 500) * rate) / 1000
    this.#countsBeginnings = settings.countsBeginnings ?? false
    this.#expires = ((settings.expiresMs ?? 5000) * rate) / 1000
    const length = Math.round(
      Math.max((rate * blockMs) / 1000, (rate * turns) / spacing(frequencies)),
    )
    this.#block = new Float64Array(length)
    this.#window = Float64Array.from(
      { length },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length),
    )
    this.#windowSum = this.#window.reduce((sum, value) => sum + value, 0)
    this.#windowEnergy = this.#window.reduce((sum, value) => sum + value * value, 0)
    this.#factors = frequencies.map((frequency) =>
      [1 - tolerance, 1, 1 + tolerance].map((part) => goertzelFactor(frequency * part, rate)),
    )
    this.#needed = Math.max(2, Math.ceil((rate * leastMs) / 1000 / length))
  }

  /** True once the tone was found as often as wanted; counting then begins anew. */
  process(pcm: Int16Array): boolean {
    let isFound = false
    for (let i = 0; i < pcm.length; i++) {
      this.#block[this.#filled] = pcm[i]! * this.#window[this.#filled]!
      if (++this.#filled < this.#block.length) continue
      this.#filled = 0
      if (this.#judge(this.#isInBlock())) isFound = true
    }
    return isFound
  }

  #judge(isInBlock: boolean): boolean {
    this.#run = isInBlock ? this.#run + 1 : 0
    this.isSounding = this.#run >= this.#needed
    const { length } = this.#block
    if (this.#resting > 0) this.#resting -= length
    if (this.#expiring > 0) {
      this.#expiring -= length
      if (this.#expiring <= 0) this.hits = 0
    }
    if (!this.isSounding) this.#hasCounted = false
    if (!this.isSounding || this.#resting > 0) return false
    if (this.#countsBeginnings && this.#hasCounted) return false
    this.#hasCounted = true
    this.hits++
    this.#resting = this.#rest
    this.#expiring = this.#expires
    if (this.hits < this.#wanted) return false
    this.hits = 0
    return true
  }

  #isInBlock(): boolean {
    const block = this.#block
    let energy = 0
    for (let i = 0; i < block.length; i++) energy += block[i]! * block[i]!
    if (energy < (faintest / 2) * this.#windowEnergy) return false
    // Powers as the energy that a sine of such power would have.
    const scale = (2 * this.#windowEnergy) / this.#windowSum ** 2
    let sum = 0
    for (const factors of this.#factors) {
      let power = 0
      for (const factor of factors) {
        power = Math.max(power, goertzelPower(block, 0, block.length, factor))
      }
      if (power * scale < leastShare * energy) return false
      sum += power * scale
    }
    return sum >= purity * energy
  }
}

/** The least difference between two of the frequencies, Hz. */
function spacing(frequencies: readonly number[]): number {
  const sorted = [...frequencies].sort((a, b) => a - b)
  return sorted.reduce(
    (least, frequency, i) =>
      i === 0 ? least : Math.min(least, Math.max(1, frequency - sorted[i - 1]!)),
    Number.POSITIVE_INFINITY,
  )
}
