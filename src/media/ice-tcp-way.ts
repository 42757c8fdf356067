/** The way of a leg by TCP connections of ICE: those that have shown its password, and sending by the one that ICE has settled on. */
import { logger } from '../base/log.ts'
import type { TcpDescription } from './engine.ts'
import type { IceTcpConnection, TcpPackets } from './ice-tcp-connection.ts'
import type { IceTcpListener, TcpNamed } from './ice-tcp-listener.ts'
import type { MediaSocket, Source } from './media-socket.ts'

const log = logger('media/ice-tcp')

/** A browser has one, or two while its network changes; the oldest makes room. */
const mostConnections = 8

/** Whoever has the way. */
export interface TcpWayOwner {
  readonly uuid: string
  /** A packet that came by a connection. */
  rtp(packet: Buffer, from: Source): void
  drop(reason: string): void
  /** The connection there is no more. */
  tcpEnded(from: Source): void
}

export class IceTcpWay implements MediaSocket, TcpPackets, TcpNamed {
  readonly #owner: TcpWayOwner
  readonly #listener: IceTcpListener
  /** The oldest first. */
  readonly #connections = new Set<IceTcpConnection>()
  /** What ICE has settled on. */
  #used: IceTcpConnection | undefined
  #ufrag = ''
  password = ''
  #isUsed = false

  constructor(owner: TcpWayOwner, listener: IceTcpListener) {
    this.#owner = owner
    this.#listener = listener
  }

  /** `ip:port` that others connect to. */
  get here(): string {
    return this.#listener.here
  }

  /** What their checks are to have in them from now on: our name and password. */
  expect(ufrag: string, password: string): void {
    this.password = password
    if (ufrag === this.#ufrag) return
    this.#listener.unname(this.#ufrag, this)
    this.#ufrag = ufrag
    this.#listener.name(ufrag, this)
  }

  adopt(connection: IceTcpConnection, packet: Buffer): void {
    connection.owner = this
    if (this.#connections.size >= mostConnections) this.#oldest?.close()
    this.#connections.add(connection)
    log.info(`ICE: ${connection.text} has connected by TCP`, this.#owner.uuid)
    this.packet(packet, connection)
  }

  packet(packet: Buffer, from: IceTcpConnection): void {
    this.#owner.rtp(packet, from.source)
  }

  ended(from: IceTcpConnection): void {
    if (!this.#connections.delete(from)) return
    if (this.#used === from) this.#used = undefined
    log.info(`ICE: the TCP connection of ${from.text} has ended`, this.#owner.uuid)
    this.#owner.tcpEnded(from.source)
  }

  drop(reason: string): void {
    this.#owner.drop(reason)
  }

  send(packet: Uint8Array, port: number, address: string): void {
    const { source } = this.#used ?? {}
    const isUsed = source?.port === port && source.address === address
    const connection = isUsed ? this.#used : this.#find(port, address)
    if (connection) connection.send(packet)
    else this.#owner.drop('ICE TCP gone')
  }

  /** The party has been settled on: there, by TCP or otherwise. */
  settled(address: string, port: number, isUsed: boolean): void {
    this.#isUsed = isUsed
    this.#used = isUsed ? this.#find(port, address) : undefined
  }

  close(): void {
    this.#listener.unname(this.#ufrag, this)
    const connections = [...this.#connections]
    // Nobody has to be told any more.
    this.#connections.clear()
    this.#used = undefined
    for (const connection of connections) connection.close()
  }

  describe(): TcpDescription {
    const connections = [...this.#connections].map(({ text }) => text)
    return { listening: this.here, connections, isUsed: this.#isUsed }
  }

  /** The one that came first, but for that in use. */
  get #oldest(): IceTcpConnection | undefined {
    for (const connection of this.#connections) if (connection !== this.#used) return connection
    return undefined
  }

  #find(port: number, address: string): IceTcpConnection | undefined {
    for (const connection of this.#connections) {
      const { source } = connection
      if (source.port === port && source.address === address) return connection
    }
    return undefined
  }
}
