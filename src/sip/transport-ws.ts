/** SIP over WebSocket (RFC 7118): browsers connect, and are reached over the connection that they made; none is made from here. */
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Timer } from '../base/clock.ts'
import { SwitchError } from '../base/errors.ts'
import { plainText } from '../net/address-octets.ts'
import { answerPlain, endWith, HttpServer, type IncomingMessage } from '../net/http-server.ts'
import type { TlsFiles } from '../net/tls-files.ts'
import { type Flow, hostPort, hostText } from './flow.ts'
import { limits as messageLimits } from './parser.ts'
import type { ListenAddress, Listener, TransportCore } from './transport.ts'
import { viaHostOf } from './transport-address.ts'
import type { StreamLimits } from './transport-tcp.ts'

/** The subprotocol (section 4.1). */
const subprotocol = 'sip'
/** A connection is asked for a sign of life so often, ms, and is gone after so many without one. */
const pingMs = 30_000
const missedPings = 3
const ping = '\r\n\r\n'
const pong = Buffer.from('\r\n')

class WsListening implements Listener {
  readonly protocol: 'ws' | 'wss'
  readonly spec: ListenAddress
  readonly server: HttpServer

  constructor(spec: ListenAddress, server: HttpServer) {
    this.protocol = spec.protocol === 'wss' ? 'wss' : 'ws'
    this.spec = spec
    this.server = server
  }

  get address(): string {
    return this.spec.address
  }

  get port(): number {
    return this.server.port
  }

  get isIPv6(): boolean {
    return this.address.indexOf(':') >= 0
  }

  async close(): Promise<void> {
    await this.server[Symbol.asyncDispose]()
  }
}

export class WsFlow implements Flow {
  readonly isReliable = true
  readonly protocol: 'ws' | 'wss'
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** When it was opened; when something came, and whether there was a message of SIP in it; pings since. */
  readonly openedAt: number
  lastUse: number
  hasSpoken = false
  missed = 0
  readonly #owner: WsTransport
  readonly #socket: WebSocket
  readonly #listener: WsListening

  constructor(
    owner: WsTransport,
    socket: WebSocket,
    listener: WsListening,
    remote: { readonly address: string; readonly port: number },
    local: { readonly address: string; readonly port: number },
  ) {
    this.#owner = owner
    this.#socket = socket
    this.#listener = listener
    this.protocol = listener.protocol
    this.remoteAddress = remote.address
    this.remotePort = remote.port
    this.localAddress = local.address
    this.localPort = local.port
    this.openedAt = owner.core.clock.now()
    this.lastUse = this.openedAt
    socket.on('message', (data: RawData) => this.#message(data))
    socket.on('pong', () => this.touch())
    // Whoever reads nothing is owed no answer: they would only pile up.
    socket.on('ping', (data: Buffer) => {
      this.touch()
      if (this.isOpen && socket.bufferedAmount <= owner.limits.waitingBytes) socket.pong(data)
    })
    socket.on('error', (fault) => owner.fault(this, fault))
    socket.on('close', () => owner.gone(this))
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  get viaHost(): string {
    return viaHostOf(this.#listener, this.remoteAddress)
  }

  touch(): void {
    this.lastUse = this.#owner.core.clock.now()
    this.missed = 0
  }

  send(data: Buffer, failed?: (reason: Error) => void): void {
    if (!this.isOpen) {
      failed?.(new SwitchError('NET_RESET', `${this}: closed`))
      return
    }
    if (this.#socket.bufferedAmount > this.#owner.limits.waitingBytes) {
      // The other side reads nothing: better to lose it than the memory.
      this.#owner.core.counters.slowReaders++
      this.#socket.terminate()
      failed?.(new SwitchError('NET_SLOW_READER', `${this} does not read`))
      return
    }
    // SIP is text; browsers' libraries take it as such.
    this.#socket.send(data, { binary: false }, (error) => {
      if (error) failed?.(new SwitchError('NET_RESET', `${this}: ${error.message}`))
    })
  }

  ping(): void {
    this.missed++
    this.#socket.ping()
  }

  destroy(): void {
    this.#socket.terminate()
  }

  toString(): string {
    return `${this.protocol} ${hostText(this.remoteAddress)}:${this.remotePort}`
  }

  #message(data: RawData): void {
    this.touch()
    const octets = octetsOf(data)
    // RFC 5626 section 4.4.1, as section 6 of RFC 7118 has it.
    if (octets.length === ping.length && octets.toString('latin1') === ping) this.send(pong)
    // One frame is one message (section 5): its end is known, as with a datagram.
    if (this.#owner.core.deliver(octets, this, false)) this.hasSpoken = true
  }
}

function octetsOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}

