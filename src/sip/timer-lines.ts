/**
 * Timers for transactions. Those that run equally long stand in one line, first come first served, and one timer of the clock serves
 * the line: a busy agent has tens of thousands of transactions that wait for 64·T1.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { TimerName } from './timers.ts'

/** Whoever starts timers here; told when one ran out. */
export interface TimerOwner {
  timedOut(name: TimerName): void
}

/** A timer that runs, or did. */
export class LineTimer implements Timer {
  readonly owner: TimerOwner
  readonly name: TimerName
  /** When it falls due, ms on the lines' own time. */
  readonly due: number
  line: Line | undefined
  previous: LineTimer | undefined
  next: LineTimer | undefined

  constructor(line: Line, owner: TimerOwner, name: TimerName, due: number) {
    this.line = line
    this.owner = owner
    this.name = name
    this.due = due
  }

  cancel(): void {
    this.line?.remove(this)
  }
}

/** The timers of one length. */
class Line {
  readonly #ms: number
  readonly #clock: Clock
  #first: LineTimer | undefined
  #last: LineTimer | undefined
  #alarm: Timer | undefined

  constructor(clock: Clock, ms: number) {
    this.#clock = clock
    this.#ms = ms
  }

  /** A clock on the wall may be put back; waiting must not grow by that. */
  #now(): number {
    return this.#clock.monotonic?.() ?? this.#clock.now()
  }

  add(owner: TimerOwner, name: TimerName): LineTimer {
    const timer = new LineTimer(this, owner, name, this.#now() + this.#ms)
    timer.previous = this.#last
    if (this.#last === undefined) this.#first = timer
    else this.#last.next = timer
    this.#last = timer
    this.#alarm ??= this.#clock.after(this.#ms, () => this.#ring())
    return timer
  }

  remove(timer: LineTimer): void {
    const { previous, next } = timer
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    timer.line = undefined
    timer.previous = undefined
    timer.next = undefined
    if (this.#first !== undefined) return
    this.#alarm?.cancel()
    this.#alarm = undefined
  }

  /** All that are due, and the alarm set for the next. An alarm may ring a millisecond early. */
  #ring(): void {
    this.#alarm = undefined
    const now = this.#now()
    for (let first = this.#first; first && first.due < now + 1; first = this.#first) {
      this.remove(first)
      first.owner.timedOut(first.name)
    }
    const next = this.#first
    if (next !== undefined)
      this.#alarm ??= this.#clock.after(Math.ceil(next.due - now), () => this.#ring())
  }
}

export class TimerLines {
  readonly #clock: Clock
  readonly #lines = new Map<number, Line>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Tells `owner` in `ms`. */
  after(ms: number, owner: TimerOwner, name: TimerName): LineTimer {
    let line = this.#lines.get(ms)
    if (line === undefined) {
      line = new Line(this.#clock, ms)
      this.#lines.set(ms, line)
    }
    return line.add(owner, name)
  }
}
