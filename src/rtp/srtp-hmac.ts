/**
 * HMAC-SHA1 over a packet and the 32-bit word behind it (RFC 2104, FIPS 180-4), for thousands of packets a second.
 * A native HMAC object costs 2 µs to make and must be collected afterwards; a telephone packet is three blocks of work.
 * So short packets are hashed here, from key states made once, and long ones by node's crypto.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { write32 } from './packet.ts'

const blockLength = 64
/** From this many octets on the native code is quicker in spite of its start. */
const nativeFrom = 640

/** Message schedule and the words of a hash value, of whichever object is at work: all this runs to its end. */
const schedule = new Int32Array(80)
const state = new Int32Array(5)
/** The last octets with their padding: at most two blocks. */
const tail = new Uint8Array(2 * blockLength)
const word = new Uint8Array(4)

export class HmacSha1 {
  /** Results of `sign`, 20 octets, valid until the next. */
  readonly tag = new Uint8Array(20)
  readonly #inner: Int32Array
  readonly #outer: Int32Array
  readonly #key: ReturnType<typeof createSecretKey>

  /** `key`: at most 64 octets. */
  constructor(key: Uint8Array) {
    this.#inner = keyed(key, 0x36)
    this.#outer = keyed(key, 0x5c)
    this.#key = createSecretKey(key)
  }

  /** Signs the first `length` octets of `packet` followed by `last` as 32 bits; the result is in `tag`. */
  sign(packet: Uint8Array, length: number, last: number): Uint8Array {
    if (length >= nativeFrom) {
      write32(word, 0, last)
      this.tag.set(
        createHmac('sha1', this.#key).update(packet.subarray(0, length)).update(word).digest(),
      )
      return this.tag
    }
    state.set(this.#inner)
    let at = 0
    for (; at + blockLength <= length; at += blockLength) compress(packet, at)
    finish(packet, at, length, last)
    // The outer hash: the key's block and the 20 octets of the inner one.
    tail.fill(0)
    for (let i = 0; i < 5; i++) write32(tail, i * 4, state[i]!)
    tail[20] = 0x80
    write32(tail, 60, (blockLength + 20) * 8)
    state.set(this.#outer)
    compress(tail, 0)
    for (let i = 0; i < 5; i++) write32(this.tag, i * 4, state[i]!)
    return this.tag
  }
}

/** Hashes what is left of the packet from `at` on, the word and the padding of FIPS 180-4 section 5.1.1. */
function finish(packet: Uint8Array, at: number, length: number, last: number): void {
  const left = length - at
  tail.fill(0)
  for (let i = 0; i < left; i++) tail[i] = packet[at + i]!
  write32(tail, left, last)
  tail[left + 4] = 0x80
  const blocks = left + 4 + 9 > blockLength ? 2 : 1
  write32(tail, blocks * blockLength - 4, (blockLength + length + 4) * 8)
  compress(tail, 0)
  if (blocks === 2) compress(tail, blockLength)
}

/** The state after the block that holds the key. */
function keyed(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(blockLength).fill(pad)
  for (let i = 0; i < key.length; i++) block[i]! ^= key[i]!
  state[0] = 0x67452301
  state[1] = 0xefcdab89
  state[2] = 0x98badcfe
  state[3] = 0x10325476
  state[4] = 0xc3d2e1f0
  compress(block, 0)
  return Int32Array.from(state)
}

/** One block of 64 octets into `state` (FIPS 180-4 section 6.1.2). The four loops differ in function and constant. */
function compress(octets: Uint8Array, start: number): void {
  const w = schedule
  for (let i = 0, at = start; i < 16; i++, at += 4) {
    w[i] = (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!
  }
  for (let i = 16; i < 80; i++) {
    const mixed = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!
    w[i] = (mixed << 1) | (mixed >>> 31)
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let next = 0
  let i = 0
  for (; i < 20; i++) {
    next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + w[i]! + 0x5a827999) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; i < 40; i++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + 0x6ed9eba1) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; i < 60; i++) {
    next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + w[i]! + 0x8f1bbcdc) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  for (; i < 80; i++) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + w[i]! + 0xca62c1d6) | 0
    e = d
    d = c
    c = (b << 30) | (b >>> 2)
    b = a
    a = next
  }
  state[0] = state[0]! + a
  state[1] = state[1]! + b
  state[2] = state[2]! + c
  state[3] = state[3]! + d
  state[4] = state[4]! + e
}
