/** A relay with ports of its own, or on those that a leg has lent it; with ICE, DTLS and keys of its own where they were agreed on. */
import { isIP } from 'node:net'
import { logger } from '../base/log.ts'
import { isRtcp, isRtp } from '../rtp/packet.ts'
import type { LegCrypto as Keys, StreamSettings } from './engine.ts'
import { Latch } from './latch.ts'
import { cryptoFor, withKeys } from './leg-crypto.ts'
import type { LegHost } from './leg-host.ts'
import type { Source } from './media-socket.ts'
import type { WebRtcNews } from './protocol.ts'
import { type Passed, Relay } from './relay.ts'
import { SecureWire } from './secure-wire.ts'
import type { PacketOwner, SocketPair } from './sockets.ts'
import type { WireCrypto } from './wire-crypto.ts'

const log = logger('media/stream')

/** Whoever lends a leg's ports. */
export interface PairLender {
  readonly passed: Passed
  /** Where the lender's party was found to be, if that is where `address` and `port` of its SDP lead. */
  found(address: string, port: number): Source | undefined
}

export class StreamRelay extends Relay implements PacketOwner {
  readonly latch = new Latch()
  readonly #lender: PairLender | undefined
  #pair: SocketPair | undefined
  /** Where to send; port 0: nowhere. */
  #address = ''
  #port = 0
  #rtcpPort = 0
  /** ICE and DTLS, and the keys that came of it; undefined: packets pass as they are. */
  #wire: SecureWire | undefined
  #crypto: WireCrypto | undefined
  /** False while ICE has lost the party. */
  #hasConsent = true

  constructor(id: number, uuid: string, host: LegHost, pair: SocketPair, lender?: PairLender) {
    super(id, uuid, host, lender?.passed)
    this.#pair = pair
    this.#lender = lender
  }

  override configure(settings: StreamSettings): void {
    const before = this.settings
    super.configure(settings)
    const { remoteAddress, remotePort, latch } = settings
    const isElsewhere =
      !before ||
      before.remoteAddress !== remoteAddress ||
      before.remotePort !== remotePort ||
      before.latch !== latch
    if (isElsewhere && !(settings.ice && this.#wire?.isSettled)) {
      const found = this.#lender?.found(remoteAddress, remotePort)
      this.latch.expect(found?.address ?? remoteAddress, found?.port ?? remotePort, latch)
      this.restartTimeout()
    }
    this.#aim()
    this.#secure(settings)
  }

  rtp(packet: Buffer, from: Source): void {
    const { settings, latch } = this
    if (settings === undefined) return this.host.drop('stream not configured')
    if (this.#wire !== undefined && !isRtp(packet)) return this.#wire.packet(packet, from)
    if (settings.rtcpMux && isRtcp(packet)) return this.rtcp(packet, from)
    const isElsewhere = latch.isElsewhere(from)
    const isProven = isElsewhere && this.#hasProven(from)
    if (isElsewhere && !isProven && !latch.isOpen) return this.host.drop('stream source')
    const now = performance.now()
    if (this.#crypto !== undefined) {
      // Before the latch: a forged packet must not move the stream.
      const length = this.#crypto.open(packet, now)
      if (length < 0) return
      packet = packet.subarray(0, length)
    }
    if (!isElsewhere) {
      if (latch.isOpen) latch.confirm()
    } else if (!isProven && latch.stranger(from.address, from.port)) this.#latched()
    this.forward(packet, now)
  }

  rtcp(packet: Buffer, from: Source): void {
    if (this.settings === undefined) return this.host.drop('stream not configured')
    // The port may be any, NATs move it; the host is the stream's, or not yet known.
    const isElsewhere = from.address !== this.latch.address
    if (isElsewhere && !this.#hasProven(from) && !this.latch.isOpen)
      return this.host.drop('stream source')
    if (this.#crypto !== undefined) {
      const length = this.#crypto.openReport(packet, performance.now())
      if (length < 0) return
      packet = packet.subarray(0, length)
    }
    if (this.settings.latch && !this.settings.rtcpMux && from.address === this.latch.address)
      this.#rtcpPort = from.port
    this.forwardControl(packet)
  }

  override sweep(now: number): void {
    this.#wire?.sweep(now, this.lastPacketAt)
    super.sweep(now)
  }

  send(packet: Buffer, isControl: boolean): void {
    const pair = this.#pair
    const isApart = isControl && this.settings?.rtcpMux !== true
    const port = isApart ? this.#rtcpPort : this.#port
    if (pair === undefined || port === 0) return this.host.drop('stream without address')
    const crypto = this.#crypto
    const octets =
      crypto === undefined ? packet : isControl ? crypto.sealReport(packet) : crypto.seal(packet)
    if (octets === undefined) return
    this.passed.packetsOut++
    this.passed.octetsOut += packet.length
    const socket = isApart ? pair.rtcp : pair.rtp
    socket.send(octets, port, this.#address)
  }

  close(): SocketPair | undefined {
    this.part()
    this.#wire?.close()
    const pair = this.#pair
    this.#pair = undefined
    return pair
  }

  protected get source(): Latch {
    return this.latch
  }

  protected get crypto(): WireCrypto | undefined {
    return this.#crypto
  }

  #secure({ ice, dtls, remoteAddress, remotePort }: StreamSettings): void {
    const pair = this.#pair
    const now = performance.now()
    this.#crypto = cryptoFor(this, this.#crypto, { dtls }, now)
    if (!this.#wire && (ice || dtls) && pair) {
      const owner = {
        uuid: this.uuid,
        identity: this.host.identity,
        webRtcPort: { stream: this.id },
        here: `${pair.address}:${pair.port}`,
        tell: (news: WebRtcNews) => this.host.tell(news),
        drop: (reason: string) => this.host.drop(reason),
        settled: (address: string, port: number) => {
          if (this.latch.nominate(address, port)) this.#aim()
        },
        consent: (isGiven: boolean) => {
          this.#hasConsent = isGiven
          this.#aim()
        },
        secured: (keys: Keys) => {
          this.#crypto = withKeys(this, this.#crypto, keys, performance.now())
        },
      }
      this.#wire = new SecureWire(owner, pair.rtp)
    }
    this.#wire?.configure(ice, dtls, remoteAddress, remotePort, now)
  }

  /** Whether ICE knows that the party sends from there too. */
  #hasProven(from: Source): boolean {
    return this.#wire?.hasProven(from) === true
  }

  #latched(): void {
    const { address, port } = this.latch
    log.info(`the stream comes from ${address}:${port}: sending there`, this.uuid)
    this.#aim()
  }

  #aim(): void {
    const { address, port } = this.latch
    const isAddress = isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::' && port > 0
    const isUsable = isAddress && this.#hasConsent
    if (isIP(address) === 0) log.err(`${address} is no address to send to`, this.uuid)
    this.#address = address
    this.#port = isUsable ? port : 0
    const rtcpPort = this.latch.isLearned
      ? port + 1
      : (this.settings?.remoteRtcpPort ?? (port + 1) % 65536)
    this.#rtcpPort = isUsable ? rtcpPort : 0
  }
}
