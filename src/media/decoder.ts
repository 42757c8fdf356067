/** Turns the packets of one payload type of one leg into mono PCM, filling what was lost. */

import type { Codec, Coder } from '../codecs/codec.ts'
import { findCodec } from '../codecs/index.ts'
import { sequenceGap, timestampGap } from '../rtp/packet.ts'
import { LossConcealer } from '../rtp/plc.ts'
import type { LegCodec } from './engine.ts'
import { FrameBuffer } from './sound.ts'

/** The longest packet that is decoded, ms; RFC 7587 allows 120. */
const maxPacketMs = 120
/** So many lost packets are made up for; what goes beyond is a pause. */
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
  /** Makes sound up for codecs that cannot do it themselves. */
  #concealer: LossConcealer | undefined
  /** Packets' worth of sound that was made up, since it was opened. */
  concealed = 0
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
    const hasOwn = this.#coder.conceal !== undefined && codec.channels === 1
    this.#concealer = hasOwn ? undefined : new LossConcealer(codec.sampleRate)
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
    if (this.#concealer) this.#concealer = new LossConcealer(best)
  }

  /** The numbering begins anew: nothing is missing before the next packet. */
  restart(): void {
    this.#sequence = -1
    this.#concealer?.reset()
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
    this.#decode(payload, timestamp, taker)
    return true
  }

  /**
   * Decodes the packet whose turn it is, whatever its number: somebody else has put them in order and asked for what is
   * missing. With `isCut` something was left out before it on purpose.
   */
  next(payload: Uint8Array, timestamp: number, isCut: boolean, taker: SoundTaker): void {
    if (isCut) this.#concealer?.cut()
    this.#sequence = -1
    this.#decode(payload, timestamp, taker)
  }

  /** Makes up the sound of a packet that did not come in time: as much as the last one had. */
  missing(taker: SoundTaker): void {
    if (this.#samples > 0) this.#conceal(undefined, taker)
  }

  #decode(payload: Uint8Array, timestamp: number, taker: SoundTaker): void {
    const samples = this.#toMono(this.#coder.decode(payload, this.#interleaved))
    this.#samples = samples
    this.#next = (timestamp + (samples * this.codec.clockRate) / this.rate) >>> 0
    if (samples === 0) return
    const frame = this.#mono.first(samples)
    this.#concealer?.good(frame)
    taker.sound(frame, this.rate)
  }

  /** Fills a gap of `missing` samples before `next` in which `lost` packets were lost. */
  #fill(next: Uint8Array, lost: number, missing: number, taker: SoundTaker): void {
    let left = missing
    // A gap in time that no lost packets account for is a pause of the sender.
    if (lost > 0 && this.#samples > 0 && missing <= (lost + 1) * this.#samples) {
      for (let made = 0; left >= this.#samples && made < maxConcealed; made++) {
        const isLast = left < this.#samples * 2
        this.#conceal(isLast ? next : undefined, taker)
        left -= this.#samples
      }
    }
    if (left > 0 && left < this.rate * 60) taker.pause((left * 1000) / this.rate)
  }

  /** One packet's worth; `next` is the packet behind it, where that is there. */
  #conceal(next: Uint8Array | undefined, taker: SoundTaker): void {
    const frame = this.#mono.first(this.#samples)
    if (this.#concealer) this.#concealer.conceal(frame)
    else if (next && this.#coder.recover) this.#coder.recover(next, frame)
    else this.#coder.conceal?.(frame)
    this.concealed++
    taker.sound(frame, this.rate)
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
