/** SRTP and SRTCP (RFC 3711): packets sealed before they go out and opened when they come, in place. */
import { SwitchError } from '../base/errors.ts'
import { headerLength, isRtp, payloadStart, read32, sequenceOf, ssrcOf } from './packet.ts'
import { ReplayWindow } from './replay-window.ts'
import { CounterModeTransform } from './srtp-counter-mode.ts'
import { GcmTransform } from './srtp-gcm.ts'
import { deriveSessionKeys } from './srtp-keys.ts'
import { SrtpStream } from './srtp-stream.ts'
import { type SrtpSuite, type SrtpSuiteName, srtpSuites } from './srtp-suite.ts'
import { rtcpHeaderLength, type SrtpTransform } from './srtp-transform.ts'

/** Why a packet was refused: what `protect` and `unprotect` give instead of a length. */
export const srtpRefusal = {
  /** Not RTP or RTCP, or shorter than its own header and the tag. */
  short: -1,
  /** The tag is wrong: another key, another rollover counter, or a forgery. */
  unauthentic: -2,
  /** It came before, or is too old to tell; a sender would use a piece of its key stream twice. */
  replayed: -3,
  /** The key's 2^48 packets (2^31 of RTCP) are used up (RFC 3711 section 9.2). */
  expired: -4,
  /** No room behind the packet for the tag. */
  room: -5,
  /** More sources under one key than anybody needs. */
  sources: -6,
} as const

/** Sources under one key; a call has one to three. */
const mostSources = 256
const rocLimit = 0x100000000
const rtcpIndexLimit = 0x80000000
/** A first packet numbered below this may be one behind a wrap that we did not see. */
const justWrapped = 0x1000

const noMki = new Uint8Array(0)

/**
 * The transform of a suite, from master key and master salt as they stand one behind the other in `a=crypto` lines.
 * Throws SwitchError SRTP_BAD_KEY when they have another length than the suite asks for.
 */
export function srtpTransform(
  name: SrtpSuiteName,
  master: Uint8Array,
  mki: Uint8Array = noMki,
): SrtpTransform {
  const suite: SrtpSuite = srtpSuites[name]
  const { keyLength, saltLength } = suite
  if (master.length !== keyLength + saltLength) {
    throw new SwitchError(
      'SRTP_BAD_KEY',
      `${name} takes a key of ${keyLength} and a salt of ${saltLength} octets, not ${master.length} together`,
    )
  }
  const key = master.subarray(0, keyLength)
  const salt = master.subarray(keyLength)
  const rtp = deriveSessionKeys(suite, key, salt, false)
  const rtcp = deriveSessionKeys(suite, key, salt, true)
  return suite.cipher === 'gcm'
    ? new GcmTransform(rtp, rtcp, suite.tagLength, mki)
    : new CounterModeTransform(rtp, rtcp, suite.tagLength, suite.rtcpTagLength, mki)
}

/** Seals what we send under one key, of any number of sources. */
export class SrtpSender {
  readonly #transform: SrtpTransform
  readonly #streams = new Map<number, SrtpStream>()
  readonly #rtcpIndexes = new Map<number, number>()
  #lastSsrc = -1
  #last: SrtpStream | undefined

  constructor(transform: SrtpTransform) {
    this.#transform = transform
  }

  /** Octets that a packet grows by. */
  get overhead(): number {
    return this.#transform.overhead
  }

  get rtcpOverhead(): number {
    return this.#transform.rtcpOverhead
  }

