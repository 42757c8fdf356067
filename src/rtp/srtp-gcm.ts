/** AES in Galois/counter mode for SRTP (RFC 7714): key streams made ahead, signed with GHASH. */
import { createCipheriv } from 'node:crypto'
import { Ghash } from './ghash.ts'
import { write32 } from './packet.ts'
import { type CounterLayout, KeyStream, packetsAhead } from './srtp-key-stream.ts'
import type { SrtpSessionKeys } from './srtp-keys.ts'
import { encryptedFlag, isSame, rtcpHeaderLength, type SrtpTransform } from './srtp-transform.ts'

const aesBlock = 16
/** Salt of 12 octets, exclusive-ored with SSRC and index; blocks count from 1 (sections 8.1 and 9.1). */
const layout: CounterLayout = { ssrcAt: 2, indexAt: 6, first: 1 }

/** Encrypts and signs packets of one kind. The first block of each key stream masks the tag. */
class Half {
  readonly #stream: KeyStream
  readonly #hash: Ghash

  constructor({ encryption, salt }: SrtpSessionKeys, ahead: number) {
    this.#stream = new KeyStream(encryption, salt, layout, ahead)
    const cipher = createCipheriv(`aes-${encryption.length * 8}-ecb`, encryption, null)
    cipher.setAutoPadding(false)
    this.#hash = new Ghash(cipher.update(new Uint8Array(aesBlock)))
  }

  /** Makes the key stream for octets `start` to `end`: where it begins. */
  find(start: number, end: number, ssrc: number, high: number, low: number): number {
    return this.#stream.find(ssrc, high, low, 1 + ((end - start + 15) >>> 4))
  }

  /** Encrypts or decrypts in place with the key stream found at `at`. */
  apply(packet: Uint8Array, start: number, end: number, at: number): void {
    const stream = this.#stream.octets
    for (let i = start, from = at + aesBlock; i < end; i++, from++) packet[i]! ^= stream[from]!
  }

  /**
   * The tag of `length` octets of associated data and of the encrypted octets `start` to `end` of `packet`, valid until
   * the next.
   */
  tag(
    associated: Uint8Array,
    length: number,
    packet: Uint8Array,
    start: number,
    end: number,
    at: number,
  ): Uint8Array {
    const hash = this.#hash
    hash.start()
    hash.add(associated, 0, length)
    hash.add(packet, start, end)
    const tag = hash.finish(length, end - start)
    const stream = this.#stream.octets
    for (let i = 0; i < aesBlock; i++) tag[i]! ^= stream[at + i]!
    return tag
  }
}

export class GcmTransform implements SrtpTransform {
  readonly overhead: number
  readonly rtcpOverhead: number
  readonly #rtp: Half
  readonly #rtcpKeys: SrtpSessionKeys
  #rtcpHalf: Half | undefined
  readonly #tagLength: number
  readonly #mki: Uint8Array
  /** The associated data of RTCP: eight octets in the clear and the word with the index. */
  readonly #associated = new Uint8Array(rtcpHeaderLength + 4)

  /** `tagLength` 8 or 16 octets. `mki`: the identifier that stands last, mostly empty. */
  constructor(rtp: SrtpSessionKeys, rtcp: SrtpSessionKeys, tagLength: number, mki: Uint8Array) {
    this.#rtp = new Half(rtp, packetsAhead)
    this.#rtcpKeys = rtcp
    this.#tagLength = tagLength
    this.#mki = mki
    this.overhead = tagLength + mki.length
    this.rtcpOverhead = 4 + tagLength + mki.length
  }

  /** Made when the first report goes or comes: many calls have none. */
  get #rtcp(): Half {
    this.#rtcpHalf ??= new Half(this.#rtcpKeys, 1)
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
    const half = this.#rtp
    const stream = half.find(start, length, ssrc, roc, sequence)
    half.apply(packet, start, length, stream)
    this.#put(packet, length, half.tag(packet, start, packet, start, length, stream))
    const at = length + this.#tagLength
    packet.set(this.#mki, at)
    return at + this.#mki.length
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
    if (!this.#hasMki(packet, length)) return false
    const half = this.#rtp
    const stream = half.find(start, end, ssrc, roc, sequence)
    const tag = half.tag(packet, start, packet, start, end, stream)
    if (!isSame(packet, end, tag, this.#tagLength)) return false
    half.apply(packet, start, end, stream)
    return true
  }

  sealRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    const word = (index | encryptedFlag) >>> 0
    const half = this.#rtcp
    const start = rtcpHeaderLength
    const stream = half.find(start, length, ssrc, index >>> 16, index & 0xffff)
    half.apply(packet, start, length, stream)
    const head = this.#rtcpHead(packet, word)
    this.#put(packet, length, half.tag(head, head.length, packet, start, length, stream))
    const at = length + this.#tagLength
    write32(packet, at, word)
    packet.set(this.#mki, at + 4)
    return at + 4 + this.#mki.length
  }

  rtcpWordAt(length: number): number {
    return length - this.#mki.length - 4
  }

  openRtcp(packet: Uint8Array, length: number, ssrc: number, word: number): boolean {
    const end = length - this.rtcpOverhead
    const index = word & 0x7fffffff
    if (!this.#hasMki(packet, length)) return false
    const half = this.#rtcp
    const isEncrypted = (word & encryptedFlag) !== 0
    const start = isEncrypted ? rtcpHeaderLength : end
    const stream = half.find(start, end, ssrc, index >>> 16, index & 0xffff)
    const head = isEncrypted ? this.#rtcpHead(packet, word) : clearHead(packet, end, word)
    const tag = half.tag(head, head.length, packet, start, end, stream)
    if (!isSame(packet, end, tag, this.#tagLength)) return false
    half.apply(packet, start, end, stream)
    return true
  }

  #rtcpHead(packet: Uint8Array, word: number): Uint8Array {
    const associated = this.#associated
    for (let i = 0; i < rtcpHeaderLength; i++) associated[i] = packet[i]!
    write32(associated, rtcpHeaderLength, word)
    return associated
  }

  #hasMki(packet: Uint8Array, length: number): boolean {
    return isSame(packet, length - this.#mki.length, this.#mki, this.#mki.length)
  }

  #put(packet: Uint8Array, at: number, tag: Uint8Array): void {
    for (let i = 0; i < this.#tagLength; i++) packet[at + i] = tag[i]!
  }
}

/** Section 9.3: of a packet in the clear everything is associated data, with the word behind it. */
function clearHead(packet: Uint8Array, end: number, word: number): Uint8Array {
  const all = new Uint8Array(end + 4)
  all.set(packet.subarray(0, end))
  write32(all, end, word)
  return all
}
