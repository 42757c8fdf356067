/**
 * opus: RFC 6716 in the packets of RFC 7587. In SDP it is always opus/48000/2; the sound is mono here, so stereo is neither
 * offered nor sent, and what arrives in stereo is mixed by the decoder.
 */
import type { Codec, Coder } from './codec.ts'
import { OpusDecoder } from './opus-decoder.ts'
import { OpusEncoder } from './opus-encoder.ts'
import { opusRate } from './opus-library.ts'
import {
  defaultOpusSettings,
  type OpusSettings,
  opusEncoderSettings,
  opusEncoding,
  opusFormat,
  opusRates,
} from './opus-settings.ts'

class OpusCoder implements Coder {
  readonly #theirs: string
  readonly #ours: string
  /** Either half is made when it is first needed: a leg mostly uses a coder one way. */
  #encoder: OpusEncoder | undefined
  #decoder: OpusDecoder | undefined

  constructor(theirs: string, ours: string) {
    this.#theirs = theirs
    this.#ours = ours
  }

  encodeAt(rate: number): void {
    this.#encoder ??= new OpusEncoder(opusEncoding(this.#theirs, this.#ours))
    this.#encoder.setRate(rate)
  }

  decodeAt(rate: number): void {
    this.#decoder ??= new OpusDecoder()
    this.#decoder.setRate(rate)
  }

  get badPackets(): number {
    return this.#decoder?.badPackets ?? 0
  }

  encode(pcm: Int16Array, into: Uint8Array): number {
    this.#encoder ??= new OpusEncoder(opusEncoding(this.#theirs, this.#ours))
    return this.#encoder.encode(pcm, into)
  }

  decode(payload: Uint8Array, into: Int16Array): number {
    this.#decoder ??= new OpusDecoder()
    return this.#decoder.decode(payload, into)
  }

  conceal(into: Int16Array): number {
    this.#decoder ??= new OpusDecoder()
    return this.#decoder.conceal(into)
  }

  recover(next: Uint8Array, into: Int16Array): number {
    this.#decoder ??= new OpusDecoder()
    return this.#decoder.recover(next, into)
  }
}

/** Opus as opus.conf wants it. */
export function opusWith(settings: OpusSettings): Codec {
  const format = opusFormat(settings)
  return {
    name: 'opus',
    clockRate: opusRate,
    sampleRate: opusRate,
    sampleRates: opusRates,
    channels: 1,
    ptime: 20,
    bitRate: 0,
    offer: () => format,
    soundRate: (fmtp, ours = '') => opusEncoding(fmtp, ours).bandwidth,
    settings: opusEncoderSettings(settings),
    open: (fmtp, ours = '') => new OpusCoder(fmtp, ours),
  }
}

export const opus: Codec = opusWith(defaultOpusSettings)
