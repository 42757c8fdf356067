/** The Opus encoder of one leg. */
import { joinFrames, longestFrame } from './opus-join.ts'
import { control, type OpusLibrary, opusLibrary, opusRate } from './opus-library.ts'
import type { OpusEncoding, OpusRate } from './opus-settings.ts'

/** OPUS_BANDWIDTH_NARROWBAND and the others (RFC 6716 section 2), by the sample rate that shows them whole. */
const bandwidths: Readonly<Record<OpusRate, number>> = {
  8000: 1101,
  12000: 1102,
  16000: 1103,
  24000: 1104,
  48000: 1105,
}

/** A packet of up to two octets says only that there is silence (RFC 7587 section 3.1.3). */
const silenceOctets = 2

export class OpusEncoder {
  readonly #library: OpusLibrary
  readonly #state: number
  readonly #encoding: OpusEncoding
  /** Samples in 10 ms. */
  #piece = opusRate / 100

  constructor(encoding: OpusEncoding) {
    this.#library = opusLibrary()
    this.#state = this.#library.newEncoder(this)
    this.#encoding = encoding
    this.#configure()
  }

  /** Begins anew with sound of this rate (Hz). */
  setRate(rate: number): void {
    this.#piece = rate / 100
    this.#library.beginEncoder(this.#state, rate)
    this.#configure()
  }

  #configure(): void {
    const encoding = this.#encoding
    this.#set(control.complexity, encoding.complexity)
    this.#set(control.bitRate, encoding.bitRate)
    this.#set(control.maximumBandwidth, bandwidths[encoding.bandwidth])
    this.#set(control.isVariableRate, encoding.isConstantRate ? 0 : 1)
    this.#set(control.errorCorrection, encoding.hasErrorCorrection ? 1 : 0)
    this.#set(control.lossPercent, encoding.hasErrorCorrection ? encoding.lossPercent : 0)
    this.#set(control.skipsSilence, encoding.skipsSilence ? 1 : 0)
  }

  /** Frames of 2.5 or 5 ms or of 10 to 120 in steps of 10; others give 0, as does silence that need not be sent. */
  encode(pcm: Int16Array, into: Uint8Array): number {
    const pieces = pcm.length / this.#piece
    // The library has no packets of 30, 50, 70 … ms: they are joined from frames of 10.
    if (pieces > 1 && pieces <= 12 && pieces % 2 === 1) return this.#joined(pcm, into)
    const octets = this.#library.encode(this.#state, pcm, into)
    if (octets < 0 || (this.#encoding.skipsSilence && octets <= silenceOctets)) return 0
    return octets
  }

  #joined(pcm: Int16Array, into: Uint8Array): number {
    const frames: Uint8Array[] = []
    let isSilence = true
    for (let at = 0; at < pcm.length; at += this.#piece) {
      const frame = new Uint8Array(longestFrame)
      const piece = pcm.subarray(at, at + this.#piece)
      const octets = this.#library.encode(this.#state, piece, frame)
      if (octets < 0) return 0
      isSilence &&= octets <= silenceOctets
      frames.push(frame.subarray(0, octets))
    }
    return this.#encoding.skipsSilence && isSilence ? 0 : joinFrames(frames, into)
  }

  #set(request: number, value: number): void {
    this.#library.set(this.#state, request, value)
  }
}
