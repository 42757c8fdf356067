/** Lines that anybody outside can cause go into the log now and then; what was left out is told with the next. */

export class LogBrake {
  readonly #everyMs: number
  readonly #now: () => number
  readonly #kinds = new Map<string, { at: number; held: number }>()

  constructor(everyMs = 10_000, now: () => number = () => performance.now()) {
    this.#everyMs = everyMs
    this.#now = now
  }

  /** What to add to a line of that kind (nothing, or ` (12 more since the last)`); undefined: it is to be left out. Kinds are few. */
  pass(kind: string): string | undefined {
    const now = this.#now()
    const last = this.#kinds.get(kind)
    if (last && now - last.at < this.#everyMs) {
      last.held++
      return undefined
    }
    this.#kinds.set(kind, { at: now, held: 0 })
    return last && last.held > 0 ? ` (${last.held} more since the last)` : ''
  }
}
