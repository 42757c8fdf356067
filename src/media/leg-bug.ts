/** What all media bugs share: a number by which the core speaks of them, a leg that they end with, and how they tell. */
import type { BugReport } from './engine.ts'
import type { Leg, Tenant } from './leg.ts'
import type { LegHost } from './leg-host.ts'

export abstract class LegBug implements Tenant {
  readonly leg: Leg
  readonly number: number
  /** Told once when it is over. */
  onEnd: (() => void) | undefined
  #isOver = false

  constructor(leg: Leg, number: number) {
    this.leg = leg
    this.number = number
    leg.tenants.add(this)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  protected get host(): LegHost {
    return this.leg.host
  }

  /** Takes everything off the leg. */
  protected abstract release(): void

  /** Tells the core what was heard. */
  report(report: BugReport): void {
    this.host.tell({ tell: 'bug report', bug: this.number, report })
  }

  legClosed(): void {
    this.end('closed')
  }

  /** Ends it; `fault` says what went wrong, for the log. */
  end(ended: 'done' | 'stopped' | 'closed' | 'failed', fault?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.leg.tenants.delete(this)
    this.release()
    this.onEnd?.()
    this.host.tell({
      tell: 'bug ended',
      bug: this.number,
      result: fault === undefined ? { ended } : { ended, reason: fault },
    })
  }
}
