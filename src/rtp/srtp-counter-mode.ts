/** AES in counter mode with HMAC-SHA1 (RFC 3711 sections 4.1.1 and 4.2.1, RFC 6188): the transform of most SRTP. */
import { type Cipher, createCipheriv } from 'node:crypto'
import { read32, write32 } from './packet.ts'
import { HmacSha1 } from './srtp-hmac.ts'
import type { SrtpSessionKeys } from './srtp-keys.ts'
import { encryptedFlag, rtcpHeaderLength, type SrtpTransform } from './srtp-transform.ts'

const aesBlock = 16
/** Blocks made in one call: a packet of 1500 octets in one go, longer ones in several. */
const chunkBlocks = 96
const chunkLength = chunkBlocks * aesBlock

/**
 * The key stream. One cipher object lives as long as the key: the counters are set up here and encrypted as plain
 * blocks, because an object for each packet's start value would cost more than all its encryption.
 */
export class CounterMode {
  readonly #cipher: Cipher
  readonly #salt: Uint8Array
  /** Counter blocks, with views of them in units that make writing one cheap whatever the machine's octet order. */
  readonly #blocks = new Uint8Array(chunkLength)
  readonly #words = new Int32Array(this.#blocks.buffer)
  readonly #halves = new Uint16Array(this.#blocks.buffer)
  /** Views of the first n blocks, made when first asked for: packets of a call are mostly of one length. */
  readonly #views: Uint8Array[] = []

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
    this.#cipher.setAutoPadding(false)
    this.#salt = salt
    this.#number(0)
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
    this.#start(ssrc, high, low)
    const chunks = Math.ceil((end - start) / chunkLength)
    for (let i = 0, from = start; i < chunks; i++, from += chunkLength) {
      if (i > 0) this.#number(i * chunkBlocks)
      const to = Math.min(end, from + chunkLength)
      const stream = this.#encrypt(Math.ceil((to - from) / aesBlock))
      for (let k = from, at = 0; k < to; k++, at++) octets[k]! ^= stream[at]!
    }
    if (chunks > 1) this.#number(0)
  }

  /** The key stream of the first `count` blocks, which all begin as the first does. */
  #encrypt(count: number): Uint8Array {
    const words = this.#words
    const halves = this.#halves
    const first = words[0]!
    const second = words[1]!
    const third = words[2]!
    const half = halves[6]!
    for (let i = 1; i < count; i++) {
      words[i * 4] = first
      words[i * 4 + 1] = second
      words[i * 4 + 2] = third
      halves[i * 8 + 6] = half
    }
    let view = this.#views[count]
    if (view === undefined) {
      view = this.#blocks.subarray(0, count * aesBlock)
      this.#views[count] = view
    }
    return this.#cipher.update(view)
  }

  /** Numbers the blocks in their last 16 bits. They stay, because nearly every packet fits into one chunk. */
  #number(from: number): void {
    for (let i = 0; i < chunkBlocks; i++) {
      this.#blocks[i * aesBlock + 14] = (from + i) >>> 8
      this.#blocks[i * aesBlock + 15] = from + i
    }
  }

  /** The first 14 octets of the first block: salt · 2^16, SSRC · 2^64 and index · 2^16, exclusive-ored (section 4.1.1). */
  #start(ssrc: number, high: number, low: number): void {
    const blocks = this.#blocks
    const salt = this.#salt
    for (let i = 0; i < 4; i++) blocks[i] = salt[i]!
    write32(blocks, 4, read32(salt, 4) ^ ssrc)
    write32(blocks, 8, read32(salt, 8) ^ high)
    blocks[12] = salt[12]! ^ (low >>> 8)
    blocks[13] = salt[13]! ^ low
  }
}

export class CounterModeTransform implements SrtpTransform {
  readonly overhead: number
  readonly rtcpOverhead: number
  readonly #rtp: CounterMode
  readonly #rtcp: CounterMode
  readonly #rtpSignature: HmacSha1
  readonly #rtcpSignature: HmacSha1
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
    this.#rtp = new CounterMode(rtp.encryption, rtp.salt)
    this.#rtcp = new CounterMode(rtcp.encryption, rtcp.salt)
    this.#rtpSignature = new HmacSha1(rtp.authentication)
    this.#rtcpSignature = new HmacSha1(rtcp.authentication)
    this.#tagLength = tagLength
    this.#rtcpTagLength = rtcpTagLength
    this.#mki = mki
    this.overhead = tagLength + mki.length
    this.rtcpOverhead = 4 + rtcpTagLength + mki.length
  }

  seal(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    this.#rtp.apply(packet, start, length, ssrc, roc, sequence)
    packet.set(this.#mki, length)
    const at = length + this.#mki.length
    const tagLength = this.#tagLength
    if (tagLength > 0) put(packet, at, this.#rtpSignature.sign(packet, length, roc), tagLength)
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
      const tag = this.#rtpSignature.sign(packet, end, roc)
      if (!isSame(packet, length - tagLength, tag, tagLength)) return false
    }
    if (!isSame(packet, end, this.#mki, this.#mki.length)) return false
    this.#rtp.apply(packet, start, end, ssrc, roc, sequence)
    return true
  }

  sealRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    this.#rtcp.apply(packet, rtcpHeaderLength, length, ssrc, index >>> 16, index & 0xffff)
    const word = (index | encryptedFlag) >>> 0
    write32(packet, length, word)
    packet.set(this.#mki, length + 4)
    const at = length + 4 + this.#mki.length
    const tagLength = this.#rtcpTagLength
    if (tagLength > 0) put(packet, at, this.#rtcpSignature.sign(packet, length, word), tagLength)
    return at + tagLength
  }

  rtcpWordAt(length: number): number {
    return length - this.rtcpOverhead
  }

  openRtcp(packet: Uint8Array, length: number, ssrc: number, word: number): boolean {
    const end = length - this.rtcpOverhead
    const tagLength = this.#rtcpTagLength
    if (tagLength > 0) {
      const tag = this.#rtcpSignature.sign(packet, end, word)
      if (!isSame(packet, length - tagLength, tag, tagLength)) return false
    }
    if (!isSame(packet, end + 4, this.#mki, this.#mki.length)) return false
    if ((word & encryptedFlag) === 0) return true
    const index = word & 0x7fffffff
    this.#rtcp.apply(packet, rtcpHeaderLength, end, ssrc, index >>> 16, index & 0xffff)
    return true
  }
}

function put(packet: Uint8Array, at: number, tag: Uint8Array, length: number): void {
  for (let i = 0; i < length; i++) packet[at + i] = tag[i]!
}

/** Takes the same time wherever they differ. */
function isSame(packet: Uint8Array, at: number, tag: Uint8Array, length: number): boolean {
  let difference = 0
  for (let i = 0; i < length; i++) difference |= packet[at + i]! ^ tag[i]!
  return difference === 0
}
