/** What SRTP remembers of one SSRC: how often its sequence numbers wrapped, and which packets came (RFC 3711 section 3.3). */
import { ReplayWindow } from './replay-window.ts'

/** One RTP stream under one key. */
export class SrtpStream {
  readonly window = new ReplayWindow()
  /** The rollover counter that goes with the highest sequence number so far. */
  #roc: number
  #highest: number

  /** Begins with an index: of the first packet, its sequence number. */
  constructor(roc: number, sequence: number) {
    this.#roc = roc
    this.#highest = sequence
  }

  /** The rollover counter that a packet most likely was sent with (section 3.3.1); -1 or 2^32: outside all counting. */
  rocOf(sequence: number): number {
    if (this.#highest < 0x8000) {
      return sequence - this.#highest > 0x8000 ? this.#roc - 1 : this.#roc
    }
    return this.#highest - 0x8000 > sequence ? this.#roc + 1 : this.#roc
  }

  /** Notes a packet that proved authentic. */
  note(roc: number, sequence: number): void {
    this.window.note(roc * 0x10000 + sequence)
    if (roc > this.#roc || (roc === this.#roc && sequence > this.#highest)) {
      this.#roc = roc
      this.#highest = sequence
    }
  }
}
