/** Turns the packets of one payload type of one leg into mono PCM, filling what was lost. */

import type { Codec, Coder } from '../codecs/codec.ts'
import { findCodec } from '../codecs/index.ts'
import { sequenceGap, timestampGap } from '../rtp/packet.ts'
import type { LegCodec } from './engine.ts'
import { FrameBuffer } from './sound.ts'

/** The longest packet that is decoded, ms; RFC 7587 allows 120. */
const maxPacketMs = 120
/** So many lost packets are made up for; a longer gap is a pause. */
const maxConcealed = 5

/** Who gets the sound of a packet. */
export interface SoundTaker {
  /** `pcm` is only lent. */
  sound(pcm: Int16Array, rate: number): void
  /** Nothing was said for so long, ms. */
  pause(ms: number): void
}

export class Decoder {
  readonly codec: Codec
  /** Hz of the sound that comes out. */
  rate: number
  readonly #coder: Coder
  readonly #channels: number
  readonly #interleaved: Int16Array
  readonly #mono: FrameBuffer
  #sequence = -1
  /** The timestamp that would follow without a gap, and samples of the last packet. */
  #next = 0
  #samples = 0

  private constructor(codec: Codec, fmtp: string) {
    this.codec = codec
    this.rate = codec.sampleRate
    this.#coder = codec.open(fmtp)
    this.#channels = codec.channels
    const longest = (codec.sampleRate / 1000) * maxPacketMs
    this.#mono = new FrameBuffer(longest)
    this.#interleaved = codec.channels === 2 ? new Int16Array(longest * 2) : this.#mono.all
  }

  /** Undefined for a codec that can only be passed on. */
  static open(codec: LegCodec): Decoder | undefined {
    const found =
      findCodec(codec.name, codec.clockRate, codec.channels) ??
      findCodec(codec.name, codec.clockRate)
    return found && !found.passThrough ? new Decoder(found, codec.fmtp) : undefined
  }

  /**
   * Has the sound come out at the lowest rate that is no worse for a listener of `rate` Hz (undefined: who hears all of it).
   * Most codecs have one rate only.
   */
  soundAt(rate: number | undefined): void {
    const { sampleRate, sampleRates } = this.codec
    const best = sampleRates?.find((one) => rate !== undefined && one >= rate) ?? sampleRate
    if (best === this.rate) return
    this.#samples = Math.round((this.#samples * best) / this.rate)
    this.rate = best
    this.#coder.decodeAt?.(best)
  }

  /** The numbering begins anew: nothing is missing before the next packet. */
  restart(): void {
    this.#sequence = -1
  }

  /** Decodes a packet for `taker`; false when it came behind a later one. */
  packet(payload: Uint8Array, sequence: number, timestamp: number, taker: SoundTaker): boolean {
    if (this.#sequence >= 0) {
      const ahead = sequenceGap(sequence, this.#sequence)
      if (ahead <= 0) return false
      const gap = timestampGap(timestamp, this.#next)
      if (gap > 0) {
        this.#fill(payload, ahead - 1, (gap * this.rate) / this.codec.clockRate, taker)
      }
    }
    this.#sequence = sequence
    const samples = this.#toMono(this.#coder.decode(payload, this.#interleaved))
    this.#samples = samples
    this.#next = (timestamp + (samples * this.codec.clockRate) / this.rate) >>> 0
    if (samples > 0) taker.sound(this.#mono.first(samples), this.rate)
    return true
  }

  /** Fills a gap of `missing` samples before `next` in which `lost` packets were lost. */
  #fill(next: Uint8Array, lost: number, missing: number, taker: SoundTaker): void {
    let left = missing
    if (
      lost > 0 &&
      lost <= maxConcealed &&
      this.#samples > 0 &&
      missing <= (lost + 1) * this.#samples
    ) {
      for (; left >= this.#samples; left -= this.#samples) {
        const frame = this.#mono.first(this.#samples)
        const isLast = left < this.#samples * 2
        // Codecs without concealment of their own get silence: a repeat of G.711 sounds worse than a gap.
        if (this.#channels !== 1 || !this.#coder.conceal) frame.fill(0)
        else if (isLast && this.#coder.recover) this.#coder.recover(next, frame)
        else this.#coder.conceal(frame)
        taker.sound(frame, this.rate)
      }
    }
    if (left > 0 && left < this.rate * 60) taker.pause((left * 1000) / this.rate)
  }

  #toMono(written: number): number {
    if (this.#channels === 1) return written
    const mono = this.#mono.all
    for (let i = 0, at = 0; at + 1 < written; i++, at += 2) {
      mono[i] = (this.#interleaved[at]! + this.#interleaved[at + 1]!) >> 1
    }
    return written >> 1
  }
}
