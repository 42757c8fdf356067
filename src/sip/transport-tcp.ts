/** SIP over TCP: listeners, connections that are used again, keep-alives and the limits that protect them (RFC 3261 §18, RFC 5626). */
import type { Timer } from '../base/clock.ts'
import { SwitchError } from '../base/errors.ts'
import { connectTcp, listenTcp, type TcpConnection, type TcpListener } from '../net/tcp.ts'
import { type Flow, hostPort, hostText } from './flow.ts'
import { StreamFramer } from './stream-framer.ts'
import type { ListenAddress, Listener, TransportCore } from './transport.ts'
import { viaHostOf } from './transport-address.ts'

export interface StreamLimits {
  /** Connections at one time; further ones are closed at once. */
  readonly connections: number
  /** How long a connection may take to bring its first, or any begun, message whole, ms. */
  readonly messageMs: number
  /** How long a connection may stay silent, ms; 0: for ever. */
  readonly idleMs: number
  /** Octets that may wait to be read by the other side. */
  readonly waitingBytes: number
  /** How long to wait for a connection, ms. */
  readonly connectMs: number
}

export const usualStreamLimits: StreamLimits = {
  connections: 10_000,
  messageMs: 30_000,
  idleMs: 3_600_000,
  waitingBytes: 1024 * 1024,
  connectMs: 5_000,
}

const pong = Buffer.from('\r\n')

class TcpListening implements Listener {
  readonly protocol = 'tcp'
  readonly spec: ListenAddress
  readonly address: string
  readonly port: number
  readonly #listener: TcpListener

  constructor(spec: ListenAddress, listener: TcpListener) {
    this.spec = spec
    this.address = spec.address
    this.port = listener.port
    this.#listener = listener
  }

  get isIPv6(): boolean {
    return this.address.indexOf(':') >= 0
  }

  close(): Promise<void> {
    return this.#listener.close()
  }
}

export class TcpFlow implements Flow {
  readonly protocol = 'tcp'
  readonly isReliable = true
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  readonly #connection: TcpConnection
  readonly #owner: TcpTransport
  readonly #listener: Listener
  readonly #framer: StreamFramer
  /** When it was opened, and when the last whole message or keep-alive came or went. */
  lastUse: number
  /** Since when a message is due: from the start until the first is whole, then from each begun one. */
  dueSince: number | undefined

