/** What client and server transactions share: the state, the timers and the octets to send again. */
import type { Flow } from './flow.ts'
import type { LineTimer, TimerOwner } from './timer-lines.ts'
import { isResendTimer, type TimerName, timerLength } from './timers.ts'
import type { TransactionLayer } from './transaction-layer.ts'

/** Runs one transaction's table. Subclasses turn effects into deeds. */
export abstract class TransactionRunner implements TimerOwner {
  protected readonly layer: TransactionLayer
  /** The last message sent, for sending again. */
  protected data: Buffer | undefined
  protected flow: Flow | undefined
  #resend: LineTimer | undefined
  #end: LineTimer | undefined
  #round = 0

  constructor(layer: TransactionLayer) {
    this.layer = layer
  }

  /** A timer that ran out. */
  protected abstract fired(name: TimerName): void

  /** The same, from outside: nothing may escape. */
  timedOut(name: TimerName): void {
    this.layer.guard(() => this.fired(name))
  }

  /** A transaction has at most one timer that sends again and one that ends a state; so two places hold them all. */
  protected startTimer(name: TimerName, isSlow = false): void {
    const { timers } = this.layer
    const isReliable = this.flow?.isReliable ?? false
    const isResend = isResendTimer(name)
    const ms = timerLength(name, timers, isReliable, isSlow ? 30 : isResend ? this.#round++ : 0)
    if (ms === undefined) return
    if (ms === 0) {
      this.fired(name)
      return
    }
    const timer = this.layer.lines.after(ms, this, name)
    if (isResend) {
      this.#resend?.cancel()
      this.#resend = timer
    } else {
      this.#end?.cancel()
      this.#end = timer
    }
  }

  protected stopTimer(name: TimerName): void {
    if (isResendTimer(name)) {
      this.#resend?.cancel()
      this.#resend = undefined
      this.#round = 0
    } else {
      this.#end?.cancel()
      this.#end = undefined
    }
  }

  protected stopTimers(): void {
    this.#resend?.cancel()
    this.#end?.cancel()
    this.#resend = undefined
    this.#end = undefined
    this.#round = 0
  }

  /** Ends without a word to anybody: the agent stops. */
  abandon(): void {
    this.stopTimers()
  }
}
