/**
 * The Opus decoder, run from the WebAssembly file of the package directly: its JavaScript wrapper has no way to ask for error
 * correction or for concealment of a given length, and makes a new array for every packet. One instance serves a thread.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The longest packet, RFC 6716 section 3.4: 120 ms. */
const longest = 5760
/** Room for a packet: nothing longer comes in a datagram of a telephone call. */
const packetRoom = 4096
/** Decoding and concealment work in steps of 2.5 ms. */
const step = 120
const rate = 48000

interface Library {
  readonly memory: WebAssembly.Memory
  _initialize(): void
  malloc(octets: number): number
  free(pointer: number): void
  opus_decoder_get_size(channels: number): number
  opus_decoder_init(state: number, rate: number, channels: number): number
  opus_decode(
    state: number,
    packet: number,
    octets: number,
    pcm: number,
    samples: number,
    isCorrection: number,
  ): number
}

/** The library with buffers for one packet and its sound, which all decoders of the thread take in turn. */
class OpusLibrary {
  readonly calls: Library
  readonly #packet: number
  readonly #pcm: number
  #octets = new Uint8Array(0)
  #samples = new Int16Array(0)
  readonly #states: FinalizationRegistry<number>

  constructor() {
    const nothing = () => 0
    const instance = new WebAssembly.Instance(compile(), {
      wasi_snapshot_preview1: {
        fd_seek: nothing,
        fd_write: nothing,
        fd_close: nothing,
        proc_exit: nothing,
      },
      env: { emscripten_notify_memory_growth: nothing },
    })
    this.calls = instance.exports as unknown as Library
    this.calls._initialize()
    this.#packet = this.calls.malloc(packetRoom)
    this.#pcm = this.calls.malloc(longest * 2)
    this.#states = new FinalizationRegistry((state) => this.calls.free(state))
  }

  /** A decoder's state, given back when `owner` is no more. */
  newState(owner: object): number {
    const state = this.calls.malloc(this.calls.opus_decoder_get_size(1))
    if (state === 0 || this.calls.opus_decoder_init(state, rate, 1) !== 0) {
      throw new Error('no memory for an Opus decoder')
    }
    this.#states.register(owner, state)
    return state
  }

  /** Decodes `packet`, or makes up for a lost one where it is undefined; negative: an error of the library. */
  decode(
    state: number,
    packet: Uint8Array | undefined,
    samples: number,
    isCorrection: boolean,
  ): number {
    if (packet === undefined) return this.calls.opus_decode(state, 0, 0, this.#pcm, samples, 0)
    if (packet.length > packetRoom) return -1
    this.#look()
    this.#octets.set(packet)
    return this.calls.opus_decode(
      state,
      this.#packet,
      packet.length,
      this.#pcm,
      samples,
      isCorrection ? 1 : 0,
    )
  }

  /** Copies the first `samples` of what was decoded last. */
  copy(samples: number, into: Int16Array, at: number): void {
    this.#look()
    for (let i = 0; i < samples; i++) into[at + i] = this.#samples[i]!
  }

  /** Memory that has grown lies elsewhere. */
  #look(): void {
    const { buffer } = this.calls.memory
    if (this.#octets.buffer === buffer) return
    this.#octets = new Uint8Array(buffer, this.#packet, packetRoom)
    this.#samples = new Int16Array(buffer, this.#pcm, longest)
  }
}

function compile(): WebAssembly.Module {
  const { resolve } = createRequire(import.meta.url)
  const read = (name: string) =>
    new WebAssembly.Module(readFileSync(resolve(`@evan/opus/wasm/${name}.wasm`)))
  try {
    return read('simd')
  } catch {
    // A processor without vector instructions.
    return read('opus')
  }
}

let library: OpusLibrary | undefined

export class OpusDecoder {
  readonly #library: OpusLibrary
  readonly #state: number
  /** Samples of the last packet. */
  #last = 960
  badPackets = 0

  constructor() {
    library ??= new OpusLibrary()
    this.#library = library
    this.#state = library.newState(this)
  }

  /** Stereo comes out as mono. A packet that is none is concealed and counted. */
  decode(packet: Uint8Array, into: Int16Array): number {
    if (packet.length === 0) return 0
    const samples = this.#library.decode(this.#state, packet, longest, false)
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
      const wanted = Math.min(into.length - at, longest)
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
    if (next.length === 0 || into.length > longest) return this.conceal(into)
    const made = this.#library.decode(this.#state, next, wholeSteps(into.length), true)
    if (made < into.length) return this.conceal(into)
    this.#library.copy(into.length, into, 0)
    return into.length
  }
}

function wholeSteps(samples: number): number {
  return Math.ceil(samples / step) * step
}
