/** Tells whether something that is reported in one way was reported in another way just before: both count as one. */

/** ms after the end of something in which the same, reported another way, is taken for it. */
const window = 500
/** So many are remembered. */
const most = 16

interface Report {
  readonly what: string
  readonly way: string
  /** When it began, or was over. */
  at: number
  /** It still goes on. */
  isOpen: boolean
  /** It was reported the other way, too. */
  isPaired: boolean
}

export class Pairing {
  readonly #reports: Report[] = []

  /** Something begins, or is reported as a whole, at `now` ms. True: it was reported another way before. */
  isSecond(what: string, way: string, now: number, isOpen = false): boolean {
    const first = this.#reports.find(
      (one) =>
        one.what === what &&
        one.way !== way &&
        !one.isPaired &&
        (one.isOpen || now - one.at < window),
    )
    if (first) first.isPaired = true
    else this.#reports.push({ what, way, at: now, isOpen, isPaired: false })
    if (this.#reports.length > most) this.#reports.shift()
    return first !== undefined
  }

  /** What went on by this way is over. */
  ended(way: string, now: number): void {
    for (const one of this.#reports) {
      if (one.way !== way || !one.isOpen) continue
      one.isOpen = false
      one.at = now
    }
  }
}
