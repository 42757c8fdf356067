/**
 * GHASH, the signature of AES-GCM (NIST SP 800-38D section 6.4): a polynomial over the field of 2^128 elements, by
 * tables of 256 products. node's cipher objects would do it natively, but cost more to make for each packet than a
 * telephone packet's twelve blocks cost here.
 */
import { write32 } from './packet.ts'

const blockLength = 16
/** x^128 = x^7 + x^2 + x + 1, in the order of bits of GCM. */
const reduction = 0xe1000000
/** What eight bits that are shifted out come back as, for the highest word. */
const shiftedOut = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let high = 0
  for (let bit = 0; bit < 8; bit++) high = (high >>> 1) ^ ((byte >>> bit) & 1 ? reduction : 0)
  shiftedOut[byte] = high
}

export class Ghash {
  /** Result of `finish`, valid until the next. */
  readonly tag = new Uint8Array(blockLength)
  /** Four words for each octet: its product with the key of the hash. */
  readonly #products = new Int32Array(256 * 4)
  #a = 0
  #b = 0
  #c = 0
  #d = 0

  /** `key`: the encrypted block of zeros. */
  constructor(key: Uint8Array) {
    const products = this.#products
    let a = wordAt(key, 0)
    let b = wordAt(key, 4)
    let c = wordAt(key, 8)
    let d = wordAt(key, 12)
    // The first bit of an octet stands for 1, the next for x and so on; sums of products are products of sums.
    for (let bit = 128; bit > 0; bit >>= 1) {
      products.set([a, b, c, d], bit * 4)
      const isOut = (d & 1) !== 0
      d = (d >>> 1) | (c << 31)
      c = (c >>> 1) | (b << 31)
      b = (b >>> 1) | (a << 31)
      a = (a >>> 1) ^ (isOut ? reduction : 0)
    }
    for (let bit = 2; bit < 256; bit <<= 1) {
      for (let rest = 1; rest < bit; rest++) {
        for (let word = 0; word < 4; word++)
          products[(bit + rest) * 4 + word] = products[bit * 4 + word]! ^ products[rest * 4 + word]!
      }
    }
  }

  /** Begins a hash. */
  start(): void {
    this.#a = 0
    this.#b = 0
    this.#c = 0
    this.#d = 0
  }

  /** Adds octets `start` to `end`, the last block filled up with zeros. */
  add(octets: Uint8Array, start: number, end: number): void {
    let at = start
    for (; at + blockLength <= end; at += blockLength) this.#block(octets, at)
    if (at === end) return
    last.fill(0)
    for (let i = 0; at < end; i++, at++) last[i] = octets[at]!
    this.#block(last, 0)
  }

  /** Ends with the lengths in octets of what was signed alone and of what was encrypted; the result is in `tag`. */
  finish(associated: number, encrypted: number): Uint8Array {
    last.fill(0)
    write32(last, 4, associated * 8)
    write32(last, 12, encrypted * 8)
    this.#block(last, 0)
    const { tag } = this
    write32(tag, 0, this.#a)
    write32(tag, 4, this.#b)
    write32(tag, 8, this.#c)
    write32(tag, 12, this.#d)
    return tag
  }

  /** Adds one block and multiplies with the key, from the last octet to the first. */
  #block(octets: Uint8Array, at: number): void {
    const products = this.#products
    let a = this.#a
    let b = this.#b
    let c = this.#c
    let d = this.#d
    sum[0] = a ^ wordAt(octets, at)
    sum[1] = b ^ wordAt(octets, at + 4)
    sum[2] = c ^ wordAt(octets, at + 8)
    sum[3] = d ^ wordAt(octets, at + 12)
    a = 0
    b = 0
    c = 0
    d = 0
    // Octet after octet of a word: shifted on, and its product added.
    let back = 0
    let from = 0
    for (let i = 3; i >= 0; i--) {
      const word = sum[i]!
      back = shiftedOut[d & 0xff]!
      from = (word & 0xff) << 2
      d = ((d >>> 8) | (c << 24)) ^ products[from + 3]!
      c = ((c >>> 8) | (b << 24)) ^ products[from + 2]!
      b = ((b >>> 8) | (a << 24)) ^ products[from + 1]!
      a = (a >>> 8) ^ back ^ products[from]!
      back = shiftedOut[d & 0xff]!
      from = (word >>> 6) & 0x3fc
      d = ((d >>> 8) | (c << 24)) ^ products[from + 3]!
      c = ((c >>> 8) | (b << 24)) ^ products[from + 2]!
      b = ((b >>> 8) | (a << 24)) ^ products[from + 1]!
      a = (a >>> 8) ^ back ^ products[from]!
      back = shiftedOut[d & 0xff]!
      from = (word >>> 14) & 0x3fc
      d = ((d >>> 8) | (c << 24)) ^ products[from + 3]!
      c = ((c >>> 8) | (b << 24)) ^ products[from + 2]!
      b = ((b >>> 8) | (a << 24)) ^ products[from + 1]!
      a = (a >>> 8) ^ back ^ products[from]!
      back = shiftedOut[d & 0xff]!
      from = (word >>> 22) & 0x3fc
      d = ((d >>> 8) | (c << 24)) ^ products[from + 3]!
      c = ((c >>> 8) | (b << 24)) ^ products[from + 2]!
      b = ((b >>> 8) | (a << 24)) ^ products[from + 1]!
      a = (a >>> 8) ^ back ^ products[from]!
    }
    this.#a = a
    this.#b = b
    this.#c = c
    this.#d = d
  }
}

const last = new Uint8Array(blockLength)
const sum = new Int32Array(4)

function wordAt(octets: Uint8Array, at: number): number {
  return (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!
}
