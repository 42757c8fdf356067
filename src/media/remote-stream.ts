/** A stream that passes untouched, as the core holds it. */

import { Emitter } from '../base/emitter.ts'
import { logger } from '../base/log.ts'
import type { MediaStream, StreamEvents, StreamSettings, StreamStats } from './engine.ts'
import { noStreamStats } from './stream-stats.ts'
import type { WorkerSlot } from './worker-slot.ts'

const log = logger('media/stream')

export class RemoteStream implements MediaStream {
  readonly id: number
  readonly uuid: string
  readonly localAddress: string
  readonly localPort: number
  readonly events = new Emitter<StreamEvents>()
  readonly slot: WorkerSlot
  /** Whether the ports are a leg's. */
  readonly isLent: boolean
  #closing: Promise<StreamStats> | undefined

  constructor(
    id: number,
    uuid: string,
    address: string,
    port: number,
    slot: WorkerSlot,
    isLent: boolean,
  ) {
    this.id = id
    this.uuid = uuid
    this.localAddress = address
    this.localPort = port
    this.slot = slot
    this.isLent = isLent
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  configure(settings: StreamSettings): void {
    this.slot.send({ ask: 'configure stream', stream: this.id, settings })
  }

  join(other: MediaStream): boolean {
    if (!(other instanceof RemoteStream)) throw new Error('the other stream is not of this engine')
    if (this.isClosed || other.isClosed) return false
    if (other.slot !== this.slot) {
      log.warning('the two streams live in different workers: they cannot be joined', this.uuid)
      this.part()
      other.part()
      return false
    }
    this.slot.send({ ask: 'join streams', stream: this.id, other: other.id })
    return true
  }

  part(): void {
    this.slot.send({ ask: 'part stream', stream: this.id })
  }

  stats(): Promise<StreamStats> {
    if (this.#closing) return this.#closing
    return this.slot.request({ ask: 'stream stats', stream: this.id }).catch(() => noStreamStats)
  }

  close(): Promise<StreamStats> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The worker is gone, and the stream with it. */
  lost(): void {
    this.#closing ??= Promise.resolve(noStreamStats)
  }

  #close(): Promise<StreamStats> {
    this.slot.streamClosed(this)
    return this.slot.request({ ask: 'close stream', stream: this.id }).catch(() => noStreamStats)
  }
}
