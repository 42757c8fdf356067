/**
 * One end of a stream that passes untouched: video, real-time text (T.140), T.38 and whatever proxied media carries. What
 * arrives goes to the other end octet for octet; RTP's payload type alone may be renumbered where the two sides differ.
 */
import { isRtp } from '../rtp/packet.ts'
import type { StreamSettings, StreamStats } from './engine.ts'
import type { Latch } from './latch.ts'
import type { LegHost } from './leg-host.ts'
import { PictureAsker } from './picture-asker.ts'
import type { SocketPair } from './sockets.ts'
import type { WireCrypto } from './wire-crypto.ts'

/** What passed: packets and octets, of RTP and RTCP together. */
export class Passed {
  packetsIn = 0
  octetsIn = 0
  packetsOut = 0
  octetsOut = 0
}

export abstract class Relay {
  readonly id: number
  readonly uuid: string
  readonly host: LegHost
  readonly passed: Passed
  peer: Relay | undefined
  settings: StreamSettings | undefined
  protected lastPacketAt = -1
  /** The payload types that the party sends, as the other side numbers them. */
  #types: Uint8Array | undefined
  #timeoutFrom = performance.now()
  #isTimeoutTold = false
  #asker: PictureAsker | undefined

  constructor(id: number, uuid: string, host: LegHost, passed = new Passed()) {
    this.id = id
    this.uuid = uuid
    this.host = host
    this.passed = passed
  }

  /** Sends what arrived at the other end, in the clear. */
  abstract send(packet: Buffer, isControl: boolean): void
  protected abstract get source(): Latch
  protected abstract get crypto(): WireCrypto | undefined
  /** Ends it; gives back ports that were its own. */
  abstract close(): SocketPair | undefined

  configure(settings: StreamSettings): void {
    this.settings = settings
    this.#types = settings.payloadTypes && tableOf(settings.payloadTypes)
  }

  /** Called a few times a second. */
  sweep(now: number): void {
    const seconds = this.settings?.timeoutSeconds ?? 0
    if (seconds <= 0 || this.#isTimeoutTold) return
    if (now - Math.max(this.#timeoutFrom, this.lastPacketAt) < seconds * 1000) return
    this.#isTimeoutTold = true
    this.host.tell({ tell: 'stream timeout', stream: this.id, seconds })
  }

  /** From now on what arrives here leaves there, and the other way round. */
  join(other: Relay): void {
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

  /** Asks the party for a whole picture of what it sends within the next second. */
  askForPicture(): void {
    this.#asker = new PictureAsker(performance.now())
  }

  stats(): StreamStats {
    const { packetsIn, octetsIn, packetsOut, octetsOut } = this.passed
    const { address, port, isLearned } = this.source
    const figures = this.crypto?.figures
    return {
      packetsIn,
      octetsIn,
      packetsOut,
      octetsOut,
      remote: address === '' ? '' : `${address}:${port}`,
      latched: isLearned,
      ...(figures && { crypto: figures }),
      lastPacketAt:
        this.lastPacketAt < 0 ? null : Math.round(performance.timeOrigin + this.lastPacketAt),
    }
  }

  /** A packet of the party, opened: it goes to the other end. */
  protected forward(packet: Buffer, now: number): void {
    this.lastPacketAt = now
    this.#isTimeoutTold = false
    this.#count(packet)
    if (this.#asker !== undefined) this.#ask(this.#asker, packet, now)
    const { peer } = this
    if (peer === undefined) return this.host.drop('stream alone')
    const types = this.#types
    if (types !== undefined && isRtp(packet))
      packet[1] = (packet[1]! & 0x80) | types[packet[1]! & 0x7f]!
    peer.send(packet, false)
  }

  /** The same for RTCP. */
  protected forwardControl(packet: Buffer): void {
    this.#count(packet)
    if (this.peer === undefined) return this.host.drop('stream alone')
    this.peer.send(packet, true)
  }

  protected restartTimeout(): void {
    this.#timeoutFrom = performance.now()
    this.#isTimeoutTold = false
  }

  #ask(asker: PictureAsker, packet: Buffer, now: number): void {
    if (asker.isOver(now)) {
      this.#asker = undefined
      return
    }
    const request = asker.request(packet)
    if (request) this.send(request, true)
  }

  #count(packet: Buffer): void {
    this.passed.packetsIn++
    this.passed.octetsIn += packet.length
  }
}

function tableOf(pairs: readonly (readonly [number, number])[]): Uint8Array | undefined {
  if (pairs.every(([from, to]) => from === to)) return undefined
  const table = Uint8Array.from({ length: 128 }, (_, type) => type)
  for (const [from, to] of pairs) table[from & 0x7f] = to & 0x7f
  return table
}
