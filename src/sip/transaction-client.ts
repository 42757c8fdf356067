/**
 * Client transactions (RFC 3261 §17.1): runs the two client tables, finds the way (RFC 3263), tries the next target when one fails, and
 * makes the ACK to a refusal and the CANCEL.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Flow, Target } from './flow.ts'
import { newBranch } from './identifiers.ts'
import { type HeaderLine, SipRequest, type SipResponse } from './message.ts'
import { responseInstead } from './response.ts'
import { step } from './table.ts'
import type { TimerName } from './timers.ts'
import { inviteClient } from './transaction-invite-client.ts'
import type { TransactionLayer } from './transaction-layer.ts'
import { nonInviteClient } from './transaction-non-invite-client.ts'
import { TransactionRunner } from './transaction-runner.ts'
import type { ClientEffect, ClientEvent, ClientState } from './transaction-terms.ts'

const log = logger('sip/transaction')

/** Who asked. An INVITE may get several 2xx (forking); everything else gets one final response. */
export interface ClientHandlers {
  /** Each 1xx, 100 too. */
  provisional?(response: SipResponse, transaction: ClientTransaction): void
  /**
   * The final response; for an INVITE each 2xx, retransmissions too. Where none came it is one made here (`response.local`): 408 after
   * a timeout, 503 when nothing could be sent.
   */
  final(response: SipResponse, transaction: ClientTransaction): void
}

export interface RequestOptions {
  /** Where to send instead of where Route and Request-URI lead. */
  readonly target?: Target | undefined
}

/** Hears nothing any more. */
const nobody: ClientHandlers = { final: () => {} }

/** Stands for a request that nobody needs any more. */
const forgotten = new SipRequest('', '')

export class ClientTransaction extends TransactionRunner {
  /** What was sent; an empty one soon after the final response. */
  request: SipRequest
  /** Under which the layer finds it; '' when it does not. */
  key = ''
  state: ClientState
  /** The ACK to a refusal, for repeated ones: its octets, one a character. */
  #ack: string | undefined
  #handlers: ClientHandlers
  readonly #isInvite: boolean
  #targets: Target[] = []
  #target: Target | undefined
  #cancelHeaders: readonly HeaderLine[] | undefined
  #isCancelSent = false
  #failure: string | undefined

  constructor(layer: TransactionLayer, request: SipRequest, handlers: ClientHandlers) {
    super(layer)
    this.request = request
    this.#handlers = handlers
    this.#isInvite = request.method === 'INVITE'
    this.state = this.#isInvite ? 'calling' : 'trying'
  }

  /** Why it failed, when it did: the words of the last fault. */
  get failure(): string | undefined {
    return this.#failure
  }

  get isCancelled(): boolean {
    return this.#cancelHeaders !== undefined
  }

  /** Whether a call goes on for the other side unless this arrives: an INVITE, BYE or CANCEL without final answer. */
  get isAwaited(): boolean {
    const { state } = this
    if (state !== 'calling' && state !== 'trying' && state !== 'proceeding') return false
    const { method } = this.request
    return this.#isInvite || method === 'BYE' || method === 'CANCEL'
  }

