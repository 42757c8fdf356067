/**
 * One end of a stream that passes untouched: video, real-time text (T.140), T.38 and whatever proxied media carries. What
 * arrives goes to the other end octet for octet; RTP's payload type alone may be renumbered where the two sides differ.
 */
import { isIP } from 'node:net'
import { logger } from '../base/log.ts'
import { isRtcp, isRtp } from '../rtp/packet.ts'
import type { StreamSettings, StreamStats } from './engine.ts'
import { Latch } from './latch.ts'
import type { LegHost } from './leg-host.ts'
import type { Source } from './media-socket.ts'
import type { PacketOwner, SocketPair } from './sockets.ts'

const log = logger('media/stream')

/** What passed through a pair of ports: packets and octets of both ports together. */
export class Passed {
  packetsIn = 0
  octetsIn = 0
  packetsOut = 0
  octetsOut = 0
}

/** Whoever lends a leg's ports. */
export interface PairLender {
  readonly passed: Passed
  /** Where the lender's party was found to be, if that is where `address` and `port` of its SDP lead. */
  found(address: string, port: number): Source | undefined
}

export class StreamRelay implements PacketOwner {
  readonly id: number
  readonly uuid: string
  readonly latch = new Latch()
  peer: StreamRelay | undefined
  settings: StreamSettings | undefined
  readonly #host: LegHost
  readonly #passed: Passed
  readonly #lender: PairLender | undefined
  #pair: SocketPair | undefined
  /** Where to send; port 0: nowhere. */
  #address = ''
  #port = 0
  #rtcpPort = 0
  /** The payload types that the party sends, as the other side numbers them. */
  #types: Uint8Array | undefined
  #lastPacketAt = -1
  #timeoutFrom = performance.now()
  #isTimeoutTold = false

  constructor(id: number, uuid: string, host: LegHost, pair: SocketPair, lender?: PairLender) {
    this.id = id
    this.uuid = uuid
    this.#host = host
    this.#pair = pair
    this.#lender = lender
    this.#passed = lender?.passed ?? new Passed()
  }

  configure(settings: StreamSettings): void {
    const before = this.settings
    this.settings = settings
    const { remoteAddress, remotePort, latch } = settings
    if (
      !before ||
      before.remoteAddress !== remoteAddress ||
      before.remotePort !== remotePort ||
      before.latch !== latch
    ) {
      const found = this.#lender?.found(remoteAddress, remotePort)
      this.latch.expect(found?.address ?? remoteAddress, found?.port ?? remotePort, latch)
      this.#restartTimeout()
    }
    this.#types = settings.payloadTypes && tableOf(settings.payloadTypes)
    this.#aim()
  }

  rtp(packet: Buffer, from: Source): void {
    const { settings, latch } = this
    if (settings === undefined) return this.#host.drop('stream not configured')
    if (settings.rtcpMux && isRtcp(packet)) return this.rtcp(packet, from)
    if (from.port !== latch.port || from.address !== latch.address) {
      if (!latch.isOpen) return this.#host.drop('stream source')
      if (latch.stranger(from.address, from.port)) this.#latched()
    } else if (latch.isOpen) latch.confirm()
    this.#lastPacketAt = performance.now()
    this.#isTimeoutTold = false
    this.#arrived(packet)
    const { peer } = this
    if (peer === undefined) return this.#host.drop('stream alone')
    const types = this.#types
    if (types !== undefined && isRtp(packet))
      packet[1] = (packet[1]! & 0x80) | types[packet[1]! & 0x7f]!
    peer.#send(packet, false)
  }

  rtcp(packet: Buffer, from: Source): void {
    if (this.settings === undefined) return this.#host.drop('stream not configured')
    // The port may be any, NATs move it; the host is the stream's, or not yet known.
    if (from.address !== this.latch.address && !this.latch.isOpen)
      return this.#host.drop('stream source')
    if (this.settings.latch && !this.settings.rtcpMux && from.address === this.latch.address)
      this.#rtcpPort = from.port
    this.#arrived(packet)
    if (this.peer === undefined) return this.#host.drop('stream alone')
    this.peer.#send(packet, true)
  }

  /** Called a few times a second. */
  sweep(now: number): void {
    const seconds = this.settings?.timeoutSeconds ?? 0
    if (seconds <= 0 || this.#isTimeoutTold) return
    if (now - Math.max(this.#timeoutFrom, this.#lastPacketAt) < seconds * 1000) return
    this.#isTimeoutTold = true
    this.#host.tell({ tell: 'stream timeout', stream: this.id, seconds })
  }

  /** From now on what arrives here leaves there, and the other way round. */
  join(other: StreamRelay): void {
    if (this.peer === other) return
    this.part()
    other.part()
    this.peer = other
    other.peer = this
  }

  part(): void {
    if (this.peer) this.peer.peer = undefined
    this.peer = undefined
  }

  stats(): StreamStats {
    const { packetsIn, octetsIn, packetsOut, octetsOut } = this.#passed
    const { address, port } = this.latch
    return {
      packetsIn,
      octetsIn,
      packetsOut,
      octetsOut,
      remote: address === '' ? '' : `${address}:${port}`,
      latched: this.latch.isLearned,
      lastPacketAt:
        this.#lastPacketAt < 0 ? null : Math.round(performance.timeOrigin + this.#lastPacketAt),
    }
  }

  /** Ends it; gives the ports back to whoever owns them. */
  close(): SocketPair | undefined {
    this.part()
    const pair = this.#pair
    this.#pair = undefined
    return pair
  }

  #arrived(packet: Buffer): void {
    this.#passed.packetsIn++
    this.#passed.octetsIn += packet.length
  }

  #send(packet: Buffer, isControl: boolean): void {
    const pair = this.#pair
    const isApart = isControl && this.settings?.rtcpMux !== true
    const port = isApart ? this.#rtcpPort : this.#port
    if (pair === undefined || port === 0) return this.#host.drop('stream without address')
    this.#passed.packetsOut++
    this.#passed.octetsOut += packet.length
    const socket = isApart ? pair.rtcp : pair.rtp
    socket.send(packet, port, this.#address)
  }

  #latched(): void {
    const { address, port } = this.latch
    log.info(`the stream comes from ${address}:${port}: sending there`, this.uuid)
    this.#aim()
  }

  #aim(): void {
    const { address, port } = this.latch
    const isUsable = isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::' && port > 0
    if (isIP(address) === 0) log.err(`${address} is no address to send to`, this.uuid)
    this.#address = address
    this.#port = isUsable ? port : 0
    const rtcpPort = this.latch.isLearned
      ? port + 1
      : (this.settings?.remoteRtcpPort ?? (port + 1) % 65536)
    this.#rtcpPort = isUsable ? rtcpPort : 0
  }

  #restartTimeout(): void {
    this.#timeoutFrom = performance.now()
    this.#isTimeoutTold = false
  }
}

function tableOf(pairs: readonly (readonly [number, number])[]): Uint8Array | undefined {
  if (pairs.every(([from, to]) => from === to)) return undefined
  const table = Uint8Array.from({ length: 128 }, (_, type) => type)
  for (const [from, to] of pairs) table[from & 0x7f] = to & 0x7f
  return table
}
