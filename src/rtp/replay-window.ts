/** Which packets came already: for SRTP (RFC 3711 section 3.3.2) and DTLS (RFC 6347 section 4.1.2.6). */

/** The window in words of 32 packets; one word is always being refilled, so that 992 packets may be out of order. */
const windowWords = 32
const windowLength = windowWords * 32

/** Which of the last indexes were seen. An index is a whole number below 2^48. */
export class ReplayWindow {
  readonly #seen = new Int32Array(windowWords)
  #highest = -1

  /** Whether the index came before, or is too old to tell. */
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
