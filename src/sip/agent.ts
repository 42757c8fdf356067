/**
 * The user agent core (RFC 3261 §8, §12): what endpoints hold. It owns transport, transactions and dialogs, hands each request to whoever it
 * belongs to, and answers by itself what belongs to nobody.
 */
import { type Clock, systemClock } from '../base/clock.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { Dialog, type DialogHome } from './dialog.ts'
import type { ResolverOptions } from './dns.ts'
import type { Flow, Target } from './flow.ts'
import { newBranch } from './identifiers.ts'
import { type SipMessage, SipRequest, type SipResponse } from './message.ts'
import type { DialogReference } from './refer.ts'
import { type TimerSettings, usualTimers } from './timers.ts'
import type { ClientHandlers, ClientTransaction, RequestOptions } from './transaction-client.ts'
import { TransactionLayer } from './transaction-layer.ts'
import type { ServerTransaction } from './transaction-server.ts'
import { type ListenAddress, type Listener, type TraceHook, Transport } from './transport.ts'
import type { StreamLimits } from './transport-tcp.ts'

const log = logger('sip/agent')

/** Takes requests that belong to no dialog, those of unknown dialogs too. False: not mine, the agent answers. */
export type RequestHandler = (transaction: ServerTransaction) => boolean

export interface AgentOptions {
  readonly listen: readonly ListenAddress[]
  readonly clock?: Clock | undefined
  readonly timers?: Partial<TimerSettings> | undefined
  readonly streamLimits?: Partial<StreamLimits> | undefined
  readonly resolver?: ResolverOptions | undefined
  /** UDP requests longer than this try TCP first, octets (§18.1.1); 0: never. 1300 unless said. */
  readonly udpLimit?: number | undefined
  readonly forceRport?: boolean | undefined
  /** INVITEs that may wait for an answer (`max-proceeding`); 0: no limit. */
  readonly maxProceeding?: number | undefined
  /** Requests taken in one second (`max-recv-requests-per-second`); further ones are dropped. 0: no limit. */
  readonly maxRequestsPerSecond?: number | undefined
  readonly refuseMerged?: boolean | undefined
}

/** Which methods the answer 405 names when nobody set a handler. */
const ownMethods = 'ACK, CANCEL'

export class SipAgent implements DialogHome {
  readonly transport: Transport
  readonly transactions: TransactionLayer
  readonly clock: Clock
  readonly timers: TimerSettings
  readonly #options: AgentOptions
  readonly #dialogs = new Map<string, Dialog>()
  #handler: RequestHandler | undefined
  /** Hears of responses that no transaction wants: late 2xx of forks that were not acknowledged. */
  onStrayResponse: ((response: SipResponse) => void) | undefined
  #second = 0
  #inSecond = 0
  #dropped = 0

  constructor(options: AgentOptions) {
    this.#options = options
    this.clock = options.clock ?? systemClock
    const given = options.timers ?? {}
    const t1 = given.t1 ?? usualTimers.t1
    this.timers = { ...usualTimers, t1x64: 64 * t1, ...given }
    this.transport = new Transport({ ...options, clock: this.clock }, (message) =>
      this.#receive(message),
    )
    this.transactions = new TransactionLayer(
      {
        clock: this.clock,
        timers: this.timers,
        transport: this.transport,
        maxProceeding: options.maxProceeding,
        refuseMerged: options.refuseMerged,
      },
      {
        request: (transaction) => this.#request(transaction),
        ack: (request) => this.#ack(request),
        strayResponse: (response) => this.onStrayResponse?.(response),
      },
    )
  }

  /** Opens the listeners; throws SwitchError NET_ADDRESS_IN_USE … naming the address. */
  start(): Promise<void> {
    return this.transport.start()
  }