/** All WebSocket listeners and connections of one agent. */
export class WsTransport {
  readonly core: TransportCore
  readonly limits: StreamLimits
  readonly #flows = new Map<string, WsFlow>()
  readonly #listeners: WsListening[] = []
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageLimits.message,
    perMessageDeflate: false,
    clientTracking: false,
    autoPong: false,
    handleProtocols: () => subprotocol,
  })
  #sweep: Timer | undefined
  #isStopped = false

  constructor(core: TransportCore, limits: StreamLimits) {
    this.core = core
    this.limits = limits
  }

  get connections(): number {
    return this.#flows.size
  }

  /** Listens; rejects with SwitchError NET_ADDRESS_IN_USE and its like. `tls` for wss. */
  async listen(spec: ListenAddress, tls: TlsFiles | undefined): Promise<Listener> {
    let listening: WsListening | undefined
    const server = new HttpServer({
      address: spec.address,
      port: spec.port,
      ...(tls && { tls }),
      maxConnections: this.limits.connections,
      handlers: {
        request: (_request, response) =>
          answerPlain(response, 426, { Upgrade: 'websocket', Connection: 'close' }),
        upgrade: (request, socket, head) => {
          if (listening) this.#upgrade(listening, request, socket, head)
          else socket.destroy()
        },
      },
    })
    await server.listen()
    listening = new WsListening(spec, server)
    this.#listeners.push(listening)
    return listening
  }

  /** The flow of the browser that has connected from there. Throws SwitchError SIP_NO_TRANSPORT: it has gone. */
  flowTo(address: string, port: number): Flow {
    const flow = this.#flows.get(hostPort(address, port))
    if (flow?.isOpen) return flow
    throw new SwitchError(
      'SIP_NO_TRANSPORT',
      `the WebSocket of ${hostPort(address, port)} is closed, and only its browser can open it`,
    )
  }

  fault(flow: WsFlow, fault: Error): void {
    if ((fault as { code?: string }).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      this.core.counters.parseErrors++
    this.core.note(`${flow}: ${fault.message}`)
  }

  gone(flow: WsFlow): void {
    const key = hostPort(flow.remoteAddress, flow.remotePort)
    if (this.#flows.get(key) === flow) this.#flows.delete(key)
    this.core.flowClosed(flow, undefined)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#sweep?.cancel()
    for (const flow of this.#flows.values()) flow.destroy()
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  #upgrade(listening: WsListening, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',')
    const speaksSip = offered.some((word) => word.trim().toLowerCase() === subprotocol)
    // Some leave the subprotocol out; who names another one speaks something else.
    if (this.#isStopped || (offered.join('').trim() !== '' && !speaksSip)) {
      this.core.counters.refusedConnections++
      return endWith(socket, this.#isStopped ? 503 : 400)
    }
    const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = request.socket
    this.#sockets.handleUpgrade(request, socket, head, (open) => {
      const flow = new WsFlow(
        this,
        open,
        listening,
        { address: plainText(remoteAddress), port: remotePort },
        { address: plainText(localAddress), port: localPort },
      )
      this.#flows.set(hostPort(flow.remoteAddress, flow.remotePort), flow)
      this.#watch()
    })
  }

  /** While there are connections, looks at them now and then: one timer for all. */
  #watch(): void {
    if (this.#sweep !== undefined || this.#isStopped) return
    const every = Math.max(50, Math.min(5000, this.limits.messageMs / 4))
    this.#sweep = this.core.clock.after(every, () => {
      this.#sweep = undefined
      const now = this.core.clock.now()
      for (const flow of this.#flows.values()) this.#look(flow, now)
      if (this.#flows.size > 0) this.#watch()
    })
  }

  #look(flow: WsFlow, now: number): void {
    const silent = now - flow.lastUse
    if (!flow.hasSpoken && now - flow.openedAt >= this.limits.messageMs) {
      this.core.counters.unfinishedConnections++
      this.core.note(`${flow}: said nothing that is SIP`)
      flow.destroy()
    } else if (flow.missed >= missedPings) {
      this.core.counters.idleConnections++
      flow.destroy()
    } else if (silent >= pingMs * (flow.missed + 1)) flow.ping()
  }
}
