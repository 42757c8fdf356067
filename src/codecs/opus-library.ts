/**
 * libopus as the package @evan/opus brings it for WebAssembly, one instance for each thread. The package's native binding is
 * quicker by a third but keeps one buffer for the whole process: two media workers that encode at once spoil each other's
 * packets. Nor has its JavaScript a way to ask for error correction or for concealment of a given length.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Hz of the sound on our side. */
export const opusRate = 48000
/** Samples of the longest packet, 120 ms (RFC 6716 section 3.4). */
export const longestPacket = 5760
/** Octets: nothing longer comes in a datagram of a telephone call. */
const packetRoom = 4096

/** Requests of opus_encoder_ctl that are used here (opus_defines.h). */
export const control = {
  bitRate: 4002,
  maximumBandwidth: 4004,
  isVariableRate: 4006,
  complexity: 4010,
  errorCorrection: 4012,
  lossPercent: 4014,
  skipsSilence: 4016,
} as const

/** OPUS_APPLICATION_VOIP */
const forVoice = 2048

interface Exports {
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
  opus_encoder_get_size(channels: number): number
  opus_encoder_init(state: number, rate: number, channels: number, application: number): number
  opus_encoder_ctl_set(state: number, request: number, value: number): number
  opus_encode(state: number, pcm: number, samples: number, packet: number, room: number): number
}

/** The library with buffers for one packet and its sound, which all coders of the thread take in turn. */
export class OpusLibrary {
  readonly #calls: Exports
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
    this.#calls = instance.exports as unknown as Exports
    this.#calls._initialize()
    this.#packet = this.#calls.malloc(packetRoom)
    this.#pcm = this.#calls.malloc(longestPacket * 2)
    this.#states = new FinalizationRegistry((state) => this.#calls.free(state))
  }

  /** The state of a decoder, given back when `owner` is no more. */
  newDecoder(owner: object): number {
    const state = this.#room(this.#calls.opus_decoder_get_size(1), owner)
    this.beginDecoder(state, opusRate)
    return state
  }

  /** Forgets what it heard and gives sound of this rate (Hz) from now on. */
  beginDecoder(state: number, rate: number): void {
    check(this.#calls.opus_decoder_init(state, rate, 1))
  }

  newEncoder(owner: object): number {
    const state = this.#room(this.#calls.opus_encoder_get_size(1), owner)
    this.beginEncoder(state, opusRate)
    return state
  }

  /** Forgets what it was told, its settings too, and takes sound of this rate (Hz) from now on. */
  beginEncoder(state: number, rate: number): void {
    check(this.#calls.opus_encoder_init(state, rate, 1, forVoice))
  }

  set(encoder: number, request: number, value: number): void {
    check(this.#calls.opus_encoder_ctl_set(encoder, request, value))
  }

  /** Octets written; negative: an error of the library, as for a length that no packet has. */
  encode(encoder: number, pcm: Int16Array, into: Uint8Array): number {
    if (pcm.length > longestPacket || into.length === 0) return -1
    this.#look()
    this.#samples.set(pcm)
    const room = Math.min(into.length, packetRoom)
    const octets = this.#calls.opus_encode(encoder, this.#pcm, pcm.length, this.#packet, room)
    if (octets > 0) {
      this.#look()
      for (let i = 0; i < octets; i++) into[i] = this.#octets[i]!
    }
    return octets
  }

  /**
   * Decodes `packet`, or makes up for a lost one where it is undefined; `isCorrection` asks for what it carries of the packet
   * before. The samples wait for `copy`. Negative: an error of the library.
   */
  decode(
    decoder: number,
    packet: Uint8Array | undefined,
    samples: number,
    isCorrection: boolean,
  ): number {
    if (packet === undefined) return this.#calls.opus_decode(decoder, 0, 0, this.#pcm, samples, 0)
    if (packet.length > packetRoom) return -1
    this.#look()
    this.#octets.set(packet)
    return this.#calls.opus_decode(
      decoder,
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

  #room(octets: number, owner: object): number {
    const state = this.#calls.malloc(octets)
    if (state === 0) throw new Error('no memory for Opus')
    this.#states.register(owner, state)
    return state
  }

  /** Memory that has grown lies elsewhere. */
  #look(): void {
    const { buffer } = this.#calls.memory
    if (this.#octets.buffer === buffer) return
    this.#octets = new Uint8Array(buffer, this.#packet, packetRoom)
    this.#samples = new Int16Array(buffer, this.#pcm, longestPacket)
  }
}

function check(result: number): void {
  if (result !== 0) throw new Error(`libopus refuses with ${result}`)
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

/** The thread's own; made when it is first asked for. */
export function opusLibrary(): OpusLibrary {
  library ??= new OpusLibrary()
  return library
}
