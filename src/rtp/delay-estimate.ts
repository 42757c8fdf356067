/** How unevenly packets come: the delay that most of them need beyond the quickest. */

/** The quickest packet is looked for in the running and the last window, so that it follows clocks that differ. */
const windowMs = 4000
/** Counts of delays, in steps of this many ms; further ones fall into the last. */
const binMs = 5
const bins = 400
/** After so many packets all counts are halved: what was long ago weighs little. */
const halfLife = 400
/** The share of packets that shall be in time. */
const share = 0.98
/** How many packets the share is worked out for at once. */
const refresh = 8

export class DelayEstimate {
  /** Transit time of the quickest packet; only differences of transit times mean anything. ms. */
  base = 0
  /** The delay beyond `base` with which 98 of 100 packets are there, ms. */
  needed = 0
  #hasAny = false
  #lowest = 0
  #lowestBefore = 0
  #windowStart = 0
  readonly #counts = new Float64Array(bins)
  #total = 0
  #sinceHalved = 0
  #sinceRefresh = 0

  /** Forgets everything: another sender. */
  reset(): void {
    this.#hasAny = false
    this.#counts.fill(0)
    this.#total = 0
    this.#sinceHalved = 0
    this.#sinceRefresh = 0
    this.needed = 0
  }

  /** The clock of the sender jumped: delays are measured anew, how much they vary is still known. */
  rebase(): void {
    this.#hasAny = false
  }

  /** A packet that was sent at `sent` ms by its own clock and came at `now` ms. Its delay beyond `base`. */
  packet(sent: number, now: number): number {
    const transit = now - sent
    this.#findBase(transit, now)
    const delay = transit - this.base
    this.#counts[Math.min(bins - 1, Math.floor(delay / binMs))]! += 1
    this.#total++
    if (++this.#sinceHalved >= halfLife) this.#halve()
    if (++this.#sinceRefresh >= refresh || this.#total < refresh) this.#refresh()
    return delay
  }

  /** How far a packet's transit lies from the base: more than seconds is a jump of the sender's clock. 0 for the first. */
  deviation(sent: number, now: number): number {
    return this.#hasAny ? now - sent - this.base : 0
  }

  #findBase(transit: number, now: number): void {
    if (!this.#hasAny) {
      this.#hasAny = true
      this.#lowest = transit
      this.#lowestBefore = transit
      this.#windowStart = now
    } else if (now - this.#windowStart >= windowMs) {
      this.#windowStart = now
      this.#lowestBefore = this.#lowest
      this.#lowest = transit
    } else if (transit < this.#lowest) this.#lowest = transit
    this.base = Math.min(this.#lowest, this.#lowestBefore)
  }

  #halve(): void {
    this.#sinceHalved = 0
    for (let i = 0; i < bins; i++) this.#counts[i]! /= 2
    this.#total /= 2
  }

  #refresh(): void {
    this.#sinceRefresh = 0
    const allowed = this.#total * (1 - share)
    let beyond = 0
    let bin = bins - 1
    for (; bin > 0; bin--) {
      beyond += this.#counts[bin]!
      if (beyond > allowed) break
    }
    this.needed = bin === 0 ? 0 : (bin + 1) * binMs
  }
}
