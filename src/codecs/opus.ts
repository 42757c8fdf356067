/**
 * opus: RFC 6716 in the packets of RFC 7587, through @evan/opus. In SDP it is always opus/48000/2; the sound is mono here, so
 * stereo is neither offered nor sent, and what arrives in stereo is mixed by the decoder.
 */
import { Encoder } from '@evan/opus'
import type { Codec, Coder } from './codec.ts'
import { OpusDecoder } from './opus-decoder.ts'
import {
  bandwidths,
  defaultOpusSettings,
  type OpusSettings,
  opusEncoderSettings,
  opusEncoding,
  opusFormat,
} from './opus-settings.ts'

const rate = 48000
/** A packet of up to two octets says only that there is silence (RFC 7587 section 3.1.3). */
const silenceOctets = 2

function openEncoder(theirs: string, ours: string): { encoder: Encoder; skipsSilence: boolean } {
  const encoding = opusEncoding(theirs, ours)
  const encoder = new Encoder({ channels: 1, sample_rate: rate, application: 'voip' })
  encoder.complexity = encoding.complexity as 0
  encoder.bitrate = encoding.bitRate
  encoder.max_bandwidth = bandwidths[encoding.bandwidth]
  encoder.vbr = !encoding.isConstantRate
  encoder.inband_fec = encoding.hasErrorCorrection
  encoder.packet_loss = encoding.hasErrorCorrection ? encoding.lossPercent : 0
  encoder.dtx = encoding.skipsSilence
  return { encoder, skipsSilence: encoding.skipsSilence }
}

class OpusCoder implements Coder {
  readonly #theirs: string
  readonly #ours: string
  /** Either half is made when it is first needed: a leg mostly uses a coder one way. */
  #encoding: { encoder: Encoder; skipsSilence: boolean } | undefined
  #decoder: OpusDecoder | undefined

  constructor(theirs: string, ours: string) {
    this.#theirs = theirs
    this.#ours = ours
  }

  get badPackets(): number {
    return this.#decoder?.badPackets ?? 0
  }

  /** Frames of 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms; others, and what finds no room, give 0. */
  encode(pcm: Int16Array, into: Uint8Array): number {
    this.#encoding ??= openEncoder(this.#theirs, this.#ours)
    const { encoder, skipsSilence } = this.#encoding
    let packet: Uint8Array
    try {
      packet = encoder.encode(pcm)
    } catch {
      return 0
    }
    if (packet.length > into.length || (skipsSilence && packet.length <= silenceOctets)) return 0
    into.set(packet)
    return packet.length
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
    clockRate: rate,
    sampleRate: rate,
    channels: 1,
    ptime: 20,
    ptimes: [10, 20, 40, 60, 80, 100, 120],
    bitRate: 0,
    offer: () => format,
    settings: opusEncoderSettings(settings),
    open: (fmtp, ours = '') => new OpusCoder(fmtp, ours),
  }
}

export const opus: Codec = opusWith(defaultOpusSettings)
