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

interface Leaping {
  due: number
  readonly callback: () => void
  handle: NodeJS.Timeout
}

/**
 * The machine's clock, which a test can put forward: what takes long is over at once, and what must not be over before something else
 * has happened has all the time that a busy machine needs.
 */
export class LeapClock implements Clock {
  #ahead = 0
  readonly #timers = new Set<Leaping>()

  now(): number {
    return Date.now() + this.#ahead
  }

  monotonic(): number {
    return performance.now() + this.#ahead
  }

  after(ms: number, callback: () => void): Timer {
    const timer: Leaping = {
      due: this.monotonic() + ms,
      callback,
      handle: setTimeout(() => this.#fire(timer), ms),
    }
    this.#timers.add(timer)
    return {
      cancel: () => {
        clearTimeout(timer.handle)
        this.#timers.delete(timer)
      },
    }
  }

  /** Puts it forward by `ms`; what falls due is called back in order. */
  leap(ms: number): void {
    const end = this.monotonic() + ms
    for (;;) {
      const next = [...this.#timers].reduce<Leaping | undefined>(
        (first, timer) => (first === undefined || timer.due < first.due ? timer : first),
        undefined,
      )
      if (next === undefined || next.due > end) break
      this.#ahead += Math.max(0, next.due - this.monotonic())
      clearTimeout(next.handle)
      this.#fire(next)
    }
    this.#ahead += Math.max(0, end - this.monotonic())
    for (const timer of this.#timers) {
      clearTimeout(timer.handle)
      timer.handle = setTimeout(() => this.#fire(timer), timer.due - this.monotonic())
    }
  }

  #fire(timer: Leaping): void {
    this.#timers.delete(timer)
    timer.callback()
  }
}
