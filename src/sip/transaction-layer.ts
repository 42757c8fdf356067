/** Keeps all transactions of an agent and finds the one a message belongs to (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2). */
import type { Clock } from '../base/clock.ts'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Flow } from './flow.ts'
import { magicCookie } from './identifiers.ts'
import { type SipMessage, SipRequest, SipResponse } from './message.ts'
import { responseTo } from './response.ts'
import { flatText } from './text.ts'
import { TimerLines } from './timer-lines.ts'
import type { TimerSettings } from './timers.ts'
import {
  type ClientHandlers,
  ClientTransaction,
  type RequestOptions,
} from './transaction-client.ts'
import { ServerRunner, type ServerTransaction } from './transaction-server.ts'
import type { Transport } from './transport.ts'
import { canAnswer } from './validate.ts'

const log = logger('sip/transaction')

/** What stands above the transactions. */
export interface TransactionUser {
  /** A new request, any method but ACK. */
  request(transaction: ServerTransaction): void
  /** An ACK that belongs to no transaction: that to a 2xx, or a stray one. */
  ack(request: SipRequest): void
  /** A response that belongs to no transaction. A 2xx to an INVITE may be a late fork. */
  strayResponse(response: SipResponse): void
}

export interface LayerOptions {
  readonly clock: Clock
  readonly timers: TimerSettings
  readonly transport: Transport
  /** How many INVITEs may wait for their final response; further ones get 503 (`max-proceeding`). 0: no limit. */
  readonly maxProceeding?: number | undefined
  /** Whether the same request coming by two ways is refused with 482 (§8.2.2.2). */
  readonly refuseMerged?: boolean | undefined
}

export class TransactionLayer {
  readonly clock: Clock
  readonly timers: TimerSettings
  readonly lines: TimerLines
  readonly transport: Transport
  readonly counters = {
    retransmissions: 0,
    /** Events that no cell of a table wanted. */
    ignored: 0,
    timeouts: 0,
    transportErrors: 0,
    strayResponses: 0,
    strayAcks: 0,
    merged: 0,
    refusedBusy: 0,
  }
  /** INVITEs that were not answered yet. */
  invitePending = 0
  readonly #user: TransactionUser
  readonly #options: LayerOptions
  readonly #clients = new Map<string, ClientTransaction>()
  /** All that live, those without a key too. */
  readonly #live = new Set<ClientTransaction>()
  readonly #servers = new Map<string, ServerRunner>()
  readonly #merges = new Map<string, ServerRunner>()
  #isStopped = false
  /** Who waits for the last call to be settled. */
  #onSettled: (() => void) | undefined

  constructor(options: LayerOptions, user: TransactionUser) {
    this.clock = options.clock
    this.lines = new TimerLines(options.clock)
    this.timers = options.timers
    this.transport = options.transport
    this.#options = options
    this.#user = user
  }

  get clientCount(): number {
    return this.#live.size
  }

  get serverCount(): number {
    return this.#servers.size
  }

