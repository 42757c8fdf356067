/**
 * SRTP of one leg: what comes is opened in place, what goes is sealed on its way to the socket. The keys come from
 * wherever they were agreed on (SDES, DTLS); new ones take over without a gap.
 */
import { logger } from '../base/log.ts'
import { SrtpReceiver, SrtpSender, srtpRefusal, srtpTransform } from '../rtp/srtp.ts'
import type { CryptoStats, LegDtls, LegCrypto as LegKeys, SrtpKey } from './engine.ts'
import { KeysToCome, type WireCrypto } from './wire-crypto.ts'

const log = logger('media/srtp')

/** After new keys packets may still come under the old ones: what the other side sent before it heard of them. ms. */
const overlapMs = 5000
/** So many packets in a row that nobody can read are worth a line. */
const worthTelling = 10
/** Longer than any packet with sound, and its tag. */
const longestPacket = 16384

/** Why packets were refused, as the counters have it. */
const incoming: Readonly<Record<number, string>> = {
  [srtpRefusal.short]: 'SRTP short',
  [srtpRefusal.unauthentic]: 'SRTP not authentic',
  [srtpRefusal.replayed]: 'SRTP replayed',
  [srtpRefusal.expired]: 'SRTP key used up',
  [srtpRefusal.sources]: 'SRTP sources',
}
const outgoing: Readonly<Record<number, string>> = {
  [srtpRefusal.short]: 'SRTP send bad header',
  [srtpRefusal.replayed]: 'SRTP send repeated',
  [srtpRefusal.expired]: 'SRTP send key used up',
  [srtpRefusal.room]: 'SRTP send too long',
}

/** Sealed packets of every leg of this thread, one after the other: sending takes the octets before it returns. */
const wire = Buffer.alloc(longestPacket)
/** Views of the first n octets, made when first asked for: packets of calls are of few lengths. */
const views: (Buffer | undefined)[] = []

function sealed(length: number): Buffer {
  let view = views[length]
  if (view === undefined) {
    view = wire.subarray(0, length)
    views[length] = view
  }
  return view
}

export class LegCrypto implements WireCrypto {
  readonly #uuid: string
  readonly #drop: (reason: string) => void
  #keys: LegKeys
  #receiver: SrtpReceiver
  #sender: SrtpSender
  /** What read the packets until the keys changed, and until when it still may. */
  #earlier: SrtpReceiver | undefined
  #earlierUntil = 0
  /** Packets in a row that could not be read. */
  #unread = 0
  #unauthentic = 0
  #replayed = 0

  /** `drop` counts a refused packet. Throws SwitchError SRTP_BAD_KEY for a key that its suite does not take. */
  constructor(uuid: string, drop: (reason: string) => void, keys: LegKeys) {
    this.#uuid = uuid
    this.#drop = drop
    this.#keys = keys
    this.#receiver = receiverOf(keys.receive)
    this.#sender = senderOf(keys.send)
  }

  /** What came: the suite, and packets refused since the leg opened. */
  get figures(): CryptoStats {
    return {
      suite: this.#keys.receive.suite,
      unauthentic: this.#unauthentic,
      replayed: this.#replayed,
    }
  }

  /** The same keys again change nothing: rollover counters and replay windows go on. */
  setKeys(keys: LegKeys, now: number): void {
    const before = this.#keys
    // Both first: a key that does not fit leaves all as it was.
    const sender = isSameKey(before.send, keys.send) ? this.#sender : senderOf(keys.send)
    if (!isSameKey(before.receive, keys.receive)) {
      const receiver = receiverOf(keys.receive, this.#receiver)
      this.#earlier = this.#receiver
      this.#earlierUntil = now + overlapMs
      this.#receiver = receiver
      this.#unread = 0
    }
    this.#sender = sender
    this.#keys = keys
  }

  /** Opens an RTP packet in place. The plain packet is its first so many octets; -1: it was refused and counted. */
  open(packet: Buffer, now: number): number {
    const length = this.#receiver.unprotect(packet)
    if (length >= 0) {
      this.#unread = 0
      return length
    }
    if (this.#earlier) {
      if (now < this.#earlierUntil) {
        const byEarlier = this.#earlier.unprotect(packet)
        if (byEarlier >= 0) return byEarlier
      } else this.#earlier = undefined
    }
    if (length === srtpRefusal.replayed) this.#replayed++
    if (length === srtpRefusal.unauthentic) this.#unauthentic++
    if (length === srtpRefusal.unauthentic && ++this.#unread === worthTelling)
      log.warning(
        `${worthTelling} packets in a row are not authentic under ${this.#keys.receive.suite}: another key, or a forgery`,
        this.#uuid,
      )
    this.#drop(incoming[length] ?? 'SRTP')
    return -1
  }

  /** The same for RTCP. */
  openReport(packet: Buffer, now: number): number {
    const length = this.#receiver.unprotectRtcp(packet)
    if (length >= 0) return length
    if (this.#earlier && now < this.#earlierUntil) {
      const byEarlier = this.#earlier.unprotectRtcp(packet)
      if (byEarlier >= 0) return byEarlier
    }
    this.#drop(incoming[length]?.replace('SRTP', 'SRTCP') ?? 'SRTCP')
    return -1
  }

  /** The RTP packet as it goes out, valid until the next; undefined: it was refused and counted. */
  seal(packet: Uint8Array): Buffer | undefined {
    return this.#sealed(this.#sender.protect(packet, packet.length, wire))
  }

  /** The same for RTCP. */
  sealReport(packet: Uint8Array): Buffer | undefined {
    return this.#sealed(this.#sender.protectRtcp(packet, packet.length, wire))
  }

  #sealed(length: number): Buffer | undefined {
    if (length >= 0) return sealed(length)
    this.#drop(outgoing[length] ?? 'SRTP send')
    return undefined
  }
}

/** Whose packets are opened and sealed. */
export interface CryptoOwner {
  readonly uuid: string
  readonly host: { drop(reason: string): void }
}

/** What stands for new settings in place of `before`: their keys, those that DTLS will bring or has brought, or nothing. */
export function cryptoFor(
  owner: CryptoOwner,
  before: WireCrypto | undefined,
  { crypto, dtls }: { readonly crypto?: LegKeys | undefined; readonly dtls?: LegDtls | undefined },
  now: number,
): WireCrypto | undefined {
  if (crypto) return withKeys(owner, before, crypto, now)
  if (!dtls) return undefined
  return before ?? new KeysToCome((reason) => owner.host.drop(reason))
}

/** The same with keys, which go on where they are the same again. Throws SwitchError SRTP_BAD_KEY and changes nothing. */
export function withKeys(
  { uuid, host }: CryptoOwner,
  before: WireCrypto | undefined,
  keys: LegKeys,
  now: number,
): LegCrypto {
  if (!(before instanceof LegCrypto))
    return new LegCrypto(uuid, (reason) => host.drop(reason), keys)
  before.setKeys(keys, now)
  return before
}

const noMki = new Uint8Array(0)

function receiverOf({ suite, key, mki }: SrtpKey, before?: SrtpReceiver): SrtpReceiver {
  return new SrtpReceiver(srtpTransform(suite, key, mki ?? noMki), before)
}

function senderOf({ suite, key, mki }: SrtpKey): SrtpSender {
  return new SrtpSender(srtpTransform(suite, key, mki ?? noMki))
}

function isSameKey(a: SrtpKey, b: SrtpKey): boolean {
  return (
    a.suite === b.suite &&
    Buffer.compare(a.key, b.key) === 0 &&
    Buffer.compare(a.mki ?? noMki, b.mki ?? noMki) === 0
  )
}
