/** One queue: its settings and what has come of its callers. */
import type { QueueSettings } from './settings.ts'

/** Callers whose waiting tells how long the next ones will have to. */
const remembered = 20

export class Queue {
  readonly name: string
  settings: QueueSettings
  callsAnswered = 0
  callsAbandoned = 0
  /** When an agent was last seen logged in, and when it was last looked; seconds since the epoch. */
  lastAgent = 0
  lastLook = 0

  /** How long the last callers had to wait, seconds. */
  readonly #waits: number[] = []

  constructor(name: string, settings: QueueSettings) {
    this.name = name
    this.settings = settings
  }

  /** A caller has been answered after so many seconds. */
  noteWait(seconds: number): void {
    this.#waits.push(seconds)
    if (this.#waits.length > remembered) this.#waits.shift()
  }

  /** How long the next one will probably have to wait, whole minutes, the last one begun. */
  get holdMinutes(): number {
    const sum = this.#waits.reduce((total, wait) => total + wait, 0)
    return this.#waits.length === 0 ? 0 : Math.ceil(sum / this.#waits.length / 60)
  }

  /** Whether a caller who joined at `joined` has waited for too long without anybody being logged in. */
  isDeserted(joined: number): boolean {
    const { maxWaitWithoutAgent, graceWithoutAgent } = this.settings
    if (maxWaitWithoutAgent <= 0 || this.lastLook <= this.lastAgent || joined > this.lastLook)
      return false
    if (this.lastLook - this.lastAgent < maxWaitWithoutAgent) return false
    return (
      graceWithoutAgent <= 0 || this.lastLook - joined >= graceWithoutAgent + maxWaitWithoutAgent
    )
  }
}
