/** Provisional responses that must arrive: RSeq, repeated until PRACK, one at a time (RFC 3262 §3). */
import type { Timer } from '../base/clock.ts'
import type { SipAgent } from './agent.ts'
import type { Dialog } from './dialog.ts'
import type { SipRequest, SipResponse } from './message.ts'
import type { ServerTransaction } from './transaction-server.ts'

export interface ReliableHandlers {
  prack(request: SipRequest): void
  /** No PRACK came in 64·T1. */
  failed(): void
}

export class ReliableResponses {
  readonly #agent: SipAgent
  readonly #transaction: ServerTransaction
  readonly #dialog: Dialog
  readonly #handlers: ReliableHandlers
  readonly #waiting: SipResponse[] = []
  #sequence = 1 + Math.floor(Math.random() * 0x7fff)
  #timer: Timer | undefined

  constructor(
    agent: SipAgent,
    transaction: ServerTransaction,
    dialog: Dialog,
    handlers: ReliableHandlers,
  ) {
    this.#agent = agent
    this.#transaction = transaction
    this.#dialog = dialog
    this.#handlers = handlers
    dialog.prackTaker = (prack) => this.#prack(prack)
  }

  /** Sends a response, or keeps it until the one before it was acknowledged. */
  send(response: SipResponse): void {
    const required = response.list('Require')
    if (!required.some((one) => one.toLowerCase() === '100rel'))
      response.set('Require', [...required, '100rel'].join(', '))
    this.#waiting.push(response)
    if (this.#waiting.length === 1) this.#begin(response)
  }

  #begin(response: SipResponse): void {
    response.set('RSeq', String(this.#sequence))
    this.#transaction.send(response)
    this.#repeat(response, this.#agent.timers.t1, 0)
  }

  /** §3: as T1 doubling without a bound, until 64·T1. */
  #repeat(response: SipResponse, pause: number, passed: number): void {
    const { timers, clock, transactions } = this.#agent
    this.#timer = clock.after(pause, () =>
      transactions.guard(() => {
        const total = passed + pause
        if (total >= timers.t1x64) {
          this.stop()
          this.#handlers.failed()
          return
        }
        transactions.counters.retransmissions++
        this.#transaction.send(response)
        this.#repeat(response, Math.min(pause * 2, timers.t1x64 - total), total)
      }),
    )
  }

  #prack(transaction: ServerTransaction): boolean {
    const { request } = transaction
    const [sequence, number, method] = (request.get('RAck') ?? '').trim().split(/\s+/)
    const invite = this.#transaction.request.cseq
    const isOurs =
      this.#waiting.length > 0 &&
      Number(sequence) === this.#sequence &&
      Number(number) === invite.number &&
      method === 'INVITE'
    if (!isOurs) {
      transaction.respond(481)
      return true
    }
    this.#timer?.cancel()
    this.#waiting.shift()
    this.#sequence++
    transaction.respond(200)
    const next = this.#waiting[0]
    if (next !== undefined) this.#begin(next)
    this.#handlers.prack(request)
    return true
  }

  /** Repeats nothing more; a final response was sent. */
  stop(): void {
    this.#timer?.cancel()
    this.#waiting.length = 0
    this.#dialog.prackTaker = undefined
  }
}
