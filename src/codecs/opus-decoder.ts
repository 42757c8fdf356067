/** The Opus decoder of one leg, with concealment and recovery of lost packets. */
import { longestPacket, type OpusLibrary, opusLibrary, opusRate } from './opus-library.ts'

/** Decoding and concealment work in so many steps a second, of 2.5 ms each. */
const stepsPerSecond = 400

export class OpusDecoder {
  readonly #library: OpusLibrary
  readonly #state: number
  /** Samples in a step, and of the last packet. */
  #step = opusRate / stepsPerSecond
  #last = opusRate / 50
  badPackets = 0

  constructor() {
    this.#library = opusLibrary()
    this.#state = this.#library.newDecoder(this)
  }

  /** Begins anew with sound of this rate (Hz): the library itself brings down what was sent at a higher one. */
  setRate(rate: number): void {
    this.#step = rate / stepsPerSecond
    this.#last = rate / 50
    this.#library.beginDecoder(this.#state, rate)
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
      const wanted = Math.min(into.length - at, this.#step * 48)
      const made = this.#library.decode(this.#state, undefined, this.#wholeSteps(wanted), false)
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
    if (next.length === 0 || into.length > this.#step * 48) return this.conceal(into)
    const made = this.#library.decode(this.#state, next, this.#wholeSteps(into.length), true)
    if (made < into.length) return this.conceal(into)
    this.#library.copy(into.length, into, 0)
    return into.length
  }

  #wholeSteps(samples: number): number {
    return Math.ceil(samples / this.#step) * this.#step
  }
}