  /** Runs what a timer or a promise brings; nothing may escape into the event loop. */
  guard(what: () => void): void {
    if (this.#isStopped) return
    try {
      what()
    } catch (thrown) {
      log.err(`a timer or connection failed: ${reasonOf(thrown)}`)
    }
  }

  /** Starts a client transaction for a request that has no Via yet. */
  request(
    request: SipRequest,
    handlers: ClientHandlers,
    options: RequestOptions = {},
  ): ClientTransaction {
    const transaction = new ClientTransaction(this, request, handlers)
    this.#live.add(transaction)
    transaction.begin(options)
    return transaction
  }

  /** Starts the transaction of a CANCEL, whose Via is that of its INVITE. Its answer interests nobody. */
  sendCancel(cancel: SipRequest, flow: Flow): void {
    const transaction = new ClientTransaction(this, cancel, { final: () => {} })
    transaction.beginOnFlow(flow)
  }

  addClient(transaction: ClientTransaction, key: string): void {
    transaction.key = flatText(key)
    this.#clients.set(transaction.key, transaction)
    this.#live.add(transaction)
  }

  removeClient(transaction: ClientTransaction): void {
    if (transaction.key !== '') this.#clients.delete(transaction.key)
    transaction.key = ''
    if (transaction.state === 'terminated') this.#live.delete(transaction)
    this.#tellSettled()
  }

  removeServer(runner: ServerRunner): void {
    this.#servers.delete(runner.key)
    if (runner.mergeKey !== undefined && this.#merges.get(runner.mergeKey) === runner)
      this.#merges.delete(runner.mergeKey)
    this.#tellSettled()
  }

  /** A message without fault. */
  receive(message: SipMessage): void {
    if (message instanceof SipResponse) this.#response(message)
    else if (message instanceof SipRequest) this.#request(message)
    this.#tellSettled()
  }

  /** How many INVITE, BYE and CANCEL have no final answer yet, and refusals no ACK: their packets may have to be sent again. */
  get unsettled(): number {
    let count = 0
    for (const client of this.#live) if (client.isAwaited) count++
    for (const server of this.#servers.values()) if (server.isAwaited) count++
    return count
  }

  /** Resolves when no call waits for the other side any more, at the latest after `ms`; gives how many still do. */
  untilSettled(ms: number): Promise<number> {
    if (ms === 0 || this.unsettled === 0) return Promise.resolve(this.unsettled)
    return new Promise((resolve) => {
      const done = () => {
        this.#onSettled = undefined
        timer.cancel()
        resolve(this.unsettled)
      }
      const timer = this.clock.after(ms, done)
      this.#onSettled = done
    })
  }

  #tellSettled(): void {
    if (this.#onSettled !== undefined && this.unsettled === 0) this.#onSettled()
  }

  #response(response: SipResponse): void {
    const client = this.#clients.get(`${response.via.branch ?? ''} ${response.cseq.method}`)
    if (client !== undefined) client.receive(response)
    else {
      this.counters.strayResponses++
      this.#user.strayResponse(response)
    }
  }

  #request(request: SipRequest): void {
    const { method } = request
    const key = serverKey(request, method === 'ACK' ? 'INVITE' : method)
    const known = this.#servers.get(key)
    if (method === 'ACK') {
      if (known !== undefined && known.state !== 'accepted') known.acknowledged(request)
      else this.#user.ack(request)
      return
    }
    if (known !== undefined) {
      known.retransmitted()
      return
    }
    const merge = this.#mergeKey(request)
    if (merge !== undefined && this.#merges.has(merge)) {
      this.counters.merged++
      this.answerStateless(request, 482, 'Request Merged')
      return
    }
    const limit = this.#options.maxProceeding ?? 0
    if (method === 'INVITE' && limit > 0 && this.invitePending >= limit) {
      this.counters.refusedBusy++
      this.answerStateless(request, 503)
      return
    }
    // Keys outlive the message by 64·T1 and must not keep its text.
    const runner = new ServerRunner(this, flatText(key), request)
    this.#servers.set(runner.key, runner)
    if (merge !== undefined) {
      runner.mergeKey = flatText(merge)
      this.#merges.set(runner.mergeKey, runner)
    }
    if (runner.isInvite) this.invitePending++
    const { user } = runner
    if (user === undefined) return
    if (method === 'CANCEL') this.#cancel(request, user)
    else this.#pass(user)
  }

  #pass(transaction: ServerTransaction): void {
    try {
      this.#user.request(transaction)
    } catch (thrown) {
      const { method, callId } = transaction.request
      log.err(`${method} ${callId}: ${thrown instanceof Error ? thrown.stack : reasonOf(thrown)}`)
      if (!transaction.isAnswered) transaction.respond(500)
    }
  }

  /** §9.2: a CANCEL is answered here; whoever has the INVITE is told. */
  #cancel(request: SipRequest, transaction: ServerTransaction): void {
    const invite = this.#servers.get(serverKey(request, 'INVITE'))
    if (invite === undefined) {
      transaction.respond(481)
      return
    }
    const { user } = invite
    const response = responseTo(request, 200, undefined, user?.localTag ?? transaction.localTag)
    transaction.send(response)
    if (invite.state !== 'proceeding' || user === undefined) return
    if (user.handlers.cancelled === undefined) user.respond(487)
    else
      try {
        user.handlers.cancelled(request)
      } catch (thrown) {
        log.err(`CANCEL ${request.callId}: ${reasonOf(thrown)}`)
      }
  }

  /** Only requests outside dialogs can be merged. */
  #mergeKey(request: SipRequest): string | undefined {
    if (this.#options.refuseMerged === false || request.method === 'CANCEL') return undefined
    if (request.to.tag !== undefined) return undefined
    return `${request.callId} ${request.get('CSeq')} ${request.from.tag ?? ''}`
  }

  /** Answers without keeping anything: for messages with a fault, and when there is no room (§8.2.7). */
  answerStateless(request: SipRequest, status: number, reason?: string): void {
    if (!canAnswer(request)) return
    const response = responseTo(request, status, reason, 'stateless')
    const flow = this.transport.responseFlow(request)
    const data = response.toBuffer()
    if (flow instanceof Promise)
      flow.then(
        (open) => this.transport.send(open, data),
        (error) => this.transport.socketFault(error as Error),
      )
    else this.transport.send(flow, data)
  }

  /** Forgets everything without a word. */
  stop(): void {
    this.#isStopped = true
    for (const client of this.#live) client.abandon()
    for (const server of this.#servers.values()) server.abandon()
    this.#clients.clear()
    this.#live.clear()
    this.#servers.clear()
    this.#merges.clear()
  }
}

/**
 * What identifies a server transaction (§17.2.3): branch, sent-by and method; for elements from before RFC 3261 the Request-URI, From
 * tag, Call-ID, CSeq number and the whole top Via.
 */
function serverKey(request: SipRequest, method: string): string {
  const { via } = request
  const { branch } = via
  if (branch?.startsWith(magicCookie) && branch.length > magicCookie.length)
    return `${branch} ${via.sentBy} ${method}`
  const { callId, uriText } = request
  return `${uriText} ${request.from.tag ?? ''} ${callId} ${request.cseq.number} ${request.topViaText} ${method}`
}
