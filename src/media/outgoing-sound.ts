/** What becomes of the sound for one leg's party: coded into packets, with silence left out where that was asked for. */
import { Encoder } from './encoder.ts'
import type { LegCodec, LegSettings } from './engine.ts'
import { sameCodec } from './leg-input.ts'
import { QuietSender } from './quiet-sender.ts'
import type { Sender } from './sender.ts'

export class OutgoingSound {
  /** Undefined where nothing is sent, or what is can only be passed on. */
  encoder: Encoder | undefined
  readonly #sender: Sender
  #codec: LegCodec | undefined
  #quiet: QuietSender | undefined

  constructor(sender: Sender) {
    this.#sender = sender
  }

  /** The encoder, for one who has coded the same sound already; undefined where each frame has to be looked at. */
  get shared(): Encoder | undefined {
    return this.#quiet === undefined ? this.encoder : undefined
  }

  configure({ send, suppressesSilence, comfortNoise }: LegSettings): void {
    const sender = this.#sender
    const before = this.#codec
    // The number is the party's to choose, and a new description of it may have another one for the same codec.
    const isSame =
      sameCodec(send, before) &&
      send?.ptime === before?.ptime &&
      send?.payloadType === before?.payloadType
    if (!isSame) {
      this.encoder = send && Encoder.open(send, sender)
      this.#codec = send
      sender.interrupt()
    }
    if (send) {
      sender.clock = send.clockRate
      sender.step = Math.round((send.clockRate * send.ptime) / 1000)
    }
    if (!suppressesSilence) this.#quiet = undefined
    else {
      this.#quiet ??= new QuietSender(sender)
      this.#quiet.payloadType = comfortNoise
    }
  }

  /** Sends sound of `source`; false when nothing can make packets of it. */
  write(pcm: Int16Array, rate: number, source: object, now: number): boolean {
    const { encoder } = this
    if (encoder === undefined) return false
    if (this.#quiet === undefined) encoder.write(pcm, rate, source, now)
    else this.#quiet.write(encoder, pcm, rate, source, now)
    return true
  }

  pause(ms: number, source: object, now: number): void {
    this.encoder?.pause(ms, source, now)
  }
}
