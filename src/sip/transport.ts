/**
 * The transport layer (RFC 3261 §18): sockets in and out, which flow a request or response takes, and a count of everything that was
 * dropped. It knows no transactions.
 */
import type { Clock } from '../base/clock.ts'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { TlsFiles } from '../net/tls-files.ts'
import { locate, type ResolverOptions } from './dns.ts'
import type { Flow, Protocol, Target } from './flow.ts'
import { hostPort } from './flow.ts'
import { type SipMessage, SipRequest } from './message.ts'
import { parseNameAddress } from './name-address.ts'
import { isKeepAlive, parseMessage } from './parser.ts'
import { type StreamLimits, TcpTransport, usualStreamLimits } from './transport-tcp.ts'
import { UdpFlow, UdpListener } from './transport-udp.ts'
import { WsTransport } from './transport-ws.ts'
import type { SipUri } from './uri.ts'
import { parseUri } from './uri.ts'
import { stampVia } from './via.ts'

const log = logger('sip/transport')

/** One address to listen on. */
export interface ListenAddress {
  readonly protocol: Protocol
  /** A numeric address. */
  readonly address: string
  /** 0 takes a free one. */
  readonly port: number
  /** What others shall see instead (behind NAT): fixed, or chosen by the remote address. */
  readonly advertise?:
    | { readonly address: string; readonly port?: number | undefined }
    | ((
        remoteAddress: string,
      ) => { readonly address: string; readonly port?: number | undefined } | undefined)
    | undefined
  /** Where it cannot be had the agent starts without it, and says so. */
  readonly isOptional?: boolean | undefined
  /** The certificate of a secure listener. */
  readonly tls?: TlsFiles | undefined
}

export interface Listener {
  readonly protocol: Protocol
  readonly address: string
  /** The port it really has. */
  readonly port: number
  readonly spec: ListenAddress
  readonly isIPv6: boolean
  close(): Promise<void>
}

/** Everything that came, went, or was dropped, since the start. */
function newTransportCounters() {
  return {
    messagesIn: 0,
    messagesOut: 0,
    /** What was no SIP message at all. */
    parseErrors: 0,
    /** Messages that could be read but not used, answered or not. */
    faulty: 0,
    keepAlives: 0,
    /** Octets on the port that belong to STUN, RTP or nobody. */
    notSip: 0,
    sendErrors: 0,
    refusedConnections: 0,
    unfinishedConnections: 0,
    idleConnections: 0,
    slowReaders: 0,
  }
}
export type TransportCounters = ReturnType<typeof newTransportCounters>

/** What the parts of the transport need of the whole. */
export interface TransportCore {
  readonly clock: Clock
  readonly counters: TransportCounters
  /** A datagram, or one message cut out of a stream. */
  /** Whether it was a message. */
  deliver(data: Buffer, flow: Flow, isStream: boolean): boolean
  socketFault(error: Error): void
  flowClosed(flow: Flow, reason: Error | undefined): void
  note(text: string): void
}

/** Sees every message as it crosses the wire (siptrace): octets, direction, the flow. */
export type TraceHook = (direction: 'in' | 'out', data: Buffer, flow: Flow) => void

export interface TransportOptions {
  readonly clock: Clock
  readonly listen: readonly ListenAddress[]
  readonly streamLimits?: Partial<StreamLimits> | undefined
  readonly resolver?: ResolverOptions | undefined
  /** UDP requests longer than this go over TCP where we have it (§18.1.1), octets; 0 turns that off. */
  readonly udpLimit?: number | undefined
  /** Whether responses go to the source port even if the client did not ask for it (`NDLB-force-rport`). */
  readonly forceRport?: boolean | undefined
}

/** How long an address that refused TCP is remembered, ms, and how many such addresses. */
const refusalMs = 60_000
const refusalCount = 1000

export class Transport implements TransportCore {
  readonly clock: Clock
  readonly counters = newTransportCounters()
  readonly listeners: Listener[] = []
  /** Set to see all traffic. */
  trace: TraceHook | undefined
  /** Told of stream flows that closed. */
  onFlowClosed: ((flow: Flow) => void) | undefined
  readonly #options: TransportOptions
  readonly #receive: (message: SipMessage) => void
  readonly #udp: UdpListener[] = []
  readonly #tcp: TcpTransport
  readonly #ws: WsTransport
  readonly #refused = new Map<string, number>()

