/** A stream that passes untouched, as the core holds it. */

import { Emitter } from '../base/emitter.ts'
import { logger } from '../base/log.ts'
import type { MediaLeg, MediaStream, StreamEvents, StreamSettings, StreamStats } from './engine.ts'
import { RemoteLeg } from './remote-leg.ts'
import { noStreamStats } from './stream-stats.ts'
import type { WorkerSlot } from './worker-slot.ts'

const log = logger('media/stream')

export class RemoteStream implements MediaStream {
  readonly id: number
  readonly uuid: string
  localAddress: string
  localPort: number
  readonly events = new Emitter<StreamEvents>()
  readonly slot: WorkerSlot
  /** Whether the ports are a leg's. */
  isLent: boolean
  /** The leg that it shares them with, which goes on meanwhile. */
  #within: RemoteLeg | undefined
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

  get isBundled(): boolean {
    return this.#within !== undefined
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

  canShare(leg: MediaLeg): boolean {
    if (!(leg instanceof RemoteLeg)) throw new Error('the leg is not of this engine')
    return !this.isClosed && !leg.isClosed && leg.slot === this.slot && leg.localPort > 0
  }

  share(leg: MediaLeg): boolean {
    if (!this.canShare(leg) || !(leg instanceof RemoteLeg)) return false
    if (this.#within) return this.#within === leg
    this.slot.movedInto(this, leg)
    this.isLent = true
    this.#within = leg
    this.localAddress = leg.localAddress
    this.localPort = leg.localPort
    return true
  }

  askForPicture(): void {
    this.slot.send({ ask: 'ask for picture', stream: this.id })
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
