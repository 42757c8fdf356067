/** One TCP connection of ICE: packets in and out, framed (RFC 4571). Whoever owns it says what they are. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import { addressText } from '../net/errors.ts'
import type { TcpConnection } from '../net/tcp.ts'
import { framed, TcpFrames } from '../webrtc/tcp-frames.ts'
import type { Source } from './media-socket.ts'

const log = logger('media/ice-tcp')

/** Octets of checks and of DTLS that may wait for the kernel to take them. Of sound and pictures nothing waits: late it is worth nothing. */
const mostWaiting = 16 * 1024
/** From here on a first octet means RTP or RTCP (RFC 7983). */
const firstOfMedia = 128

/** First the listener, then the leg whose password the connection has shown. */
export interface TcpPackets {
  /** The packet is lent until this returns. */
  packet(packet: Buffer, from: IceTcpConnection): void
  /** Told once, whoever has closed it. */
  ended(from: IceTcpConnection): void
  drop(reason: string): void
}

export class IceTcpConnection {
  /** As the legs know it. */
  readonly source: Source
  /** `ip:port`, for logs. */
  readonly text: string
  readonly openedAt = performance.now()
  owner: TcpPackets
  /** Checks that came before anybody knew their name. */
  tries = 0
  readonly #connection: TcpConnection
  readonly #frames = new TcpFrames()
  #isOpen = true

  constructor(connection: TcpConnection, owner: TcpPackets) {
    const { remoteAddress: address, remotePort: port } = connection
    this.source = { address, port, way: 'tcp' }
    this.text = addressText(address, port)
    this.#connection = connection
    this.owner = owner
    connection.listen({
      data: (chunk) => this.#arrived(chunk),
      closed: (reason) => {
        if (reason && this.#isOpen) log.debug(reason.message)
        this.close()
      },
    })
  }

  /** Sends a packet, or drops it where the other side does not take what was sent before. */
  send(packet: Uint8Array): void {
    const waiting = this.#connection.waitingBytes
    if (waiting > 0 && (waiting > mostWaiting || (packet[0] ?? 0) >= firstOfMedia))
      this.owner.drop('ICE TCP late')
    else this.#connection.send(framed(packet))
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#connection.destroy()
    this.owner.ended(this)
  }

  readonly #take = (packet: Buffer): boolean => {
    try {
      this.owner.packet(packet, this)
    } catch (thrown) {
      this.owner.drop('handler failed')
      log.err(`a packet of ${this.text} could not be handled: ${reasonOf(thrown)}`)
    }
    return this.#isOpen
  }

  #arrived(chunk: Buffer): void {
    if (!this.#isOpen || this.#frames.push(chunk, this.#take)) return
    this.owner.drop('ICE TCP frame')
    log.info(`${this.text} is closed: what it sends is no packet of ICE over TCP`)
    this.close()
  }
}