  begin(options: RequestOptions): void {
    try {
      const targets = this.layer.transport.locate(this.request, options.target)
      if (targets instanceof Promise)
        targets.then(
          (found) => this.layer.guard(() => this.#begin(found)),
          (reason) => this.layer.guard(() => this.#unreachable(reasonOf(reason))),
        )
      else this.#begin(targets)
    } catch (thrown) {
      // Told in the next turn, so that whoever asks has its transaction in hand by then.
      const reason = reasonOf(thrown)
      queueMicrotask(() => this.layer.guard(() => this.#unreachable(reason)))
    }
  }

  #begin(targets: readonly Target[]): void {
    this.#targets = [...targets]
    this.#next()
  }

  #unreachable(reason: string): void {
    this.#failure = reason
    this.#dispatch('transport error')
  }

  /** Tries the next target; without one it is over. */
  #next(): void {
    if (this.state === 'terminated') return
    const target = this.#targets.shift()
    if (target === undefined) this.#unreachable(this.#failure ?? 'no target')
    else this.#connect(target)
  }

  #connect(target: Target): void {
    this.#target = target
    try {
      const flow = this.layer.transport.flowTo(target)
      if (flow instanceof Promise)
        flow.then(
          (open) => this.layer.guard(() => this.#sendOver(open, target)),
          (reason) => this.layer.guard(() => this.#lost(reasonOf(reason))),
        )
      else this.#sendOver(flow, target)
    } catch (thrown) {
      const reason = reasonOf(thrown)
      queueMicrotask(() => this.layer.guard(() => this.#lost(reason)))
    }
  }

  #sendOver(flow: Flow, target: Target, mayBeLong = false): void {
    if (this.state !== 'calling' && this.state !== 'trying') return
    if (this.#cancelHeaders !== undefined && this.#isInvite) {
      // Cancelled before anything went out: nobody needs to hear of it.
      this.#tell(responseInstead(this.request, 487, 'timeout'))
      this.#end()
      return
    }
    const branch = newBranch()
    const { request, layer } = this
    const via = `SIP/2.0/${flow.protocol.toUpperCase()} ${flow.viaHost};rport;branch=${branch}`
    if (this.flow === undefined) request.prepend('Via', via)
    else request.replaceTopVia(via)
    this.flow = flow
    this.data = request.toBuffer()
    if (
      !mayBeLong &&
      flow.protocol === 'udp' &&
      layer.transport.shouldSwitch(target, this.data.length)
    ) {
      this.#tryStream(flow, target)
      return
    }
    layer.addClient(this, `${branch} ${request.method}`)
    this.stopTimers()
    layer.transport.send(flow, this.data, (reason) => this.#sendFailed(flow, reason))
    if (this.#isInvite) {
      this.startTimer('A')
      this.startTimer('B')
    } else {
      this.startTimer('E')
      this.startTimer('F')
    }
  }

  /** §18.1.1: too long for UDP: over TCP, and by UDP after all when nobody takes it there. */
  #tryStream(udp: Flow, target: Target): void {
    const stream: Target = { ...target, protocol: 'tcp' }
    const back = (reason: unknown) => {
      if (log.wants(7)) log.debug(`no TCP (${reasonOf(reason)}): sending by UDP`)
      this.layer.transport.tcpRefused(target)
      this.#sendOver(udp, target, true)
    }
    try {
      const flow = this.layer.transport.flowTo(stream)
      if (flow instanceof Promise)
        flow.then(
          (open) => this.layer.guard(() => this.#sendOver(open, stream)),
          (reason) => this.layer.guard(() => back(reason)),
        )
      else this.#sendOver(flow, stream)
    } catch (thrown) {
      back(thrown)
    }
  }

  #sendFailed(flow: Flow, reason: Error): void {
    this.layer.guard(() => {
      if (flow === this.flow) this.#lost(reason.message)
    })
  }

  /** This target is lost: the next one, unless an answer came already (RFC 3263 §4.3). */
  #lost(reason: string): void {
    this.#failure = reason
    const isWaiting = this.state === 'calling' || this.state === 'trying'
    if (isWaiting && this.#targets.length > 0) {
      this.stopTimers()
      this.layer.removeClient(this)
      this.#next()
    } else this.#dispatch('transport error')
  }

  protected fired(name: TimerName): void {
    const isWaiting = this.state === 'calling' || this.state === 'trying'
    // RFC 3263 §4.3: no answer at all is a failure of the target, too.
    if (isWaiting && (name === 'B' || name === 'F') && this.#targets.length > 0)
      this.#lost('no answer')
    else this.#dispatch(`timer ${name}`)
  }

  /** A response that belongs to this transaction. */
  receive(response: SipResponse): void {
    const { status } = response
    if (status < 200) {
      this.#dispatch('1xx', response)
      if (this.#cancelHeaders !== undefined) this.#sendCancel()
      return
    }
    // RFC 3263 §4.3: a 503 hands over to the next target.
    const isFirst =
      this.state === 'calling' || this.state === 'trying' || this.state === 'proceeding'
    if (status === 503 && isFirst && this.#targets.length > 0 && !this.isCancelled) {
      if (this.#isInvite) this.#acknowledge(response)
      this.stopTimers()
      this.layer.removeClient(this)
      this.state = this.#isInvite ? 'calling' : 'trying'
      this.#next()
      return
    }
    this.#dispatch(status < 300 ? '2xx' : '3xx-6xx', response)
    this.#slim()
  }

  /**
   * After the final response it lives on for up to 64·T1, for answers that come again. What it needs for that is little: nothing, or
   * the ACK to a refusal, or, for further 2xx, whoever gets them.
   */
  #slim(): void {
    if (this.state !== 'completed' && this.state !== 'accepted') return
    if (this.request === forgotten) return
    if (this.state === 'completed') this.#handlers = nobody
    this.request = forgotten
    this.data = undefined
    this.#targets = []
    this.#target = undefined
  }

  #dispatch(event: ClientEvent, response?: SipResponse): void {
    const row = step(this.#isInvite ? inviteClient : nonInviteClient, this.state, event)
    if (row === undefined) {
      this.layer.counters.ignored++
      return
    }
    this.state = row[0]
    for (let at = 1; at < row.length; at++) this.#apply(row[at] as ClientEffect, response)
  }

  #apply(effect: ClientEffect, response: SipResponse | undefined): void {
    switch (effect) {
      case 'resend':
        this.#resend()
        break
      case 'ack':
        if (response !== undefined) this.#acknowledge(response)
        break
      case 'tell':
        if (response !== undefined) this.#tell(response)
        break
      case 'tell timeout':
        this.layer.counters.timeouts++
        this.#tell(responseInstead(this.request, 408, 'timeout'))
        break
      case 'tell transport error':
        this.layer.counters.transportErrors++
        this.#tell(responseInstead(this.request, 503, 'transport', this.#failure))
        break
      case 'end':
        this.#end()
        break
      case 'start E slow':
        this.startTimer('E', true)
        break
      default:
        if (effect.startsWith('start ')) this.startTimer(effect.slice(6) as TimerName)
        else this.stopTimer(effect.slice(5) as TimerName)
    }
  }

  #resend(): void {
    const { flow, data } = this
    if (flow === undefined || data === undefined) return
    this.layer.counters.retransmissions++
    this.layer.transport.send(flow, data, (reason) => this.#sendFailed(flow, reason))
  }

  #tell(response: SipResponse): void {
    try {
      if (response.status < 200) this.#handlers.provisional?.(response, this)
      else this.#handlers.final(response, this)
    } catch (thrown) {
      log.err(`${response.get('CSeq') ?? ''} ${response.callId}: ${reasonOf(thrown)}`)
    }
  }

  #end(): void {
    this.state = 'terminated'
    this.stopTimers()
    this.layer.removeClient(this)
  }

  /** A request that belongs to this one hop: the same Request-URI, top Via, Route, From, Call-ID and CSeq number. */
  #companion(method: string, to: string, more: readonly HeaderLine[]): SipRequest {
    const { request } = this
    const made = new SipRequest(method, request.uriText)
    made.charset = request.charset
    made.add('Via', request.topViaText)
    for (const route of request.lines('Route')) made.add('Route', route)
    made.add('Max-Forwards', '70')
    made.add('From', request.get('From') ?? '')
    made.add('To', to)
    made.add('Call-ID', request.callId)
    made.add('CSeq', `${request.cseq.number} ${method}`)
    return made.addAll(more)
  }

