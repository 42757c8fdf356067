/** Leaves silence out of what is sent and describes it instead (`vad`, RFC 3389), where the party agreed to comfort noise or not. */
import { describeNoise, writeComfortNoise } from '../rtp/comfort-noise.ts'
import { headerLength } from '../rtp/packet.ts'
import type { Encoder } from './encoder.ts'
import type { Sender } from './sender.ts'
import { energySum } from './sound.ts'

/** Mean amplitude (at any rate) of a quiet line, and how much above it is speech at once; FreeSWITCH's figures. */
const background = 300
const speech = 400
/** ms above the background until it is speech all the same, and ms without until it is silence. */
const beginMs = 300
const endMs = 800
/** Silence is described when it begins, when it changes by so many dB, and so often, ms. */
const changeDb = 6
const repeatMs = 1000

/** Tells speech from silence. */
export class SilenceSuppressor {
  isTalking = true
  #loudMs = 0
  #quietMs = 0
  #sinceNoise = Number.POSITIVE_INFINITY
  #level = 0

  /** Whether a frame is to be sent. */
  passes(pcm: Int16Array, rate: number): boolean {
    const ms = (pcm.length * 1000) / rate
    const score = energySum(pcm) / Math.max(1, pcm.length)
    if (this.isTalking) {
      this.#quietMs = score > background ? Math.max(0, this.#quietMs - ms) : this.#quietMs + ms
      if (this.#quietMs >= endMs) this.#turn(false)
    } else {
      this.#sinceNoise += ms
      this.#loudMs = score > background ? this.#loudMs + ms : Math.max(0, this.#loudMs - ms)
      if (score - background >= speech || this.#loudMs >= beginMs) this.#turn(true)
    }
    return this.isTalking
  }

  /** The level of a frame that is not sent, in -dBov, when it is time to tell it; else -1. */
  noiseLevel(pcm: Int16Array): number {
    const { level } = describeNoise(pcm)
    if (this.#sinceNoise < repeatMs && Math.abs(level - this.#level) < changeDb) return -1
    this.#sinceNoise = 0
    this.#level = level
    return level
  }

  #turn(isTalking: boolean): void {
    this.isTalking = isTalking
    this.#loudMs = 0
    this.#quietMs = 0
    this.#sinceNoise = Number.POSITIVE_INFINITY
  }
}

/** Sends what a suppressor lets through, and descriptions of the rest. */
export class QuietSender {
  /** Of comfort noise; undefined sends nothing at all in silence. */
  payloadType: number | undefined
  readonly #sender: Sender
  readonly #suppressor = new SilenceSuppressor()
  readonly #packet = Buffer.alloc(headerLength + 1)
  readonly #payload = this.#packet.subarray(headerLength)

  constructor(sender: Sender) {
    this.#sender = sender
  }

  write(encoder: Encoder, pcm: Int16Array, rate: number, source: object, now: number): void {
    const suppressor = this.#suppressor
    const { isTalking } = suppressor
    if (suppressor.passes(pcm, rate)) {
      // A talkspurt begins with the marker, and where time has got to (RFC 3551 section 4.1).
      if (!isTalking) this.#sender.interrupt()
      encoder.write(pcm, rate, source, now)
      return
    }
    encoder.pause((pcm.length * 1000) / rate, source, now)
    const level = this.payloadType === undefined ? -1 : suppressor.noiseLevel(pcm)
    if (level < 0 || this.payloadType === undefined) return
    writeComfortNoise({ level, reflection: [] }, this.#payload)
    const sender = this.#sender
    sender.frame(this.#packet, source, this.payloadType, 0, now)
    sender.mediaPackets--
    sender.comfortPackets++
  }
}
