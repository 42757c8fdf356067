/** A clock that only moves when a test moves it. */
import type { Clock, Timer } from '../../src/base/clock.ts'

interface Due {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

export class FakeClock implements Clock {
  #now: number
  #order = 0
  readonly #due = new Set<Due>()

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): Timer {
    const due: Due = { at: this.#now + ms, order: this.#order++, callback }
    this.#due.add(due)
    return { cancel: () => void this.#due.delete(due) }
  }

  /** How many timers are running. */
  get running(): number {
    return this.#due.size
  }

  /** Moves on by `ms`, calling back everything that falls due, in order. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const next = this.#next(end)
      if (next === undefined) break
      this.#due.delete(next)
      this.#now = next.at
      next.callback()
    }
    this.#now = end
  }

  #next(end: number): Due | undefined {
    let best: Due | undefined
    for (const due of this.#due) {
      if (due.at > end) continue
      if (best === undefined || due.at < best.at || (due.at === best.at && due.order < best.order))
        best = due
    }
    return best
  }
}
