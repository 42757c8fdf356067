/** A media bug as the core holds it. */
import type { BugReport, BugResult, Eavesdropping, EavesdropSides } from './engine.ts'
import type { RemoteLeg } from './remote-leg.ts'

/** What a slot tells of the bugs of its worker. */
export type PendingBug = Pick<RemoteBug, 'begun' | 'report' | 'finish' | 'lost'>

let nextNumber = 1

export class RemoteBug implements Eavesdropping {
  readonly number = nextNumber++
  readonly started: Promise<boolean>
  readonly ended: Promise<BugResult>
  readonly report: (report: BugReport) => void
  readonly #leg: RemoteLeg
  #resolveStarted: (didStart: boolean) => void = () => {}
  #resolveEnded: (result: BugResult) => void = () => {}

  constructor(leg: RemoteLeg, report: (report: BugReport) => void = () => undefined) {
    this.#leg = leg
    this.report = report
    this.started = new Promise((resolve) => {
      this.#resolveStarted = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    if (leg.isClosed) this.lost()
    else leg.slot.bugs.set(this.number, this)
  }

  stop(): void {
    const { id, slot } = this.#leg
    slot.send({ ask: 'stop bug', leg: id, bug: this.number })
  }

  whisper(to: EavesdropSides): void {
    const { id, slot } = this.#leg
    slot.send({ ask: 'whisper', leg: id, bug: this.number, to })
  }

  begun(): void {
    this.#resolveStarted(true)
  }

  finish(result: BugResult): void {
    this.#leg.slot.bugs.delete(this.number)
    this.#resolveStarted(false)
    this.#resolveEnded(result)
  }

  /** The leg or its worker is gone. */
  lost(): void {
    this.finish({ ended: 'closed' })
  }
}