  constructor(owner: TcpTransport, connection: TcpConnection, listener: Listener, isOurs: boolean) {
    this.#owner = owner
    this.#connection = connection
    this.#listener = listener
    this.remoteAddress = connection.remoteAddress
    this.remotePort = connection.remotePort
    this.localAddress = connection.localAddress
    this.localPort = connection.localPort
    this.lastUse = owner.core.clock.now()
    this.dueSince = isOurs ? undefined : this.lastUse
    this.#framer = new StreamFramer({
      message: (data) => {
        this.#touch()
        owner.core.deliver(data, this, true)
      },
      ping: () => {
        this.#touch()
        owner.core.counters.keepAlives++
        // RFC 5626 §4.4.1: a ping is answered with one CRLF.
        this.send(pong)
      },
      pong: () => this.#touch(),
    })
    connection.listen({
      data: (chunk) => this.#read(chunk),
      closed: (reason) => owner.gone(this, reason),
    })
  }

  get isOpen(): boolean {
    return this.#connection.isOpen
  }

  get viaHost(): string {
    return viaHostOf(this.#listener, this.remoteAddress)
  }

  #touch(): void {
    this.lastUse = this.#owner.core.clock.now()
    this.dueSince = undefined
  }

  #read(chunk: Buffer): void {
    try {
      this.#framer.push(chunk)
      if (this.#framer.pending > 0) this.dueSince ??= this.#owner.core.clock.now()
    } catch (thrown) {
      this.#owner.core.counters.parseErrors++
      this.close(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  send(data: Buffer, failed?: (reason: Error) => void): void {
    if (this.#connection.waitingBytes > this.#owner.limits.waitingBytes) {
      // The other side reads nothing: better to lose it than the memory.
      this.#owner.core.counters.slowReaders++
      this.#connection.destroy()
      failed?.(new SwitchError('NET_SLOW_READER', `${this} does not read`))
      return
    }
    this.lastUse = this.#owner.core.clock.now()
    this.#connection.send(data, failed)
  }

  /** Sends what waits and closes. */
  close(why: string): void {
    this.#owner.core.note(`${this}: closed: ${why}`)
    this.#connection.end()
    // Whoever does not close its side as well is not waited for.
    this.#owner.core.clock.after(1000, () => this.#connection.destroy())
  }

  destroy(): void {
    this.#connection.destroy()
  }

  toString(): string {
    return `tcp ${hostText(this.remoteAddress)}:${this.remotePort}`
  }
}

/** All TCP listeners and connections of one agent. */
export class TcpTransport {
  readonly core: TransportCore
  readonly limits: StreamLimits
  readonly listeners: Listener[] = []
  /** Open flows by remote address; the newest wins when one address has several. */
  readonly #flows = new Map<string, TcpFlow>()
  readonly #all = new Set<TcpFlow>()
  readonly #connecting = new Map<string, Promise<Flow>>()
  #sweep: Timer | undefined
  #isStopped = false

  constructor(core: TransportCore, limits: StreamLimits) {
    this.core = core
    this.limits = limits
  }

  get connections(): number {
    return this.#all.size
  }

  async listen(spec: ListenAddress): Promise<Listener> {
    let listening: TcpListening | undefined
    const listener = await listenTcp({
      address: spec.address,
      port: spec.port,
      onError: (error) => this.core.socketFault(error),
      onConnection: (connection) => {
        if (listening === undefined || this.#isStopped) connection.destroy()
        else if (this.#all.size >= this.limits.connections) {
          this.core.counters.refusedConnections++
          connection.destroy()
        } else this.#adopt(connection, listening, false)
      },
    })
    listening = new TcpListening(spec, listener)
    this.listeners.push(listening)
    return listening
  }

  /** The flow to that address: the one that is open, else a new connection. */
  flowTo(address: string, port: number, connectMs = this.limits.connectMs): Flow | Promise<Flow> {
    const key = hostPort(address, port)
    const open = this.#flows.get(key)
    if (open?.isOpen) return open
    const pending = this.#connecting.get(key)
    if (pending !== undefined) return pending
    const made = this.#connect(address, port, connectMs).finally(() => this.#connecting.delete(key))
    this.#connecting.set(key, made)
    return made
  }

  async #connect(address: string, port: number, timeoutMs: number): Promise<Flow> {
    const isIPv6 = address.indexOf(':') >= 0
    const listener =
      this.listeners.find((one) => one.isIPv6 === isIPv6) ?? this.listeners[0] ?? undefined
    if (listener === undefined)
      throw new SwitchError('SIP_NO_TRANSPORT', 'this agent does not listen on tcp')
    if (this.#all.size >= this.limits.connections)
      throw new SwitchError('SIP_TOO_MANY_CONNECTIONS', 'the limit of connections is reached')
    const connection = await connectTcp({ address, port, timeoutMs })
    if (this.#isStopped) {
      connection.destroy()
      throw new SwitchError('SIP_STOPPED', 'the agent was stopped')
    }
    return this.#adopt(connection, listener, true)
  }

  #adopt(connection: TcpConnection, listener: Listener, isOurs: boolean): TcpFlow {
    const flow = new TcpFlow(this, connection, listener, isOurs)
    this.#all.add(flow)
    this.#flows.set(hostPort(flow.remoteAddress, flow.remotePort), flow)
    this.#watch()
    return flow
  }

  gone(flow: TcpFlow, reason: Error | undefined): void {
    this.#all.delete(flow)
    const key = hostPort(flow.remoteAddress, flow.remotePort)
    if (this.#flows.get(key) === flow) this.#flows.delete(key)
    this.core.flowClosed(flow, reason)
  }

  /** While there are connections, looks at them now and then: one timer for all. */
  #watch(): void {
    if (this.#sweep !== undefined || this.#isStopped) return
    const every = Math.max(50, Math.min(5000, this.limits.messageMs / 4))
    this.#sweep = this.core.clock.after(every, () => {
      this.#sweep = undefined
      const now = this.core.clock.now()
      for (const flow of this.#all) {
        if (flow.dueSince !== undefined && now - flow.dueSince >= this.limits.messageMs) {
          this.core.counters.unfinishedConnections++
          this.core.note(`${flow}: no whole message in time`)
          flow.destroy()
        } else if (this.limits.idleMs > 0 && now - flow.lastUse >= this.limits.idleMs) {
          this.core.counters.idleConnections++
          flow.destroy()
        }
      }
      if (this.#all.size > 0) this.#watch()
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#sweep?.cancel()
    const closing = this.listeners.map((listener) => listener.close())
    for (const flow of this.#all) flow.destroy()
    await Promise.all(closing)
  }
}
