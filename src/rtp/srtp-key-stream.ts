/**
 * The key stream that SRTP packets are exclusive-ored with. AES sees nothing but counters (RFC 3711 section 4.1.1,
 * RFC 7714 section 8.1), and the next packets' counters are known beforehand: those of several packets are encrypted
 * as plain blocks in one call, because a call into the native code costs as much as a hundred blocks of work.
 */
import { type Cipher, createCipheriv } from 'node:crypto'
import { read32, write32 } from './packet.ts'

const aesBlock = 16
/** Packets of sound made at once, and the most blocks for them: 16 packets of 20 ms of G.711. */
export const packetsAhead = 16
const mostBlocks = 192
/** Packets this far beyond what was made still count as the same run. */
const nearby = 64

/** Where the parts of a counter block stand, in octets, and the number of a packet's first block. */
export interface CounterLayout {
  readonly ssrcAt: number
  readonly indexAt: number
  readonly first: 0 | 1
}

/** Counters on their way into the cipher, of whichever stream is at work: all this runs to its end. */
let counters = new Int32Array(mostBlocks * 4)
let octetsOfCounters = new Uint8Array(counters.buffer)
/** Views of the first n blocks, made when first asked for. */
let views: (Uint8Array | undefined)[] = []

const first = new Uint8Array(aesBlock)
const firstWords = new Int32Array(first.buffer)
const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

function makeRoom(blocks: number): void {
  counters = new Int32Array(blocks * 4)
  octetsOfCounters = new Uint8Array(counters.buffer)
  views = []
}

/** A word as four octets, most significant first, stands in memory so. */
function bigEndian(word: number): number {
  if (!isLittleEndian) return word
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}

export class KeyStream {
  /** What `find` gives places in. */
  octets: Uint8Array = first
  readonly #cipher: Cipher
  readonly #salt = new Uint8Array(aesBlock)
  readonly #layout: CounterLayout
  readonly #packetsAhead: number
  #ssrc = -1
  /** The indexes of the packets that were made: from `#from`, so many, each with so many blocks. */
  #from = 0
  #count = 0
  #blocks = 0

  /** The salt stands left in the block. `ahead`: packets made at once, 1 where they come seldom. */
  constructor(key: Uint8Array, salt: Uint8Array, layout: CounterLayout, ahead: number) {
    this.#cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null)
    this.#cipher.setAutoPadding(false)
    this.#salt.set(salt)
    this.#layout = layout
    this.#packetsAhead = ahead
  }

  /**
   * Where in `octets` the `blocks` blocks for the packet with index `high` · 2^16 + `low` begin; valid until the next
   * call.
   */
  find(ssrc: number, high: number, low: number, blocks: number): number {
    const index = high * 0x10000 + low
    const ahead = index - this.#from
    if (ssrc === this.#ssrc && ahead >= 0 && ahead < this.#count && blocks <= this.#blocks)
      return ahead * this.#blocks * aesBlock
    const isRun = ssrc !== this.#ssrc || (ahead >= 0 && ahead < this.#count + nearby)
    const most = Math.min(this.#packetsAhead, Math.floor(mostBlocks / blocks))
    // What belongs to no run (a late packet, a forged one) is made alone; the run is made anew after it.
    const count = isRun && most > 1 ? most : 1
    this.octets = this.#make(ssrc, high, low, blocks, count)
    this.#ssrc = ssrc
    this.#from = index
    this.#count = count
    this.#blocks = blocks
    return 0
  }

  #make(ssrc: number, high: number, low: number, blocks: number, count: number): Uint8Array {
    if (blocks * count * 4 > counters.length) makeRoom(blocks * count)
    const words = counters
    for (let packet = 0, at = 0; packet < count; packet++) {
      const sequence = low + packet
      this.#begin(ssrc, high + (sequence >>> 16), sequence & 0xffff)
      const [a, b, c] = [firstWords[0]!, firstWords[1]!, firstWords[2]!]
      const last = ((first[12]! << 24) | (first[13]! << 16)) + this.#layout.first
      for (let block = 0; block < blocks; block++, at += 4) {
        words[at] = a
        words[at + 1] = b
        words[at + 2] = c
        words[at + 3] = bigEndian(last + block)
      }
    }
    let view = views[blocks * count]
    if (view === undefined) {
      view = octetsOfCounters.subarray(0, blocks * count * aesBlock)
      views[blocks * count] = view
    }
    return this.#cipher.update(view)
  }

  /** The first 14 octets of a packet's blocks: salt, SSRC and index exclusive-ored; the last two number the blocks. */
  #begin(ssrc: number, high: number, low: number): void {
    const { ssrcAt, indexAt } = this.#layout
    first.set(this.#salt)
    write32(first, ssrcAt, read32(first, ssrcAt) ^ ssrc)
    write32(first, indexAt, read32(first, indexAt) ^ high)
    first[indexAt + 4]! ^= low >>> 8
    first[indexAt + 5]! ^= low
  }
}
