/**
 * An INVITE that came: its provisional responses (reliable ones too), its answer with the 2xx repeated until the ACK, or its refusal
 * (RFC 3261 §13.3, §14.2, RFC 3262). Serves the first INVITE of a call and those inside it.
 */
import type { Timer } from '../base/clock.ts'
import type { SipAgent } from './agent.ts'
import type { Dialog } from './dialog.ts'
import type { HeaderLine, SipRequest, SipResponse } from './message.ts'
import { ReliableResponses } from './reliable-responses.ts'
import type { ServerTransaction } from './transaction-server.ts'

/** What goes into a response beside what its request dictates. Headers keep their order. */
export interface ResponseParts {
  readonly reason?: string | undefined
  readonly headers?: readonly HeaderLine[] | undefined
  readonly body?: string | undefined
}

export interface IncomingInviteHandlers {
  /** A CANCEL came in time; 487 was sent. */
  cancelled?(cancel: SipRequest): void
  /** The ACK to our 2xx; it may carry the answer to our offer. */
  acknowledged?(ack: SipRequest): void
  /** No ACK to our 2xx in 64·T1: the call is to be ended with BYE (§13.3.1.4). */
  unacknowledged?(): void
  /** A response could not be sent, no ACK came to a refusal, or no PRACK to a reliable response. */
  failed?(reason: 'timeout' | 'transport'): void
  /** A PRACK came; it was answered with 200. */
  prack?(request: SipRequest): void
}

export class IncomingInvite {
  readonly transaction: ServerTransaction
  /** Set once a response with a tag was sent, or given for an INVITE inside a dialog. */
  dialog: Dialog | undefined
  readonly #agent: SipAgent
  readonly #handlers: IncomingInviteHandlers
  readonly #isFirst: boolean
  #reliable: ReliableResponses | undefined
  #resend: Timer | undefined

  constructor(
    agent: SipAgent,
    transaction: ServerTransaction,
    handlers: IncomingInviteHandlers,
    dialog?: Dialog,
  ) {
    this.#agent = agent
    this.transaction = transaction
    this.#handlers = handlers
    this.dialog = dialog
    this.#isFirst = dialog === undefined
    transaction.handlers = {
      cancelled: (cancel) => {
        this.reject(487)
        handlers.cancelled?.(cancel)
      },
      failed: (reason) => handlers.failed?.(reason),
    }
  }

  get request(): SipRequest {
    return this.transaction.request
  }

  /** Whether the final response was sent. */
  get isAnswered(): boolean {
    return this.transaction.isAnswered
  }

  /**
   * Sends a 1xx. From 101 on it makes the early dialog. `isReliable` has it repeated until its PRACK comes; only for a caller that
   * supports 100rel. Throws SIP_NO_CONTACT when the INVITE has no usable Contact.
   */
  progress(
    status: number,
    parts: ResponseParts & { isReliable?: boolean | undefined } = {},
  ): boolean {
    if (this.isAnswered) return false
    const response = this.#response(status, parts)
    if (status === 100) return this.transaction.send(response)
    const dialog = this.#openDialog('early')
    if (parts.isReliable !== true) return this.transaction.send(response)
    this.#reliable ??= new ReliableResponses(this.#agent, this.transaction, dialog, {
      prack: (request) => this.#handlers.prack?.(request),
      failed: () => {
        this.reject(504)
        this.#handlers.failed?.('timeout')
      },
    })
    this.#reliable.send(response)
    return true
  }

  /** Sends a 2xx, makes or confirms the dialog, and repeats it until the ACK comes. False when the INVITE was answered already. */
  accept(parts: ResponseParts & { status?: number | undefined } = {}): boolean {
    if (this.isAnswered) return false
    this.#reliable?.stop()
    const response = this.#response(parts.status ?? 200, parts)
    const dialog = this.#openDialog('confirmed')
    dialog.state = 'confirmed'
    dialog.awaitAck(this.request.cseq.number, (ack) => {
      this.#resend?.cancel()
      this.#handlers.acknowledged?.(ack)
    })
    const isSent = this.transaction.send(response)
    this.#repeat(response, this.#agent.timers.t1, 0, dialog)
    return isSent
  }

  /** Sends a 3xx to 6xx; the early dialog is over. */
  reject(status: number, parts: ResponseParts = {}): boolean {
    if (this.isAnswered) return false
    this.#reliable?.stop()
    const isSent = this.transaction.send(this.#response(status, parts))
    if (this.#isFirst) this.dialog?.terminate()
    return isSent
  }

  /** Repeats the 2xx no more: the call is over (a BYE was sent or came). */
  stopRepeating(): void {
    this.#resend?.cancel()
    this.dialog?.awaitAck(this.request.cseq.number, undefined)
  }

  #response(status: number, parts: ResponseParts): SipResponse {
    const response = this.transaction.response(status, parts.reason)
    if (parts.headers !== undefined) response.addAll(parts.headers)
    if (parts.body !== undefined) response.body = parts.body
    return response
  }

  #openDialog(state: 'early' | 'confirmed'): Dialog {
    this.dialog ??= this.#agent.answeringDialog(this.transaction, state)
    return this.dialog
  }

  /** §13.3.1.4: after T1, then doubling up to T2, until 64·T1 have passed; over any transport. */
  #repeat(response: SipResponse, pause: number, passed: number, dialog: Dialog): void {
    const { timers, clock, transactions } = this.#agent
    this.#resend = clock.after(pause, () =>
      transactions.guard(() => {
        if (dialog.state === 'terminated') return
        const total = passed + pause
        if (total >= timers.t1x64) {
          this.stopRepeating()
          this.#handlers.unacknowledged?.()
          return
        }
        transactions.counters.retransmissions++
        this.transaction.send(response)
        const next = Math.min(pause * 2, timers.t2, timers.t1x64 - total)
        this.#repeat(response, next, total, dialog)
      }),
    )
  }
}
