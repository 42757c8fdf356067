/** The Opus decoder of one leg, with concealment and recovery of lost packets. */
import { longestPacket, type OpusLibrary, opusLibrary } from './opus-library.ts'

/** Decoding and concealment work in steps of 2.5 ms. */
const step = 120

export class OpusDecoder {
  readonly #library: OpusLibrary
  readonly #state: number
  /** Samples of the last packet. */
  #last = 960
  badPackets = 0

  constructor() {
    this.#library = opusLibrary()
    this.#state = this.#library.newDecoder(this)
  }

  /** Stereo comes out as mono. A packet that is none is concealed and counted. */
  decode(packet: Uint8Array, into: Int16Array): number {
    if (packet.length === 0) return 0
    const samples = this.#library.decode(this.#state, packet, longestPacket, false)
    if (samples < 0) {
      this.badPackets++
      return this.conceal(into.subarray(0, this.#last))
    }
    this.#last = samples
    const count = Math.min(samples, into.length)
    this.#library.copy(count, into, 0)
    return count
  }

  conceal(into: Int16Array): number {
    for (let at = 0; at < into.length; ) {
      const wanted = Math.min(into.length - at, longestPacket)
      const made = this.#library.decode(this.#state, undefined, wholeSteps(wanted), false)
      if (made <= 0) {
        into.fill(0, at)
        break
      }
      const count = Math.min(made, wanted)
      this.#library.copy(count, into, at)
      at += count
    }
    return into.length
  }

  /** RFC 6716 section 4.2.5: a packet may hold the one before it, coded more coarsely. */
  recover(next: Uint8Array, into: Int16Array): number {
    if (next.length === 0 || into.length > longestPacket) return this.conceal(into)
    const made = this.#library.decode(this.#state, next, wholeSteps(into.length), true)
    if (made < into.length) return this.conceal(into)
    this.#library.copy(into.length, into, 0)
    return into.length
  }
}

function wholeSteps(samples: number): number {
  return Math.ceil(samples / step) * step
}