  constructor(options: TransportOptions, receive: (message: SipMessage) => void) {
    this.#options = options
    this.clock = options.clock
    this.#receive = receive
    const limits = { ...usualStreamLimits, ...options.streamLimits }
    this.#tcp = new TcpTransport(this, limits)
    this.#ws = new WsTransport(this, limits)
  }

  get connections(): number {
    return this.#tcp.connections + this.#ws.connections
  }

  /** Opens all listeners; on a fault closes those already open and throws a SwitchError that names the address. */
  async start(): Promise<void> {
    try {
      for (const spec of this.#options.listen) {
        try {
          this.listeners.push(await this.#listen(spec))
        } catch (thrown) {
          if (!spec.isOptional) throw thrown
          log.err(`no listener for ${spec.protocol}: ${reasonOf(thrown)}`)
        }
      }
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
  }

  async #listen(spec: ListenAddress): Promise<Listener> {
    if (spec.protocol === 'udp') {
      const listener = await UdpListener.open(spec, this)
      this.#udp.push(listener)
      return listener
    }
    if (spec.protocol === 'tcp') return this.#tcp.listen(spec)
    if (spec.protocol === 'ws' || (spec.protocol === 'wss' && spec.tls))
      return this.#ws.listen(spec, spec.tls)
    throw new SwitchError('SIP_NO_TRANSPORT', `cannot listen on ${spec.protocol} here`)
  }

  async stop(): Promise<void> {
    await Promise.all([
      ...this.#udp.map((listener) => listener.close()),
      this.#tcp.stop(),
      this.#ws.stop(),
    ])
  }

  /** Takes in octets of a flow that lives elsewhere (a WebSocket), as from one of its own sockets. */
  deliver(data: Buffer, flow: Flow, isStream: boolean): boolean {
    const first = data[0]
    if (
      first === undefined ||
      ((first === 13 || first === 10 || first === 0) && isKeepAliveLike(data))
    ) {
      this.counters.keepAlives++
      return false
    }
    // RFC 7983: STUN begins below 4, RTP at 128 and above; no SIP message does.
    if (first < 4 || first >= 128) {
      this.counters.notSip++
      return false
    }
    this.counters.messagesIn++
    this.trace?.('in', data, flow)
    let message: SipMessage
    try {
      message = parseMessage(data, isStream)
    } catch (thrown) {
      this.counters.parseErrors++
      if (log.wants(7)) log.debug(`${flow.remoteAddress}:${flow.remotePort}: ${reasonOf(thrown)}`)
      return false
    }
    message.flow = flow
    try {
      if (message instanceof SipRequest) this.#stamp(message, flow)
      this.#receive(message)
    } catch (thrown) {
      log.err(`a message from ${flow.remoteAddress}:${flow.remotePort} failed: ${reasonOf(thrown)}`)
    }
    return true
  }

  /** §18.2.1: the server says in the Via where the request came from. */
  #stamp(request: SipRequest, flow: Flow): void {
    const text = request.topViaText
    if (text === '') return
    try {
      const force = this.#options.forceRport === true || flow.isReliable
      const stamped = stampVia(text, request.via, flow.remoteAddress, flow.remotePort, force)
      if (stamped !== text) request.replaceTopVia(stamped)
    } catch (thrown) {
      // A Via that cannot be read is the message's fault and told with it.
      if (!(thrown instanceof SwitchError)) throw thrown
    }
  }

  send(flow: Flow, data: Buffer, failed?: (reason: Error) => void): void {
    this.counters.messagesOut++
    this.trace?.('out', data, flow)
    flow.send(
      data,
      failed === undefined
        ? undefined
        : (reason) => {
            this.counters.sendErrors++
            failed(reason)
          },
    )
  }

  socketFault(error: Error): void {
    this.counters.sendErrors++
    if (log.wants(7)) log.debug(error.message)
  }