  /** §17.1.1.3: the ACK to a refusal is part of this transaction. */
  #acknowledge(response: SipResponse): void {
    const { flow } = this
    if (flow === undefined) return
    let data: Buffer
    if (this.#ack !== undefined) data = Buffer.from(this.#ack, 'latin1')
    else {
      data = this.#companion('ACK', response.get('To') ?? '', []).toBuffer()
      if (this.state === 'completed') this.#ack = data.toString('latin1')
    }
    this.layer.transport.send(flow, data, (reason) => this.#sendFailed(flow, reason))
  }

  /**
   * Cancels an INVITE (§9.1): at once, or as soon as the other side has shown that it has it. The final response still comes
   * (487, or a 2xx that was faster). `headers` (a Reason) go into the CANCEL.
   */
  cancel(headers: readonly HeaderLine[] = []): void {
    if (!this.#isInvite || this.#cancelHeaders !== undefined) return
    if (this.state !== 'calling' && this.state !== 'proceeding') return
    this.#cancelHeaders = headers
    if (this.state === 'proceeding') this.#sendCancel()
  }

  #sendCancel(): void {
    const { flow } = this
    if (this.#isCancelSent || this.state !== 'proceeding' || flow === undefined) return
    this.#isCancelSent = true
    const cancel = this.#companion(
      'CANCEL',
      this.request.get('To') ?? '',
      this.#cancelHeaders ?? [],
    )
    this.layer.sendCancel(cancel, flow)
    this.startTimer('cancel')
  }

  /** Sends an already made companion (a CANCEL) on its flow, with the Via it has. */
  beginOnFlow(flow: Flow): void {
    this.flow = flow
    this.data = this.request.toBuffer()
    this.layer.addClient(this, `${this.request.via.branch ?? ''} ${this.request.method}`)
    this.layer.transport.send(flow, this.data, (reason) => this.#sendFailed(flow, reason))
    this.startTimer('E')
    this.startTimer('F')
  }

  /** The target it was last sent to. */
  get target(): Target | undefined {
    return this.#target
  }
}
