/** What SRTP remembers of one SSRC: how often its sequence numbers wrapped, and which packets came (RFC 3711 section 3.3). */

/** The window in words of 32 packets; one word is always being refilled, so that 992 packets may be out of order. */
const windowWords = 32
const windowLength = windowWords * 32

/** Which of the last indexes were seen. An index is a whole number below 2^48. */
export class ReplayWindow {
  readonly #seen = new Int32Array(windowWords)
  #highest = -1

  /** Whether the index came before, or is too old to tell (section 3.3.2). */
  isReplayed(index: number): boolean {
    if (index > this.#highest) return false
    // The oldest word may hold newer packets already: only what lies wholly within the window can be told.
    if (this.#highest - index > windowLength - 32) return true
    return (this.#seen[wordOf(index)]! & (1 << (index & 31))) !== 0
  }

  /** Notes an index whose packet proved authentic. */
  note(index: number): void {
    const ahead = Math.floor(index / 32) - Math.floor(this.#highest / 32)
    for (let i = Math.min(ahead, windowWords); i > 0; i--) {
      this.#seen[wordOf(index - (i - 1) * 32)] = 0
    }
    if (index > this.#highest) this.#highest = index
    this.#seen[wordOf(index)]! |= 1 << (index & 31)
  }
}

function wordOf(index: number): number {
  // Bit operators take the lowest 32 bits, whatever the size.
  return (index >>> 5) & (windowWords - 1)
}

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
