/** Ends a recording when nobody has spoken for long enough: before the first word, or after the last. */
import { tickMs } from './ticker.ts'

export interface SpeechRules {
  /** Mean amplitude below which a frame is silent, on FreeSWITCH's scale: that of 8 kHz. */
  readonly threshold: number
  /** ms of silence that end it before anything was said, and after; 0 never. */
  readonly initialMs: number
  readonly finalMs: number
}

export class SpeechWatch {
  readonly #rules: SpeechRules
  readonly #length: number
  readonly #energy: Float64Array
  #filled = 0
  #quietMs = 0
  /** Whether somebody was heard. */
  hasSpoken = false

  /** Over sound of so many channels at `rate` Hz. */
  constructor(rules: SpeechRules, rate: number, channels: number) {
    this.#rules = rules
    this.#length = Math.round((rate * tickMs) / 1000)
    this.#energy = new Float64Array(channels)
  }

  /** Whether the silence has lasted long enough after `count` more samples, interleaved if there are two channels. */
  hears(pcm: Int16Array, count: number): boolean {
    const channels = this.#energy.length
    for (let i = 0; i < count; i++) {
      for (let channel = 0; channel < channels; channel++)
        this.#energy[channel]! += Math.abs(pcm[i * channels + channel]!)
      if (++this.#filled === this.#length && this.#frame()) return true
    }
    return false
  }

  /** A frame is silent when all of its channels are. */
  #frame(): boolean {
    const { threshold, initialMs, finalMs } = this.#rules
    // By a fixed number of samples, whatever the rate: the scale is that of 8 kHz.
    const most = Math.max(...this.#energy) / ((8000 * tickMs) / 1000)
    this.#energy.fill(0)
    this.#filled = 0
    if (most >= threshold) {
      this.hasSpoken = true
      this.#quietMs = 0
      return false
    }
    this.#quietMs += tickMs
    const limit = this.hasSpoken ? finalMs : initialMs
    return limit > 0 && this.#quietMs >= limit
  }
}