  /**
   * Seals the RTP packet that is the first `length` octets of `packet`, into `into`, which may be `packet` itself and
   * has `overhead` octets more. The new length, or one of `srtpRefusal`.
   */
  protect(packet: Uint8Array, length: number, into: Uint8Array): number {
    if (length < headerLength || length > packet.length || !isRtp(packet)) return srtpRefusal.short
    const start = payloadStart(packet)
    if (start < 0 || start > length) return srtpRefusal.short
    if (into.length < length + this.#transform.overhead) return srtpRefusal.room
    const ssrc = ssrcOf(packet)
    const sequence = sequenceOf(packet)
    let stream = ssrc === this.#lastSsrc ? this.#last : this.#streams.get(ssrc)
    if (stream === undefined) {
      if (this.#streams.size >= mostSources) return srtpRefusal.sources
      stream = new SrtpStream(0, sequence)
      this.#streams.set(ssrc, stream)
    }
    this.#lastSsrc = ssrc
    this.#last = stream
    const roc = stream.rocOf(sequence)
    if (roc < 0) return srtpRefusal.replayed
    if (roc >= rocLimit) return srtpRefusal.expired
    if (stream.window.isReplayed(roc * 0x10000 + sequence)) return srtpRefusal.replayed
    stream.note(roc, sequence)
    if (into !== packet) copy(packet, length, into)
    return this.#transform.seal(into, start, length, ssrc, roc, sequence)
  }

  /** As `protect`, for a compound RTCP packet; it grows by `rtcpOverhead`. */
  protectRtcp(packet: Uint8Array, length: number, into: Uint8Array): number {
    if (length < rtcpHeaderLength || length > packet.length) return srtpRefusal.short
    if (into.length < length + this.#transform.rtcpOverhead) return srtpRefusal.room
    const ssrc = read32(packet, 4)
    const index = this.#rtcpIndexes.get(ssrc) ?? 0
    if (index >= rtcpIndexLimit) return srtpRefusal.expired
    if (index === 0 && this.#rtcpIndexes.size >= mostSources) return srtpRefusal.sources
    this.#rtcpIndexes.set(ssrc, index + 1)
    if (into !== packet) copy(packet, length, into)
    return this.#transform.sealRtcp(into, length, ssrc, index)
  }
}

/** Opens what came under one key, and counts what it refused. */
export class SrtpReceiver {
  /** Packets that were authentic, and those refused by reason. */
  opened = 0
  short = 0
  unauthentic = 0
  replayed = 0
  /** Refused because of too many sources, or a counter at its end. */
  refused = 0
  readonly #transform: SrtpTransform
  readonly #streams = new Map<number, SrtpStream>()
  readonly #rtcpWindows = new Map<number, ReplayWindow>()
  readonly #earlier: ReadonlyMap<number, SrtpStream> | undefined
  #lastSsrc = -1
  #last: SrtpStream | undefined

  /** `before` had the streams under their key until now: some senders keep their rollover counter with a new one. */
  constructor(transform: SrtpTransform, before?: SrtpReceiver) {
    this.#transform = transform
    this.#earlier = before === undefined ? undefined : before.#streams
  }

  /**
   * Opens the SRTP packet that is the first `length` octets of `packet`, in place. The length of the plain packet, or
   * one of `srtpRefusal`; what is refused is left as it came and changes nothing but the counts.
   */
  unprotect(packet: Uint8Array, length: number = packet.length): number {
    return this.#count(this.#unprotect(packet, length))
  }

  /** As `unprotect`, for a compound SRTCP packet. */
  unprotectRtcp(packet: Uint8Array, length: number = packet.length): number {
    return this.#count(this.#unprotectRtcp(packet, length))
  }

  #unprotect(packet: Uint8Array, length: number): number {
    if (length < headerLength || length > packet.length || !isRtp(packet)) return srtpRefusal.short
    const start = payloadStart(packet)
    const plain = length - this.#transform.overhead
    if (start < 0 || start > plain) return srtpRefusal.short
    const ssrc = ssrcOf(packet)
    const sequence = sequenceOf(packet)
    const stream = ssrc === this.#lastSsrc ? this.#last : this.#streams.get(ssrc)
    if (stream === undefined) return this.#first(packet, start, length, ssrc, sequence)
    const roc = stream.rocOf(sequence)
    if (roc < 0) return srtpRefusal.replayed
    if (roc >= rocLimit) return srtpRefusal.expired
    if (stream.window.isReplayed(roc * 0x10000 + sequence)) return srtpRefusal.replayed
    if (!this.#transform.open(packet, start, length, ssrc, roc, sequence))
      return srtpRefusal.unauthentic
    stream.note(roc, sequence)
    this.#lastSsrc = ssrc
    this.#last = stream
    return plain
  }

  /** The first packet of a source: nothing is kept of it before it proved authentic. */
  #first(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    sequence: number,
  ): number {
    if (this.#streams.size >= mostSources) return srtpRefusal.sources
    const roc = this.#firstRocs(ssrc, sequence).find(
      (candidate) =>
        candidate >= 0 && this.#transform.open(packet, start, length, ssrc, candidate, sequence),
    )
    if (roc === undefined) return srtpRefusal.unauthentic
    const stream = new SrtpStream(roc, sequence)
    stream.note(roc, sequence)
    this.#streams.set(ssrc, stream)
    this.#lastSsrc = ssrc
    this.#last = stream
    return length - this.#transform.overhead
  }

  /** What the rollover counter of a source's first packet may be, the likeliest first. */
  #firstRocs(ssrc: number, sequence: number): readonly number[] {
    // RFC 3711 section 3.3.1 has the counter go on under a new key; most begin anew, as they do with a new stream.
    const known = this.#earlier?.get(ssrc)?.rocOf(sequence) ?? 0
    // A sender that began just below 2^16 (the same section warns of it) and whose packets before the wrap were lost
    // counts one more already.
    const candidates = sequence < justWrapped ? [0, 1, known] : [0, known]
    return candidates.filter((roc, index) => candidates.indexOf(roc) === index)
  }

  #unprotectRtcp(packet: Uint8Array, length: number): number {
    const plain = length - this.#transform.rtcpOverhead
    if (length > packet.length || plain < rtcpHeaderLength) return srtpRefusal.short
    if ((packet[0]! & 0xc0) !== 0x80) return srtpRefusal.short
    const ssrc = read32(packet, 4)
    const word = read32(packet, this.#transform.rtcpWordAt(length))
    const index = word & 0x7fffffff
    const window = this.#rtcpWindows.get(ssrc)
    if (window?.isReplayed(index)) return srtpRefusal.replayed
    if (!window && this.#rtcpWindows.size >= mostSources) return srtpRefusal.sources
    if (!this.#transform.openRtcp(packet, length, ssrc, word)) return srtpRefusal.unauthentic
    const noted = window ?? new ReplayWindow()
    if (!window) this.#rtcpWindows.set(ssrc, noted)
    noted.note(index)
    return plain
  }

  #count(result: number): number {
    if (result >= 0) this.opened++
    else if (result === srtpRefusal.short) this.short++
    else if (result === srtpRefusal.unauthentic) this.unauthentic++
    else if (result === srtpRefusal.replayed) this.replayed++
    else this.refused++
    return result
  }
}

function copy(packet: Uint8Array, length: number, into: Uint8Array): void {
  if (packet.length === length) into.set(packet)
  else into.set(packet.subarray(0, length))
}