  /** Forgets all transactions and dialogs and closes all sockets. */
  async stop(): Promise<void> {
    this.transactions.stop()
    this.#dialogs.clear()
    await this.transport.stop()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  get listeners(): readonly Listener[] {
    return this.transport.listeners
  }

  /** Who takes requests outside of dialogs. */
  onRequest(handler: RequestHandler): void {
    this.#handler = handler
  }

  /** Sees all traffic (siptrace); undefined turns it off. */
  set trace(hook: TraceHook | undefined) {
    this.transport.trace = hook
  }

  #receive(message: SipMessage): void {
    if (message instanceof SipRequest && this.#isFlooded()) return
    const { fault } = message
    if (fault === undefined) {
      this.transactions.receive(message)
      return
    }
    this.transport.counters.faulty++
    const from = message.flow
    if (log.wants(7)) log.debug(`${from?.remoteAddress}:${from?.remotePort}: ${fault.message}`)
    // §21.4.1, as far as there is somebody to answer.
    if (message instanceof SipRequest && fault.status !== undefined)
      this.transactions.answerStateless(message, fault.status, fault.message)
  }

  #isFlooded(): boolean {
    const limit = this.#options.maxRequestsPerSecond ?? 0
    if (limit <= 0) return false
    const second = Math.floor(this.clock.now() / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#inSecond = 0
    }
    if (++this.#inSecond <= limit) return false
    this.#dropped++
    return true
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction
    const { toTag } = request
    if (toTag !== undefined) {
      const dialog = this.#dialogs.get(dialogKey(request.callId, toTag, request.from.tag ?? ''))
      if (dialog !== undefined) {
        dialog.receive(transaction)
        return
      }
    }
    if (this.#handler?.(transaction) === true) return
    if (transaction.isAnswered) return
    // §12.2.2: a request for a dialog that is not there.
    if (toTag !== undefined) transaction.respond(481)
    else transaction.respond(405, { headers: [['Allow', ownMethods]] })
  }

  #ack(request: SipRequest): void {
    const dialog = this.#dialogs.get(
      dialogKey(request.callId, request.toTag ?? '', request.from.tag ?? ''),
    )
    if (dialog === undefined) this.transactions.counters.strayAcks++
    else dialog.receiveAck(request)
  }

  /** Sends a request outside of any dialog (or one that `Dialog` made). Via is added here; everything else must be there. */
  request(
    request: SipRequest,
    handlers: ClientHandlers,
    options: RequestOptions = {},
  ): ClientTransaction {
    return this.transactions.request(request, handlers, options)
  }

  /** Sends an ACK for a 2xx: on its own, without transaction (§13.2.2.4). `sent` gets what went out, and where. */
  sendAck(
    ack: SipRequest,
    target: Target | undefined,
    sent?: (data: Buffer, flow: Flow) => void,
  ): void {
    const failed = (reason: unknown) => log.info(`ACK ${ack.callId}: ${reasonOf(reason)}`)
    const over = (flow: Flow) => {
      const via = `SIP/2.0/${flow.protocol.toUpperCase()} ${flow.viaHost};rport;branch=${newBranch()}`
      if (ack.has('Via')) ack.replaceTopVia(via)
      else ack.prepend('Via', via)
      const data = ack.toBuffer()
      this.transport.send(flow, data, failed)
      sent?.(data, flow)
    }
    const to = (targets: readonly Target[]) => {
      const first = targets[0]
      if (first === undefined) return
      const flow = this.transport.flowTo(first)
      if (flow instanceof Promise) flow.then(over).catch(failed)
      else over(flow)
    }
    try {
      const targets = this.transport.locate(ack, target)
      if (targets instanceof Promise) targets.then(to).catch(failed)
      else to(targets)
    } catch (thrown) {
      failed(thrown)
    }
  }

  addDialog(dialog: Dialog): void {
    this.#dialogs.set(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog)
  }

  removeDialog(dialog: Dialog): void {
    const key = dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag)
    if (this.#dialogs.get(key) === dialog) this.#dialogs.delete(key)
  }

  /** The dialog that a Replaces or Join header means (RFC 3891 §3: its to-tag is ours). */
  findDialog(reference: DialogReference): Dialog | undefined {
    return this.#dialogs.get(dialogKey(reference.callId, reference.toTag, reference.fromTag))
  }

  /** Makes the dialog of a response that is about to be sent; see `Dialog.answering`. */
  answeringDialog(transaction: ServerTransaction, state: 'early' | 'confirmed'): Dialog {
    return Dialog.answering(this, transaction, state)
  }

  /** Makes the dialog of a response that came; see `Dialog.calling`. */
  callingDialog(request: SipRequest, response: SipResponse): Dialog {
    return Dialog.calling(this, request, response)
  }

  /** Figures for status displays and leak tests. */
  counters() {
    const { counters } = this.transactions
    return {
      ...this.transport.counters,
      ...counters,
      clientTransactions: this.transactions.clientCount,
      serverTransactions: this.transactions.serverCount,
      transactions: this.transactions.clientCount + this.transactions.serverCount,
      dialogs: this.#dialogs.size,
      connections: this.transport.connections,
      dropped: this.#dropped,
    }
  }
}

function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`
}