  flowClosed(flow: Flow, reason: Error | undefined): void {
    if (reason !== undefined && log.wants(7)) log.debug(reason.message)
    this.onFlowClosed?.(flow)
  }

  note(text: string): void {
    if (log.wants(7)) log.debug(text)
  }

  /** Where a request goes: the targets in the order to try them (RFC 3263); at once where no name has to be looked up. */
  locate(request: SipRequest, target?: Target): readonly Target[] | Promise<readonly Target[]> {
    if (target !== undefined) return [target]
    return this.locateUri(nextHop(request))
  }

  locateUri(uri: SipUri): readonly Target[] | Promise<readonly Target[]> {
    return locate(uri, (protocol) => this.speaks(protocol), this.#options.resolver)
  }

  /** Whether we can send over that protocol. */
  speaks(protocol: Protocol): boolean {
    return this.listeners.some((listener) => listener.protocol === protocol)
  }

  /** The flow to a target; a connection may have to be made first. Throws SwitchError SIP_NO_TRANSPORT. */
  flowTo(target: Target): Flow | Promise<Flow> {
    if (target.flow?.isOpen) return target.flow
    if (target.protocol === 'udp') {
      const isIPv6 = target.address.indexOf(':') >= 0
      for (const listener of this.#udp)
        if (listener.isIPv6 === isIPv6) return listener.flow(target.address, target.port)
    } else if (target.protocol === 'tcp') return this.#tcp.flowTo(target.address, target.port)
    else if (target.protocol !== 'tls') return this.#ws.flowTo(target.address, target.port)
    throw new SwitchError(
      'SIP_NO_TRANSPORT',
      `no way to ${target.protocol} ${hostPort(target.address, target.port)}`,
    )
  }

  /** §18.1.1: whether a request of `length` octets should try TCP first. */
  shouldSwitch(target: Target, length: number): boolean {
    const limit = this.#options.udpLimit ?? 1300
    if (limit === 0 || length <= limit || target.flow !== undefined || !this.speaks('tcp'))
      return false
    const refusedUntil = this.#refused.get(hostPort(target.address, target.port))
    return refusedUntil === undefined || refusedUntil < this.clock.now()
  }

  /** Remembers that an address takes no TCP, so that long requests go there by UDP at once. */
  tcpRefused(target: Target): void {
    if (this.#refused.size >= refusalCount) this.#refused.clear()
    this.#refused.set(hostPort(target.address, target.port), this.clock.now() + refusalMs)
  }

  /** The flow that a response takes (§18.2.2, RFC 3581 §4). */
  responseFlow(request: SipRequest): Flow | Promise<Flow> {
    const flow = request.flow
    if (flow === undefined) throw new SwitchError('SIP_NO_FLOW', 'the request was not received')
    const via = request.via
    if (flow.isReliable) {
      if (flow.isOpen) return flow
      // The connection is gone: a new one to where the client listens.
      return this.flowTo({
        protocol: flow.protocol,
        address: via.parameter('received') ?? flow.remoteAddress,
        port: via.port ?? 5060,
      })
    }
    if (!(flow instanceof UdpFlow)) return flow
    const rport = via.parameter('rport')
    const maddr = via.parameter('maddr')
    if (maddr !== undefined && /^[0-9.]+$/.test(maddr))
      return flow.listener.flow(maddr, via.port ?? 5060)
    if (rport !== undefined && rport !== '') return flow
    const port = via.port ?? 5060
    return port === flow.remotePort || port === 0
      ? flow
      : flow.listener.flow(flow.remoteAddress, port)
  }
}

/** Some phones keep NAT open with a few zero octets. */
function isKeepAliveLike(data: Buffer): boolean {
  return isKeepAlive(data) || (data.length <= 4 && data.every((octet) => octet === 0))
}

/** §8.1.2: the first Route if there is one, else the Request-URI. */
function nextHop(request: SipRequest): SipUri {
  const route = request.get('Route')
  if (route === undefined) return request.uri
  const first = request.list('Route')[0]
  return first === undefined ? request.uri : parseUri(parseNameAddress(first).uriText)
}
