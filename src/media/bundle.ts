/**
 * What shares the port of a leg, its ICE and its keys (BUNDLE, RFC 9143): which packet is whose. RTP is told by its payload type,
 * where two streams have the same type by its SSRC, or the name in it (MID); RTCP by the SSRCs that it names.
 */
import { extensionText } from '../rtp/header-extension.ts'
import { payloadTypeOf, ssrcOf } from '../rtp/packet.ts'
import { splitReports } from '../rtp/rtcp-split.ts'
import { BundledRelay } from './bundled-relay.ts'
import type { RtpLeg } from './rtp-leg.ts'

/** Sources that are remembered; a call has a handful. The oldest makes room. */
const mostSources = 128

/** Several streams have the payload type: the source decides. */
const shared = 'shared'

export class Bundle {
  /** When a packet of a stream came last, `performance.now()`; -1 before. */
  lastPacketAt = -1
  readonly #leg: RtpLeg
  readonly #relays = new Set<BundledRelay>()
  readonly #byType: (BundledRelay | typeof shared | undefined)[] = []
  /** Of both directions: what the party sends, and what it is sent and reports about. */
  readonly #bySource = new Map<number, BundledRelay>()

  constructor(leg: RtpLeg) {
    this.#leg = leg
  }

  add(relay: BundledRelay): void {
    this.#relays.add(relay)
    this.configured()
  }

  remove(relay: BundledRelay): void {
    this.#relays.delete(relay)
    for (const [ssrc, owner] of this.#bySource) if (owner === relay) this.#bySource.delete(ssrc)
    this.configured()
  }

  /** The leg has closed: its streams have nothing to send by. */
  close(): void {
    for (const relay of [...this.#relays]) relay.legClosed()
  }

  /** A stream has other settings: its payload types and sources are noted anew. */
  configured(): void {
    this.#byType.length = 0
    for (const relay of this.#relays) {
      const { types = [], sources = [] } = relay.settings?.bundled ?? {}
      for (const type of types) {
        const other = this.#byType[type]
        this.#byType[type] = other === undefined || other === relay ? relay : shared
      }
      for (const ssrc of sources) this.learn(ssrc, relay)
    }
  }

  /** Whether an RTP packet can be of a stream here. */
  knows(payloadType: number): boolean {
    return this.#byType[payloadType] !== undefined
  }

  /** The source is of this stream from now on. */
  learn(ssrc: number, relay: BundledRelay): void {
    const sources = this.#bySource
    if (sources.get(ssrc) === relay) return
    sources.delete(ssrc)
    if (sources.size >= mostSources)
      for (const oldest of sources.keys()) {
        sources.delete(oldest)
        break
      }
    sources.set(ssrc, relay)
  }

  /** An RTP packet of the party, opened. */
  rtp(packet: Buffer, now: number): void {
    const ssrc = ssrcOf(packet)
    const byType = this.#byType[payloadTypeOf(packet)]
    const relay = byType === shared ? (this.#bySource.get(ssrc) ?? this.#named(packet)) : byType
    if (relay === undefined) return this.#leg.host.drop('bundle source')
    this.lastPacketAt = now
    relay.arrived(packet, ssrc, now)
  }

  /** RTCP of the party, opened; gives what concerns the sound, if anything does. */
  rtcp(packet: Buffer): Buffer | undefined {
    const parts = splitReports<BundledRelay | RtpLeg>(packet, this.#ownerOf)
    // What keeps no rules is for the leg to refuse and to count.
    if (!parts) return packet
    let own = parts.get(undefined)
    for (const [owner, part] of parts) {
      if (owner === this.#leg) own = part
      else if (owner instanceof BundledRelay) owner.controlArrived(part)
    }
    return own
  }

  /** The stream that a packet names; the first of a source does so until it is known that it came. */
  #named(packet: Buffer): BundledRelay | undefined {
    for (const relay of this.#relays) {
      const mid = relay.settings?.bundled?.mid
      if (mid && extensionText(packet, mid.extension) === mid.name) return relay
    }
    return undefined
  }

  readonly #ownerOf = (ssrc: number): BundledRelay | RtpLeg | undefined => {
    const leg = this.#leg
    if (ssrc === leg.sender.ssrc || ssrc === leg.reception.ssrc) return leg
    return this.#bySource.get(ssrc)
  }
}
