/** The Opus encoder of one leg. */
import { control, type OpusLibrary, opusLibrary } from './opus-library.ts'
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
  readonly #skipsSilence: boolean

  constructor(encoding: OpusEncoding) {
    this.#library = opusLibrary()
    this.#state = this.#library.newEncoder(this)
    this.#skipsSilence = encoding.skipsSilence
    this.#set(control.complexity, encoding.complexity)
    this.#set(control.bitRate, encoding.bitRate)
    this.#set(control.maximumBandwidth, bandwidths[encoding.bandwidth])
    this.#set(control.isVariableRate, encoding.isConstantRate ? 0 : 1)
    this.#set(control.errorCorrection, encoding.hasErrorCorrection ? 1 : 0)
    this.#set(control.lossPercent, encoding.hasErrorCorrection ? encoding.lossPercent : 0)
    this.#set(control.skipsSilence, encoding.skipsSilence ? 1 : 0)
  }

  /** Frames of 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms; others give 0, as does silence that need not be sent. */
  encode(pcm: Int16Array, into: Uint8Array): number {
    const octets = this.#library.encode(this.#state, pcm, into)
    if (octets < 0 || (this.#skipsSilence && octets <= silenceOctets)) return 0
    return octets
  }

  #set(request: number, value: number): void {
    this.#library.set(this.#state, request, value)
  }
}
