/** Digits as sound, for a leg that agreed on no telephone-event: the two tones of ITU-T Q.23 at the levels of Q.24. */
import { dtmfFrequencies } from '../formats/tone-script.ts'

/** Peak of the high group; the low group is 2 dB fainter, as telephones send it. -7 dBm0 together, well below clipping. */
const highPeak = 8000
const lowPeak = highPeak * 10 ** (-2 / 20)
/** A ramp of this length at both ends keeps the click out of the neighbouring frequencies. */
const rampMs = 2

/** One digit at a time: `start`, then `read` until it gives less than asked for. */
export class DtmfTones {
  readonly rate: number
  #low = 0
  #high = 0
  #sample = 0
  #length = 0
  #silence = 0

  /** `rate` in Hz. */
  constructor(rate: number) {
    this.rate = rate
  }

  /** Begins a digit of `toneMs` followed by `gapMs` of silence; false if it has no tones (flash, pauses). */
  start(digit: string, toneMs: number, gapMs: number): boolean {
    const pair = dtmfFrequencies.get(digit.toUpperCase())
    if (!pair) return false
    this.#low = (2 * Math.PI * pair[0]) / this.rate
    this.#high = (2 * Math.PI * pair[1]) / this.rate
    this.#sample = 0
    this.#length = Math.round((toneMs * this.rate) / 1000)
    this.#silence = Math.round((gapMs * this.rate) / 1000)
    return true
  }

  /** Whether something is left of the digit or its gap. */
  get isActive(): boolean {
    return this.#sample < this.#length + this.#silence
  }

  /** Fills `into` as far as the digit and its gap go; returns the samples made. */
  read(into: Int16Array): number {
    const total = this.#length + this.#silence
    const ramp = (rampMs * this.rate) / 1000
    let written = 0
    while (written < into.length && this.#sample < total) {
      const n = this.#sample++
      if (n >= this.#length) {
        into[written++] = 0
        continue
      }
      const gain = Math.min(1, (n + 1) / ramp, (this.#length - n) / ramp)
      into[written++] = Math.round(
        gain * (lowPeak * Math.sin(this.#low * n) + highPeak * Math.sin(this.#high * n)),
      )
    }
    return written
  }
}
