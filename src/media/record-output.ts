/** The file (or the pair of files) that a recording goes to, and what is still owed to it when the disk was too slow. */
import { stat, unlink } from 'node:fs/promises'
import type { AudioSink } from '../formats/format.ts'
import { openForWriting, recordedPath } from '../formats/index.ts'
import type { RecordRequest } from './engine.ts'

/** Samples of silence written at once for what was lost. */
const owedPiece = 8000

export class RecordOutput {
  readonly #sinks: readonly AudioSink[]
  readonly #paths: readonly string[]
  readonly #silence = new Int16Array(owedPiece * 2)
  #owed = 0
  /** Samples lost to a slow disk; silence stands for them. */
  lost = 0

  private constructor(sinks: readonly AudioSink[], paths: readonly string[]) {
    this.#sinks = sinks
    this.#paths = paths
  }

  /** Opens what the request names. Throws what `openForWriting` throws. */
  static async open(request: RecordRequest, rate: number): Promise<RecordOutput> {
    const { append = false, flushOctets, over = false, path, tags = {}, what } = request
    const options = { over, tags, ...(flushOctets === undefined ? {} : { flushOctets }) }
    const channels = what === 'stereo' || what === 'stereo swapped' ? 2 : 1
    const paths = (what === 'pair' ? [path, request.otherPath ?? path] : [path]).map(recordedPath)
    const sinks: AudioSink[] = []
    try {
      for (const one of paths)
        sinks.push(await openForWriting(one, rate, channels, append, options))
    } catch (thrown) {
      for (const sink of sinks) await sink.close().catch(() => undefined)
      throw thrown
    }
    return new RecordOutput(sinks, paths)
  }

  get rate(): number {
    return this.#sinks[0]!.rate
  }

  /** Of each file. */
  get channels(): 1 | 2 {
    return this.#sinks[0]!.channels
  }

  get failure(): string | undefined {
    for (const sink of this.#sinks) if (sink.failure !== undefined) return sink.failure
    return undefined
  }

  /** Writes to the first file, and `other` to the second of a pair. False when the disk takes nothing for now. */
  write(pcm: Int16Array, other?: Int16Array): boolean {
    if (this.#payOwed() && this.#sinks[0]!.write(pcm)) {
      if (other) this.#sinks[1]?.write(other)
      return true
    }
    const samples = pcm.length / this.channels
    this.#owed += samples
    this.lost += samples
    return false
  }

  /** Silence for what was lost, so that what follows stands at its time; false while there is no room for it. */
  #payOwed(): boolean {
    while (this.#owed > 0) {
      const count = Math.min(owedPiece, this.#owed)
      const piece = this.#silence.subarray(0, count * this.channels)
      if (!this.#sinks[0]!.write(piece)) return false
      this.#sinks[1]?.write(piece)
      this.#owed -= count
    }
    return true
  }

  /** Resolves with the octets of the file; rejects when something is missing. */
  async close(): Promise<number> {
    this.#payOwed()
    const closed = await Promise.allSettled(this.#sinks.map((sink) => sink.close()))
    for (const one of closed) if (one.status === 'rejected') throw one.reason
    return stat(this.#paths[0]!).then(
      ({ size }) => size,
      () => 0,
    )
  }

  /** Removes what was written. */
  async remove(): Promise<void> {
    for (const path of this.#paths) await unlink(path).catch(() => undefined)
  }
}
