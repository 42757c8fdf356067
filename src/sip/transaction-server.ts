/**
 * Server transactions (RFC 3261 §17.2): runs the two server tables. The runner is what the table keeps alive; the ServerTransaction is
 * what the user of the library holds, and is let go once it can say nothing more.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Flow } from './flow.ts'
import { newTag } from './identifiers.ts'
import type { HeaderLine, SipRequest, SipResponse } from './message.ts'
import { responseTo } from './response.ts'
import { step } from './table.ts'
import type { TimerName } from './timers.ts'
import { inviteServer } from './transaction-invite-server.ts'
import type { TransactionLayer } from './transaction-layer.ts'
import { nonInviteServer } from './transaction-non-invite-server.ts'
import { TransactionRunner } from './transaction-runner.ts'
import type { ServerEffect, ServerEvent, ServerState } from './transaction-terms.ts'

const log = logger('sip/transaction')

/** What the user of a server transaction may want to hear. */
export interface ServerHandlers {
  /** The INVITE was cancelled; the CANCEL was answered already, the INVITE wants its 487 (§9.2). */
  cancelled?(cancel: SipRequest): void
  /** The ACK to a refusal came. */
  acknowledged?(ack: SipRequest): void
  /** A response could not be sent, or no ACK came to a refusal. */
  failed?(reason: 'timeout' | 'transport'): void
}

export class ServerTransaction {
  readonly request: SipRequest
  /** Set by whoever takes the request. */
  handlers: ServerHandlers = {}
  readonly #runner: ServerRunner
  #localTag: string | undefined

  constructor(request: SipRequest, runner: ServerRunner) {
    this.request = request
    this.#runner = runner
  }

  /** The tag that our responses carry in To: that of the request inside a dialog, else our own. */
  get localTag(): string {
    this.#localTag ??= this.request.to.tag ?? newTag()
    return this.#localTag
  }

  get state(): ServerState {
    return this.#runner.state
  }

  /** Whether a final response was sent. */
  get isAnswered(): boolean {
    return this.state !== 'trying' && this.state !== 'proceeding'
  }

  /** The flow it came over. */
  get flow(): Flow | undefined {
    return this.request.flow
  }

  /** A response made of the request (§8.2.6); more headers may be added before it is sent. */
  response(status: number, reason?: string): SipResponse {
    return responseTo(this.request, status, reason, this.localTag)
  }

  /** Sends a response. False when it comes too late: a final one went out already. */
  send(response: SipResponse): boolean {
    return this.#runner.respond(response)
  }

  /** Makes and sends a response. Headers stand in the order given, Content-Length where it is named, else last. */
  respond(
    status: number,
    more: {
      readonly reason?: string | undefined
      readonly headers?: readonly HeaderLine[] | undefined
      readonly body?: string | undefined
    } = {},
  ): boolean {
    const response = this.response(status, more.reason)
    if (more.headers !== undefined) response.addAll(more.headers)
    if (more.body !== undefined) response.body = more.body
    return this.send(response)
  }
}

export class ServerRunner extends TransactionRunner {
  /** Under which the layer finds it. */
  readonly key: string
  state: ServerState
  /** Whoever is to hear of it; dropped once there is nothing more to hear. */
  user: ServerTransaction | undefined
  readonly #isInvite: boolean
  /** Under which key merged requests find it. */
  mergeKey: string | undefined
  /** The final response to anything but an INVITE, which may have to go out again for 64·T1: its octets, one a character. */
  #kept: string | undefined

