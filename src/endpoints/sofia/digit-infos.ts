/** Digits of a call that go out by INFO (`dtmf-type` info): one after the other, so that none overtakes another. */
import type { Call } from './call.ts'

/** Pauses in a string of digits, ms. */
const pauses: Readonly<Record<string, number>> = { w: 500, W: 1000 }
/** As many as wait; more are refused. */
const most = 100

export class DigitInfos {
  readonly #call: Call
  readonly #waiting: { readonly digit: string; readonly ms: number }[] = []
  #isBusy = false

  constructor(call: Call) {
    this.#call = call
  }

  /** Queues digits of `ms` each; false when too many wait already. */
  add(digits: string, ms: number): boolean {
    if (this.#waiting.length + digits.length > most) return false
    for (const digit of digits) this.#waiting.push({ digit, ms })
    if (!this.#isBusy) this.#next()
    return true
  }

  readonly #next = (): void => {
    const next = this.#waiting.shift()
    this.#isBusy = next !== undefined
    if (!next) return
    if (!this.#call.channel.isUp) {
      this.#waiting.length = 0
      this.#isBusy = false
      return
    }
    const pause = pauses[next.digit]
    if (pause !== undefined) {
      setTimeout(this.#next, pause)
      return
    }
    const body = `Signal=${next.digit}\r\nDuration=${Math.round(next.ms)}\r\n`
    const isSent = this.#call.sendInfo('application/dtmf-relay', body, this.#next)
    if (!isSent) this.#next()
  }
}
