/** The one sound of all who only listen, encoded once for each way in which their legs want it. */
import { headerLength } from '../rtp/packet.ts'
import { Encoder, type FrameSink } from './encoder.ts'
import type { LegCodec } from './engine.ts'
import { tickMs } from './ticker.ts'

export class SharedOutput implements FrameSink {
  readonly #encoder: Encoder
  /** The frame of this tick; undefined when the codec would send nothing. */
  payload: Uint8Array | undefined
  #packet: Buffer | undefined
  #view: Uint8Array | undefined
  #madeAt = -1

  private constructor(codec: LegCodec) {
    this.#encoder = Encoder.open(codec, this)!
  }

  /** For legs that send as `encoder` does. */
  static like(encoder: Encoder): SharedOutput {
    return new SharedOutput(encoder.settings)
  }

  /** The tick that was encoded last. */
  get newest(): number {
    return this.#madeAt
  }

  /** Encodes the mix of a tick, once. `before` is the mix of the tick before, for codecs that remember. */
  make(tick: number, mix: Int16Array, before: Int16Array, rate: number): void {
    if (this.#madeAt === tick) return
    this.payload = undefined
    if (this.#madeAt !== tick - 1) this.#encoder.prime(before, rate, this)
    this.#madeAt = tick
    this.#encoder.write(mix, rate, this, 0)
  }

  /** From the encoder. */
  frame(packet: Buffer): void {
    // The encoder has one packet, and its view changes with the length alone.
    if (this.#packet !== packet) {
      this.#packet = packet
      this.#view = packet.subarray(headerLength)
    }
    this.payload = this.#view
  }

  /** From the encoder. */
  skip(): void {
    this.payload = undefined
  }
}

/** The outputs of one source of sound, one for each way of sending it. */
export class SharedOutputs {
  readonly #outputs = new Map<string, SharedOutput>()

  /** What all who send as `encoder` does share; undefined: packets of another length than a tick need a buffer of their own. */
  for(encoder: Encoder): SharedOutput | undefined {
    if (encoder.ptime !== tickMs) return undefined
    let output = this.#outputs.get(encoder.key)
    if (!output) {
      output = SharedOutput.like(encoder)
      this.#outputs.set(encoder.key, output)
    }
    return output
  }

  clear(): void {
    this.#outputs.clear()
  }
}
