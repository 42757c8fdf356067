/** Turns mono PCM of any rate into the packets that a leg sends. */

import type { Codec, Coder } from '../codecs/codec.ts'
import { findCodec } from '../codecs/index.ts'
import { headerLength } from '../rtp/packet.ts'
import type { LegCodec } from './engine.ts'
import { Resampler } from './resampler.ts'
import { FrameBuffer } from './sound.ts'

/** Room for the payload of the longest packet. */
const maxPayload = 1500

/** Where packets go: the stream of a leg, or whoever gives them to several. */
export interface FrameSink {
  /** A whole packet: the payload stands behind 12 free octets. `units` is its length on the RTP clock. */
  frame(packet: Buffer, source: object, payloadType: number, units: number, now: number): void
  /** Nothing need be sent for so long. */
  skip(units: number): void
}

/** Codecs that have no memory: any packet may follow any other. */
const memoryless: ReadonlySet<string> = new Set(['PCMU', 'PCMA', 'L16'])

export class Encoder {
  /** What it was opened for. */
  readonly settings: LegCodec
  /** Encoders of one key make the same packets of the same sound. */
  readonly key: string
  /** Whether its packets can be mixed with those of another coder without a trace. */
  readonly isMemoryless: boolean
  readonly #codec: Codec
  readonly #coder: Coder
  readonly #payloadType: number
  readonly #sink: FrameSink
  /** ms of a packet. */
  readonly ptime: number
  /** Hz of sound that carries all that the other side makes use of, and of the sound that the coder takes now. */
  readonly rate: number
  #coderRate: number
  /** Samples in a frame of one channel, and its length on the RTP clock. */
  #samples: number
  readonly #units: number
  /** Mono samples that wait for a whole frame. */
  #frame: Int16Array
  #filled = 0
  /** The frame as the codec wants it: the same for mono, doubled for stereo. */
  #input: Int16Array
  readonly #packet = Buffer.alloc(headerLength + maxPayload)
  readonly #payload: Uint8Array
  #view: Buffer
  #source: object | undefined
  #resampler: Resampler | undefined
  #resampled = new FrameBuffer(0)
  #fromRate = 0

  private constructor(codec: Codec, settings: LegCodec, sink: FrameSink) {
    this.settings = settings
    const { name, clockRate, channels, ptime, fmtp, ours = '' } = settings
    this.key = `${name.toUpperCase()}/${clockRate}/${channels}/${ptime}/${fmtp}/${ours}`
    this.isMemoryless = memoryless.has(codec.name)
    this.#codec = codec
    this.#coder = codec.open(settings.fmtp, settings.ours)
    this.#payloadType = settings.payloadType
    this.#sink = sink
    const fitting = codec.fit?.(settings.ptime, fmtp, settings.ours) ?? settings.ptime
    this.ptime = fitting
    this.rate = codec.soundRate?.(fmtp, settings.ours) ?? codec.sampleRate
    this.#coderRate = codec.sampleRate
    this.#samples = Math.round((codec.sampleRate * fitting) / 1000)
    this.#units = Math.round((settings.clockRate * fitting) / 1000)
    this.#frame = new Int16Array(this.#samples)
    this.#input = codec.channels === 2 ? new Int16Array(this.#samples * 2) : this.#frame
    this.#payload = this.#packet.subarray(headerLength)
    this.#view = this.#packet
  }

  /** Undefined for a codec that can only be passed on. */
  static open(settings: LegCodec, sink: FrameSink): Encoder | undefined {
    const codec =
      findCodec(settings.name, settings.clockRate, settings.channels) ??
      findCodec(settings.name, settings.clockRate)
    return codec && !codec.passThrough ? new Encoder(codec, settings, sink) : undefined
  }

