/** Finds DTMF digits in sound (ITU-T Q.23 and Q.24): `start_dtmf` and in-band digits. */
import { goertzelFactor, goertzelPower, peakAt0dBm0 } from './goertzel.ts'

const lowFrequencies = [697, 770, 852, 941] as const
const highFrequencies = [1209, 1336, 1477, 1633] as const
const digits = '123A456B789C*0#D'

/** 102 samples at 8 kHz: long enough to tell 697 from 770 Hz, short enough for frequencies 1.8 % off. */
const blockSeconds = 102 / 8000
/** So many blocks begin in the length of one. */
const overlap = 3
/** 29 ms of tone fill so many blocks whichever way they fall, 23 ms never do (Q.24). */
const hitsToBegin = 5
/** So many make a digit likely: rare in speech, and early enough to take the tone out of it. */
const hitsToSuspect = 2
/** So many without the digit end it: a drop-out of 10 ms does not make two of one, a pause of 40 ms does. */
const missesToEnd = 6
/** The fainter tone has at least this level. Q.24 lets detectors ignore what is below -42 dBm0 or so. */
const faintest = (peakAt0dBm0 * 10 ** (-42 / 20)) ** 2
/** The low tone may be 8 dB stronger than the high one, and the high one 4 dB stronger: networks damp high tones. */
const normalTwist = 10 ** 0.85
const reverseTwist = 10 ** 0.45
/** Each tone stands out of the others of its group by 8 dB. */
const standOut = 10 ** 0.8
/** The share of all power that the two tones have. Speech, which is rich in other tones, hardly ever reaches it. */
const purity = 0.78

/** A digit that is over; `duration` in samples at 8 kHz whatever the rate was. */
export interface HeardDigit {
  readonly digit: string
  readonly duration: number
}

export class DtmfDetector {
  /** The digit that sounds now; empty: none. */
  digit = ''
  readonly rate: number
  readonly #heard: (digit: HeardDigit) => void
  readonly #hop: number
  readonly #block: Float64Array
  readonly #lowFactors: readonly number[]
  readonly #highFactors: readonly number[]
  #filled = 0
  /** What the last blocks said, how often in a row; blocks since the digit was last heard, and since it began. */
  #last = ''
  #hits = 0
  #misses = 0
  #length = 0

  /** For sound of `rate` Hz. `heard` is called when a digit ends. */
  constructor(rate: number, heard: (digit: HeardDigit) => void) {
    this.rate = rate
    this.#heard = heard
    this.#hop = Math.round((rate * blockSeconds) / overlap)
    this.#block = new Float64Array(this.#hop * overlap)
    this.#lowFactors = lowFrequencies.map((frequency) => goertzelFactor(frequency, rate))
    this.#highFactors = highFrequencies.map((frequency) => goertzelFactor(frequency, rate))
  }

  /** Whether a digit sounds, or something that may become one within some ms. */
  get isLikely(): boolean {
    return this.digit !== '' || this.#hits >= hitsToSuspect
  }

  process(pcm: Int16Array): void {
    const block = this.#block
    for (let i = 0; i < pcm.length; i++) {
      block[this.#filled++] = pcm[i]!
      if (this.#filled < block.length) continue
      this.#judge(this.#digitInBlock())
      block.copyWithin(0, this.#hop)
      this.#filled -= this.#hop
    }
  }

  /** The sound is over: a digit that still sounds ends with it. */
  finish(): void {
    if (this.digit !== '') this.#end(this.#misses)
    this.#filled = 0
    this.#last = ''
    this.#hits = 0
  }

  #judge(found: string): void {
    this.#hits = found !== '' && found === this.#last ? this.#hits + 1 : found === '' ? 0 : 1
    this.#last = found
    if (this.digit !== '') {
      this.#length++
      this.#misses = found === this.digit ? 0 : this.#misses + 1
      if (this.#misses < missesToEnd && !(this.#hits >= hitsToBegin && found !== this.digit)) return
      this.#end(this.#misses)
    }
    if (this.#hits >= hitsToBegin) {
      this.digit = found
      this.#length = this.#hits
      this.#misses = 0
    }
  }

  #end(silent: number): void {
    const { digit } = this
    this.digit = ''
    // n blocks that begin a hop apart last n + 2 hops; the first and the last are two thirds full at the least.
    const samples = (this.#length - silent) * this.#hop
    this.#heard({ digit, duration: Math.round((samples * 8000) / this.rate) })
  }

  /** The digit in the block, or '' if it is no clear one. */
  #digitInBlock(): string {
    const block = this.#block
    const { length } = block
    let energy = 0
    for (let i = 0; i < length; i++) energy += block[i]! * block[i]!
    // A sine of peak p has the energy p²·n/2, and the power (p·n/2)² at its frequency.
    const least = faintest * (length / 2) ** 2
    if (energy * length < least * 2) return ''
    const low = strongest(block, this.#lowFactors)
    if (low < 0) return ''
    const lowPower = strongestPower
    const high = strongest(block, this.#highFactors)
    if (high < 0) return ''
    const highPower = strongestPower
    if (Math.min(lowPower, highPower) < least) return ''
    if (lowPower > highPower * normalTwist || highPower > lowPower * reverseTwist) return ''
    if ((lowPower + highPower) * 2 < purity * energy * length) return ''
    return digits[low * 4 + high] ?? ''
  }
}

/** The power of what `strongest` found: a second result without an object for each block. */
let strongestPower = 0

/** Which of the frequencies is by far the strongest; -1 none. */
function strongest(block: Float64Array, factors: readonly number[]): number {
  let best = 0
  let bestPower = -1
  let second = 0
  for (let i = 0; i < factors.length; i++) {
    const power = goertzelPower(block, 0, block.length, factors[i]!)
    if (power > bestPower) {
      second = bestPower
      bestPower = power
      best = i
    } else if (power > second) second = power
  }
  strongestPower = bestPower
  return bestPower > second * standOut ? best : -1
}
