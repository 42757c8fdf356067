/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1, RFC 6188): the transform of most SRTP. */
import { write32 } from './packet.ts'
import { HmacSha1 } from './srtp-hmac.ts'
import { type CounterLayout, KeyStream, packetsAhead } from './srtp-key-stream.ts'
import type { SrtpSessionKeys } from './srtp-keys.ts'
import { encryptedFlag, isSame, rtcpHeaderLength, type SrtpTransform } from './srtp-transform.ts'

/** Salt · 2^16, SSRC · 2^64 and index · 2^16, exclusive-ored (section 4.1.1). */
const layout: CounterLayout = { ssrcAt: 4, indexAt: 8, first: 0 }

/** Encryption and decryption, which are the same. */
export class CounterMode {
  readonly #stream: KeyStream

  /** `ahead`: of how many packets the key stream is made at once. */
  constructor(key: Uint8Array, salt: Uint8Array, ahead = packetsAhead) {
    this.#stream = new KeyStream(key, salt, layout, ahead)
  }

  /** Encrypts or decrypts octets `start` to `end` in place. The packet's index is `high` · 2^16 + `low`. */
  apply(
    octets: Uint8Array,
    start: number,
    end: number,
    ssrc: number,
    high: number,
    low: number,
  ): void {
    if (start === end) return
    let at = this.#stream.find(ssrc, high, low, (end - start + 15) >>> 4)
    const stream = this.#stream.octets
    for (let i = start; i < end; i++, at++) octets[i]! ^= stream[at]!
  }
}

/** What encrypts and signs packets of one kind. */
interface Half {
  readonly cipher: CounterMode
  readonly signature: HmacSha1
}

function halfOf(keys: SrtpSessionKeys, ahead: number): Half {
  return {
    cipher: new CounterMode(keys.encryption, keys.salt, ahead),
    signature: new HmacSha1(keys.authentication),
  }
}

export class CounterModeTransform implements SrtpTransform {
  readonly overhead: number
  readonly rtcpOverhead: number
  readonly #rtp: Half
  readonly #rtcpKeys: SrtpSessionKeys
  #rtcpHalf: Half | undefined
  readonly #tagLength: number
  readonly #rtcpTagLength: number
  readonly #mki: Uint8Array

  /** Tag lengths in octets, 0 to 20. `mki`: the identifier that stands before the tag, mostly empty. */
  constructor(
    rtp: SrtpSessionKeys,
    rtcp: SrtpSessionKeys,
    tagLength: number,
    rtcpTagLength: number,
    mki: Uint8Array,
  ) {
    this.#rtp = halfOf(rtp, packetsAhead)
    this.#rtcpKeys = rtcp
    this.#tagLength = tagLength
    this.#rtcpTagLength = rtcpTagLength
    this.#mki = mki
    this.overhead = tagLength + mki.length
    this.rtcpOverhead = 4 + rtcpTagLength + mki.length
  }

  /** Made when the first report goes or comes: many calls have none. */
  get #rtcp(): Half {
    this.#rtcpHalf ??= halfOf(this.#rtcpKeys, 1)
    return this.#rtcpHalf
  }

  seal(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    this.#rtp.cipher.apply(packet, start, length, ssrc, roc, sequence)
    packet.set(this.#mki, length)
    const at = length + this.#mki.length
    const tagLength = this.#tagLength
    if (tagLength > 0) put(packet, at, this.#rtp.signature.sign(packet, length, roc), tagLength)
    return at + tagLength
  }

  open(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): boolean {
    const end = length - this.overhead
    const tagLength = this.#tagLength
    if (tagLength > 0) {
      const tag = this.#rtp.signature.sign(packet, end, roc)
      if (!isSame(packet, length - tagLength, tag, tagLength)) return false
    }
    if (!isSame(packet, end, this.#mki, this.#mki.length)) return false
    this.#rtp.cipher.apply(packet, start, end, ssrc, roc, sequence)
    return true
  }

  sealRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    this.#rtcp.cipher.apply(packet, rtcpHeaderLength, length, ssrc, index >>> 16, index & 0xffff)
    const word = (index | encryptedFlag) >>> 0
    write32(packet, length, word)
    packet.set(this.#mki, length + 4)
    const at = length + 4 + this.#mki.length
    const tagLength = this.#rtcpTagLength
    if (tagLength > 0) put(packet, at, this.#rtcp.signature.sign(packet, length, word), tagLength)
    return at + tagLength
  }

  rtcpWordAt(length: number): number {
    return length - this.rtcpOverhead
  }

  openRtcp(packet: Uint8Array, length: number, ssrc: number, word: number): boolean {
    const end = length - this.rtcpOverhead
    const tagLength = this.#rtcpTagLength
    if (tagLength > 0) {
      const tag = this.#rtcp.signature.sign(packet, end, word)
      if (!isSame(packet, length - tagLength, tag, tagLength)) return false
    }
    if (!isSame(packet, end + 4, this.#mki, this.#mki.length)) return false
    if ((word & encryptedFlag) === 0) return true
    const index = word & 0x7fffffff
    this.#rtcp.cipher.apply(packet, rtcpHeaderLength, end, ssrc, index >>> 16, index & 0xffff)
    return true
  }
}

function put(packet: Uint8Array, at: number, tag: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) packet[at + i] = tag[i]!
}