  /** Takes sound of `source`; whole frames go out at once. */
  write(pcm: Int16Array, rate: number, source: object, now: number): void {
    if (source !== this.#source) {
      // The rest of another source's frame would stand at the wrong place in time.
      this.#filled = 0
      this.#source = source
    }
    if (rate !== this.#fromRate) this.#setRate(rate)
    const samples = rate === this.#coderRate ? pcm : this.#resample(pcm, rate)
    for (let at = 0; at < samples.length; ) {
      const room = this.#samples - this.#filled
      const count = Math.min(room, samples.length - at)
      for (let i = 0; i < count; i++) this.#frame[this.#filled + i] = samples[at + i]!
      this.#filled += count
      at += count
      if (this.#filled === this.#samples) this.#send(source, now)
    }
  }

  /** A pause in the sound: what waits is filled up with silence, then time goes on. */
  pause(ms: number, source: object, now: number): void {
    if (source !== this.#source) return
    let left = ms
    if (this.#filled > 0) {
      const silent = Math.min(
        this.#samples - this.#filled,
        Math.round((ms * this.#coderRate) / 1000),
      )
      this.#frame.fill(0, this.#filled, this.#filled + silent)
      this.#filled += silent
      if (this.#filled < this.#samples) return
      this.#send(source, now)
      left -= (silent * 1000) / this.#coderRate
    }
    if (left > 0) this.#sink.skip(Math.round((left * this.#codec.clockRate) / 1000))
  }

  /**
   * Sends what an encoder of the same key made of sound of `source`; undefined: nothing need be sent. It is copied, for a
   * packet belongs to who sends it.
   */
  forward(payload: Uint8Array | undefined, source: object, now: number): void {
    this.#filled = 0
    this.#source = source
    if (!payload) return this.#sink.skip(this.#units)
    this.#payload.set(payload)
    this.#sendOctets(payload.length, source, now)
  }

  /** Lets the coder hear what another one sent just before it takes over; nothing is sent. */
  prime(pcm: Int16Array, rate: number, source: object): void {
    this.#source = source
    if (rate !== this.#fromRate) this.#setRate(rate)
    this.#filled = 0
    const samples = rate === this.#coderRate ? pcm : this.#resample(pcm, rate)
    if (this.isMemoryless || samples.length < this.#samples) return
    this.#frame.set(samples.subarray(0, this.#samples))
    this.#encode()
  }

  /** Sound of another rate: a coder that can be had at it takes it as it is, else it is resampled. */
  #setRate(rate: number): void {
    this.#fromRate = rate
    this.#resampler = undefined
    const coderRate = this.#codec.sampleRates?.includes(rate) ? rate : this.#codec.sampleRate
    if (coderRate === this.#coderRate) return
    this.#coderRate = coderRate
    this.#coder.encodeAt?.(coderRate)
    this.#filled = 0
    this.#samples = Math.round((coderRate * this.ptime) / 1000)
    this.#frame = new Int16Array(this.#samples)
    this.#input = this.#codec.channels === 2 ? new Int16Array(this.#samples * 2) : this.#frame
  }

  #send(source: object, now: number): void {
    this.#filled = 0
    const octets = this.#encode()
    if (octets === 0) return this.#sink.skip(this.#units) // the codec says that nothing need be sent
    this.#sendOctets(octets, source, now)
  }

  #sendOctets(octets: number, source: object, now: number): void {
    // The view is kept while the length stays: G.711 makes none at all. The kernel has copied it when `send` returns.
    if (this.#view.length !== headerLength + octets)
      this.#view = this.#packet.subarray(0, headerLength + octets)
    this.#sink.frame(this.#view, source, this.#payloadType, this.#units, now)
  }

  /** Encodes the frame into the packet; how many octets it became. */
  #encode(): number {
    if (this.#codec.channels === 2) {
      for (let i = 0; i < this.#samples; i++) {
        this.#input[i * 2] = this.#frame[i]!
        this.#input[i * 2 + 1] = this.#frame[i]!
      }
    }
    return this.#coder.encode(this.#input, this.#payload)
  }

  #resample(pcm: Int16Array, rate: number): Int16Array {
    this.#resampler ??= new Resampler(rate, this.#coderRate)
    const room = this.#resampler.room(pcm.length)
    if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
    return this.#resampled.first(this.#resampler.process(pcm, pcm.length, this.#resampled.all))
  }
}
