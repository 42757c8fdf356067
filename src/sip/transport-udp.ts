/** SIP over UDP: a listening socket and the flows that go out through it. */
import { openUdp, type UdpSocket } from '../net/udp.ts'
import { type Flow, hostText } from './flow.ts'
import type { ListenAddress, Listener, TransportCore } from './transport.ts'
import { viaHostOf } from './transport-address.ts'

/** How many remote addresses are remembered with their flow. */
const flowCount = 16_384

/** Enough for bursts of some ten thousand messages while the loop is busy. */
const receiveBufferBytes = 8 * 1024 * 1024

export class UdpListener implements Listener {
  readonly protocol = 'udp'
  readonly address: string
  readonly port: number
  readonly spec: ListenAddress
  readonly #socket: UdpSocket
  readonly #flows = new Map<string, UdpFlow>()

  private constructor(spec: ListenAddress, socket: UdpSocket) {
    this.spec = spec
    this.address = spec.address
    this.port = socket.port
    this.#socket = socket
  }

  static async open(spec: ListenAddress, core: TransportCore): Promise<UdpListener> {
    let listener: UdpListener | undefined
    const socket = await openUdp({
      address: spec.address,
      port: spec.port,
      receiveBufferBytes,
      sendBufferBytes: receiveBufferBytes,
      onMessage: (data, remote) => {
        if (listener === undefined) return
        core.deliver(data, listener.flow(remote.address, remote.port), false)
      },
      onError: (error) => core.socketFault(error),
    })
    listener = new UdpListener(spec, socket)
    return listener
  }

  get isOpen(): boolean {
    return this.#socket.isOpen
  }

  get isIPv6(): boolean {
    return this.address.indexOf(':') >= 0
  }

  /** The flow to a remote address: the same object each time, as long as it is remembered. */
  flow(address: string, port: number): UdpFlow {
    const key = `${address} ${port}`
    let flow = this.#flows.get(key)
    if (flow === undefined) {
      if (this.#flows.size >= flowCount) this.#flows.clear()
      flow = new UdpFlow(this, address, port)
      this.#flows.set(key, flow)
    }
    return flow
  }

  send(data: Buffer, port: number, address: string, failed?: (reason: Error) => void): void {
    this.#socket.send(data, port, address, failed)
  }

  close(): Promise<void> {
    return this.#socket.close()
  }
}

export class UdpFlow implements Flow {
  readonly protocol = 'udp'
  readonly isReliable = false
  readonly remoteAddress: string
  readonly remotePort: number
  readonly listener: UdpListener

  constructor(listener: UdpListener, remoteAddress: string, remotePort: number) {
    this.listener = listener
    this.remoteAddress = remoteAddress
    this.remotePort = remotePort
  }

  get localAddress(): string {
    return this.listener.address
  }

  get localPort(): number {
    return this.listener.port
  }

  get isOpen(): boolean {
    return this.listener.isOpen
  }

  get viaHost(): string {
    return viaHostOf(this.listener, this.remoteAddress)
  }

  send(data: Buffer, failed?: (reason: Error) => void): void {
    this.listener.send(data, this.remotePort, this.remoteAddress, failed)
  }

  toString(): string {
    return `udp ${hostText(this.remoteAddress)}:${this.remotePort}`
  }
}
