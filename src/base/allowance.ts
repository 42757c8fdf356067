/** Bounds how often something is done, or may go wrong, for somebody. */

/** So many times in a window of so many ms, which begins with the first of them. */
export class Allowance {
  readonly #most: number
  readonly #windowMs: number
  #since = Number.NEGATIVE_INFINITY
  #taken = 0

  constructor(most: number, windowMs: number) {
    this.#most = most
    this.#windowMs = windowMs
  }

  /** Counts one; false where it is one too many. */
  takes(now: number): boolean {
    if (this.isOver(now)) {
      this.#since = now
      this.#taken = 0
    }
    return this.#taken++ < this.#most
  }

  /** ms until it takes another one; 0: it does now. */
  waitMs(now: number): number {
    const isSpent = this.#taken >= this.#most && !this.isOver(now)
    return isSpent ? this.#windowMs - (now - this.#since) : 0
  }

  /** Whether its window is: it is as good as new. */
  isOver(now: number): boolean {
    return now - this.#since >= this.#windowMs
  }
}
