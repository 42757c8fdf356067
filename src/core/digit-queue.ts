/** Digits that a party has pressed and no application has taken yet. */

export interface Digit {
  readonly digit: string
  /** In samples at 8 kHz (2000 is 250 ms). */
  readonly duration: number
  readonly source: 'RTP' | 'INBAND_AUDIO' | 'ENDPOINT' | 'APP' | 'UNKNOWN'
  /** It goes on as tones within the sound: it is shown, and nobody takes it. */
  readonly isConverted?: boolean
}

/** As many as FreeSWITCH keeps; older ones stay, newer are lost. */
const limit = 100

export class DigitQueue {
  #digits: Digit[] = []
  /** Every digit since the call began (`digits_dialed`). */
  dialed = ''
  dropped = 0

  add(digit: Digit): void {
    this.dialed += digit.digit
    if (this.#digits.length >= limit) this.dropped++
    else this.#digits.push(digit)
  }

  take(): Digit | undefined {
    return this.#digits.shift()
  }

  flush(): number {
    const count = this.#digits.length
    this.#digits = []
    return count
  }

  get length(): number {
    return this.#digits.length
  }
}
