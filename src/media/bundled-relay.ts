/** A relay without ports: it comes and goes by those of a leg, under the leg's keys (BUNDLE, RFC 9143). */
import { addExtension } from '../rtp/header-extension.ts'
import { isRtp, ssrcOf } from '../rtp/packet.ts'
import type { StreamSettings, StreamStats } from './engine.ts'
import type { Latch } from './latch.ts'
import { Relay } from './relay.ts'
import type { RtpLeg } from './rtp-leg.ts'
import type { WireCrypto } from './wire-crypto.ts'

/** Longer than any packet with a picture, and its name. */
const longestPacket = 4096
/** Packets that get their name: sending takes the octets before it returns. */
const named = Buffer.alloc(longestPacket)

export class BundledRelay extends Relay {
  readonly #leg: RtpLeg
  #isOpen = true
  /** The sources that came and went last, which the leg's bundle knows. */
  #lastIn = -1
  #lastOut = -1
  /** How packets to the party name the stream; undefined: they need not. */
  #name: { readonly extension: number; readonly text: Buffer } | undefined

  /** `before` had ports of its own until now: it is closed, and what it was joined with is joined with this one. */
  constructor(id: number, leg: RtpLeg, before?: Relay) {
    super(id, leg.uuid, leg.host, before?.passed)
    this.#leg = leg
    if (before) {
      const { peer, settings } = before
      before.part()
      if (settings) this.#take(settings)
      if (peer) this.join(peer)
    }
    leg.shareWith(this)
  }

  override configure(settings: StreamSettings): void {
    this.#take(settings)
    this.restartTimeout()
    if (this.#isOpen) this.#leg.bundle?.configured()
  }

  /** An RTP packet of the party's, opened. */
  arrived(packet: Buffer, ssrc: number, now: number): void {
    if (ssrc !== this.#lastIn) {
      this.#lastIn = ssrc
      this.#leg.bundle?.learn(ssrc, this)
    }
    this.forward(packet, now)
  }

  controlArrived(packet: Buffer): void {
    this.forwardControl(packet)
  }

  send(packet: Buffer, isControl: boolean): void {
    if (!this.#isOpen) return this.host.drop('stream without address')
    if (!isControl) {
      // The party could not tell whose it is.
      if (!isRtp(packet)) return this.host.drop('not RTP')
      const ssrc = ssrcOf(packet)
      if (ssrc !== this.#lastOut) {
        this.#lastOut = ssrc
        this.#leg.bundle?.learn(ssrc, this)
      }
    }
    const { length } = packet
    const octets = isControl || this.#name === undefined ? packet : this.#named(packet, this.#name)
    if (!this.#leg.sendBeside(octets, isControl)) return
    this.passed.packetsOut++
    this.passed.octetsOut += length
  }

  #take(settings: StreamSettings): void {
    super.configure(settings)
    const mid = settings.bundled?.mid
    this.#name = mid && { extension: mid.extension, text: Buffer.from(mid.name) }
  }

  /** The packet with its name in it; as it is where there is no room for one. */
  #named(packet: Buffer, { extension, text }: { extension: number; text: Buffer }): Buffer {
    const length = addExtension(packet, extension, text, named)
    return length < 0 ? packet : named.subarray(0, length)
  }

  /** Nothing goes or comes any more; the stream itself is closed by whoever opened it. */
  legClosed(): void {
    this.#isOpen = false
  }

  override stats(): StreamStats {
    return { ...super.stats(), isBundled: true }
  }

  close(): undefined {
    this.part()
    if (this.#isOpen) this.#leg.bundle?.remove(this)
    this.#isOpen = false
  }

  protected get source(): Latch {
    return this.#leg.latch
  }

  protected get crypto(): WireCrypto | undefined {
    return this.#leg.sender.crypto
  }
}
