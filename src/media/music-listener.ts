/** A listener of music on hold: a place in the ring of a stream, read like any other sound. */
import type { AudioSource } from '../formats/format.ts'
import type { Encoder } from './encoder.ts'
import type { MusicStream } from './music-stream.ts'
import type { SharedOutput } from './shared-output.ts'

export class MusicListener implements AudioSource {
  readonly rate: number
  readonly isEndless = true
  readonly #stream: MusicStream
  #at = 0
  #outputFor: Encoder | undefined
  #output: SharedOutput | undefined

  constructor(stream: MusicStream) {
    this.rate = stream.rate
    this.#stream = stream
  }

  /** One frame behind the newest: whoever is asked before the stream in a tick has something too. */
  place(): void {
    this.#at = Math.max(0, this.#stream.head - this.#stream.frame)
  }

  /**
   * Steps over the next frame, which `encoder` would send, and gives it encoded; undefined when it has to be read and
   * encoded as any other sound.
   */
  share(encoder: Encoder): SharedOutput | undefined {
    const stream = this.#stream
    if (encoder !== this.#outputFor) {
      this.#outputFor = encoder
      this.#output = stream.outputFor(encoder)
    }
    const { frame, head } = stream
    const output = this.#output
    if (!output || stream.hasEnded || this.#at % frame !== 0) return undefined
    if (head - this.#at > 3 * frame) this.#at = head - 2 * frame
    const number = this.#at / frame
    if (head <= this.#at || number < output.newest) return undefined
    stream.encode(output, number)
    this.#at += frame
    return output
  }

  read(into: Int16Array): number {
    const stream = this.#stream
    if (stream.hasEnded) return 0
    const { frame, head } = stream
    // Time that went by unheard is not made up for.
    if (head - this.#at > into.length + 2 * frame)
      this.#at = Math.max(0, head - into.length - frame)
    if (head <= this.#at) return -1
    const count = stream.copy(this.#at, into)
    this.#at += count
    return count
  }

  close(): void {
    this.#stream.leave(this)
  }
}
