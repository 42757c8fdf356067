/** What looks at a channel's digits before anybody else: keys that start features take them out of the call. */

/** `received`: the party pressed it. `sent`: it is on its way to the party. */
export type DigitWay = 'received' | 'sent'

/** False keeps the digit from whoever it was for. */
export type DigitFilter = (digit: string) => boolean

export class DigitFilters {
  readonly #filters = { received: new Set<DigitFilter>(), sent: new Set<DigitFilter>() }
  readonly #changed: () => void

  /** `changed` is told when a filter comes or goes. */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Filters until disposed. */
  add(way: DigitWay, filter: DigitFilter): Disposable {
    const filters = this.#filters[way]
    filters.add(filter)
    this.#changed()
    return {
      [Symbol.dispose]: () => {
        if (filters.delete(filter)) this.#changed()
      },
    }
  }

  has(way: DigitWay): boolean {
    return this.#filters[way].size > 0
  }

  /** Whether the digit goes on; every filter sees it until one keeps it. */
  passes(way: DigitWay, digit: string): boolean {
    for (const filter of this.#filters[way]) if (!filter(digit)) return false
    return true
  }
}