  constructor(layer: TransactionLayer, key: string, request: SipRequest) {
    super(layer)
    this.key = key
    this.#isInvite = request.method === 'INVITE'
    this.state = this.#isInvite ? 'proceeding' : 'trying'
    this.user = new ServerTransaction(request, this)
    if (this.#isInvite) this.startTimer('trying')
  }

  get isInvite(): boolean {
    return this.#isInvite
  }

  /** Whether a refused INVITE still wants its ACK: the refusal may have to go out again. */
  get isAwaited(): boolean {
    return this.#isInvite && this.state === 'completed'
  }

  respond(response: SipResponse): boolean {
    const { status } = response
    const event = status < 200 ? 'send 1xx' : status < 300 ? 'send 2xx' : 'send 3xx-6xx'
    if (step(this.#isInvite ? inviteServer : nonInviteServer, this.state, event) === undefined) {
      if (log.wants(7)) log.debug(`${status} in state ${this.state}: too late`)
      return false
    }
    const data = response.toBuffer()
    this.data = data
    this.dispatch(event)
    return true
  }

  /** The request again. */
  retransmitted(): void {
    this.dispatch('request')
  }

  acknowledged(ack: SipRequest): void {
    this.dispatch('ACK', ack)
  }

  protected fired(name: TimerName): void {
    this.dispatch(`timer ${name}`)
  }

  dispatch(event: ServerEvent, ack?: SipRequest): void {
    const row = step(this.#isInvite ? inviteServer : nonInviteServer, this.state, event)
    if (row === undefined) {
      this.layer.counters.ignored++
      return
    }
    if (this.state === 'proceeding' && row[0] !== 'proceeding' && this.#isInvite)
      this.layer.invitePending--
    this.state = row[0]
    for (let at = 1; at < row.length; at++) this.#apply(row[at] as ServerEffect, ack)
  }

  #apply(effect: ServerEffect, ack: SipRequest | undefined): void {
    switch (effect) {
      case 'send':
        this.#send()
        break
      case 'send 100':
        if (this.data === undefined && this.user !== undefined)
          this.data = responseTo(this.user.request, 100).toBuffer()
        this.#send()
        break
      case 'resend':
        if (this.data === undefined && this.#kept !== undefined)
          this.data = Buffer.from(this.#kept, 'latin1')
        if (this.data === undefined) break
        this.layer.counters.retransmissions++
        this.#send()
        break
      case 'tell ACK':
        if (ack !== undefined) this.#tell((user) => user.handlers.acknowledged?.(ack))
        break
      case 'tell timeout':
        this.layer.counters.timeouts++
        this.#tell((user) => user.handlers.failed?.('timeout'))
        break
      case 'tell transport error':
        this.layer.counters.transportErrors++
        this.#tell((user) => user.handlers.failed?.('transport'))
        break
      case 'let go':
        this.user = undefined
        this.#slim()
        break
      case 'end':
        this.stopTimers()
        this.user = undefined
        this.layer.removeServer(this)
        break
      default:
        if (effect.startsWith('start ')) this.startTimer(effect.slice(6) as TimerName)
        else this.stopTimer(effect.slice(5) as TimerName)
    }
  }

  /**
   * What is left after the last word is small: a repeated INVITE is absorbed once accepted, so that its response is not needed again;
   * others are kept as text, since a Buffer holds on to the block of memory it was cut from.
   */
  #slim(): void {
    if (this.data === undefined || this.flow === undefined) return
    if (!this.#isInvite) this.#kept = this.data.toString('latin1')
    this.data = undefined
  }

  /** Tells the user; a fault of theirs stays theirs. */
  #tell(what: (user: ServerTransaction) => void): void {
    const { user } = this
    if (user === undefined) return
    try {
      what(user)
    } catch (thrown) {
      log.err(`${user.request.method} ${user.request.callId}: ${reasonOf(thrown)}`)
    }
  }

  #send(): void {
    const { data } = this
    if (data === undefined) return
    if (this.flow?.isOpen) {
      this.#sendOver(this.flow, data)
      return
    }
    const request = this.user?.request
    if (request === undefined) return
    try {
      const flow = this.layer.transport.responseFlow(request)
      if (flow instanceof Promise)
        flow.then(
          (open) => this.layer.guard(() => this.#sendOver(open, data)),
          () => this.layer.guard(() => this.dispatch('transport error')),
        )
      else this.#sendOver(flow, data)
    } catch (thrown) {
      if (log.wants(7)) log.debug(reasonOf(thrown))
      queueMicrotask(() => this.layer.guard(() => this.dispatch('transport error')))
    }
  }

  #sendOver(flow: Flow, data: Buffer): void {
    this.flow = flow
    // Datagrams are either lost in silence or refused by the system: the latter goes to the log by itself.
    if (!flow.isReliable) this.layer.transport.send(flow, data)
    else
      this.layer.transport.send(flow, data, () =>
        this.layer.guard(() => this.dispatch('transport error')),
      )
  }
}
