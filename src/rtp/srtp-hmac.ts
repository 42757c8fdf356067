/**
 * HMAC-SHA1 over a packet and the 32-bit word behind it (RFC 2104, FIPS 180-4), for thousands of packets a second.
 * A native HMAC object costs 2 µs to make and must be collected afterwards; a telephone packet is three blocks of work.
 * So short packets are hashed here, from key states made once, and long ones by node's crypto.
 */
import { createHmac, createSecretKey } from 'node:crypto'
import { write32 } from './packet.ts'
import { sha1Block } from './sha1-block.ts'

const blockLength = 64
/** From this many octets on the native code is quicker in spite of its start. */
const nativeFrom = 640

/** The words of a hash value, of whichever object is at work: all this runs to its end. */
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
    for (; at + blockLength <= length; at += blockLength) sha1Block(packet, at, state)
    finish(packet, at, length, last)
    // The outer hash: the key's block and the 20 octets of the inner one.
    tail.fill(0)
    for (let i = 0; i < 5; i++) write32(tail, i * 4, state[i]!)
    tail[20] = 0x80
    write32(tail, 60, (blockLength + 20) * 8)
    state.set(this.#outer)
    sha1Block(tail, 0, state)
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
  sha1Block(tail, 0, state)
  if (blocks === 2) sha1Block(tail, blockLength, state)
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
  sha1Block(block, 0, state)
  return Int32Array.from(state)
}
