/** AES in Galois/counter mode for SRTP (RFC 7714): one pass encrypts and signs. */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
} from 'node:crypto'
import { read32, write32 } from './packet.ts'
import type { SrtpSessionKeys } from './srtp-keys.ts'
import { encryptedFlag, rtcpHeaderLength, type SrtpTransform } from './srtp-transform.ts'

const vectorLength = 12
const nothing = new Uint8Array(0)

/** Key and salt of one kind of packet. */
interface Half {
  readonly key: KeyObject
  readonly salt: Uint8Array
}

export class GcmTransform implements SrtpTransform {
  readonly overhead: number
  readonly rtcpOverhead: number
  readonly #rtp: Half
  readonly #rtcp: Half
  readonly #name: CipherGCMTypes
  readonly #options: { readonly authTagLength: number }
  readonly #tagLength: number
  readonly #mki: Uint8Array
  readonly #vector = new Uint8Array(vectorLength)
  /** The associated data of RTCP: eight octets in the clear and the word with the index. */
  readonly #associated = new Uint8Array(rtcpHeaderLength + 4)

  /** `tagLength` 8 or 16 octets. `mki`: the identifier that stands last, mostly empty. */
  constructor(rtp: SrtpSessionKeys, rtcp: SrtpSessionKeys, tagLength: number, mki: Uint8Array) {
    this.#rtp = { key: createSecretKey(rtp.encryption), salt: rtp.salt }
    this.#rtcp = { key: createSecretKey(rtcp.encryption), salt: rtcp.salt }
    this.#name = rtp.encryption.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
    this.#options = { authTagLength: tagLength }
    this.#tagLength = tagLength
    this.#mki = mki
    this.overhead = tagLength + mki.length
    this.rtcpOverhead = 4 + tagLength + mki.length
  }

  seal(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number {
    this.#setVector(this.#rtp.salt, ssrc, roc, sequence)
    this.#encrypt(this.#rtp.key, packet, start, length, packet.subarray(0, start))
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
    this.#setVector(this.#rtp.salt, ssrc, roc, sequence)
    return this.#decrypt(this.#rtp.key, packet, start, end, packet.subarray(0, start))
  }

  sealRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number {
    const word = (index | encryptedFlag) >>> 0
    this.#setVector(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff)
    this.#encrypt(this.#rtcp.key, packet, rtcpHeaderLength, length, this.#rtcpHead(packet, word))
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
    this.#setVector(this.#rtcp.salt, ssrc, index >>> 16, index & 0xffff)
    if ((word & encryptedFlag) !== 0) {
      const head = this.#rtcpHead(packet, word)
      return this.#decrypt(this.#rtcp.key, packet, rtcpHeaderLength, end, head)
    }
    // RFC 7714 section 9.3: of a packet in the clear everything is associated data, with the word behind it.
    const all = new Uint8Array(end + 4)
    all.set(packet.subarray(0, end))
    write32(all, end, word)
    return this.#decrypt(this.#rtcp.key, packet, end, end, all)
  }

  /** RFC 7714 sections 8.1 and 9.1: SSRC and the 48 bits of the index, exclusive-ored with the salt. */
  #setVector(salt: Uint8Array, ssrc: number, high: number, low: number): void {
    const vector = this.#vector
    vector[0] = salt[0]!
    vector[1] = salt[1]!
    write32(vector, 2, read32(salt, 2) ^ ssrc)
    write32(vector, 6, read32(salt, 6) ^ high)
    vector[10] = salt[10]! ^ (low >>> 8)
    vector[11] = salt[11]! ^ low
  }

  #rtcpHead(packet: Uint8Array, word: number): Uint8Array {
    const associated = this.#associated
    for (let i = 0; i < rtcpHeaderLength; i++) associated[i] = packet[i]!
    write32(associated, rtcpHeaderLength, word)
    return associated
  }

  #hasMki(packet: Uint8Array, length: number): boolean {
    const mki = this.#mki
    const at = length - mki.length
    for (let i = 0; i < mki.length; i++) if (packet[at + i] !== mki[i]) return false
    return true
  }

  /** From `start` to `end` in place, the tag at `end`. */
  #encrypt(
    key: KeyObject,
    packet: Uint8Array,
    start: number,
    end: number,
    associated: Uint8Array,
  ): void {
    const cipher = createCipheriv(this.#name, key, this.#vector, this.#options)
    cipher.setAAD(associated)
    const sealed = cipher.update(packet.subarray(start, end))
    cipher.final()
    packet.set(sealed, start)
    packet.set(cipher.getAuthTag(), end)
  }

  /** From `start` to `end` in place, if the tag at `end` is right. */
  #decrypt(
    key: KeyObject,
    packet: Uint8Array,
    start: number,
    end: number,
    associated: Uint8Array,
  ): boolean {
    const decipher = createDecipheriv(this.#name, key, this.#vector, this.#options)
    decipher.setAAD(associated)
    decipher.setAuthTag(packet.subarray(end, end + this.#tagLength))
    const plain = start === end ? nothing : decipher.update(packet.subarray(start, end))
    try {
      decipher.final()
    } catch {
      return false // its only way to say that the tag is wrong
    }
    packet.set(plain, start)
    return true
  }
}
