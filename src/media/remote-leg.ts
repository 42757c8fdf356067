/** A leg as the core holds it: turns calls into requests, and what its worker tells into events and results. */
import { Emitter } from '../base/emitter.ts'
import { reasonOf } from '../base/errors.ts'
import type {
  BugReport,
  BugRequest,
  Eavesdropping,
  EavesdropSides,
  JitterHabits,
  LegDescription,
  LegEvents,
  LegSettings,
  LegStats,
  MediaBug,
  MediaLeg,
  Playback,
  PlayRequest,
  PlayResult,
  Recording,
  RecordRequest,
  TurnOutcome,
  TurnServer,
} from './engine.ts'
import { noStats } from './leg-stats.ts'
import type { Direction } from './protocol.ts'
import { RemoteBug } from './remote-bug.ts'
import { RemoteRecording } from './remote-recording.ts'
import type { WorkerSlot } from './worker-slot.ts'

/** A result that a worker tells later. */
export interface Pending<Result> {
  readonly leg: RemoteLeg
  started(didStart: boolean): void
  ended(result: Result): void
  /** The worker is gone. */
  lost(): void
}

export type PendingPlay = Pending<PlayResult>

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((take) => {
    resolve = take
  })
  return { promise, resolve }
}

/** Where a leg is instead of in a bridge: a room. */
export interface Place {
  leave(): void
}

let nextNumber = 1

export class RemoteLeg implements MediaLeg {
  readonly id: number
  readonly uuid: string
  readonly localAddress: string
  readonly localPort: number
  readonly tcpPort: number
  readonly events = new Emitter<LegEvents>()
  readonly slot: WorkerSlot
  /** Whom it is bridged with, for bridges across workers that both have to end. */
  bridgedWith: RemoteLeg | undefined
  #place: Place | undefined
  #closing: Promise<LegStats> | undefined

  constructor(
    id: number,
    uuid: string,
    address: string,
    port: number,
    slot: WorkerSlot,
    tcpPort = 0,
  ) {
    this.id = id
    this.uuid = uuid
    this.localAddress = address
    this.localPort = port
    this.tcpPort = tcpPort
    this.slot = slot
  }

  get worker(): number {
    return this.slot.index
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  configure(settings: LegSettings): void {
    this.slot.send({ ask: 'configure', leg: this.id, settings })
  }

  async relayBy(servers: readonly TurnServer[], limitMs: number): Promise<TurnOutcome> {
    if (this.isClosed) return { failure: 'the leg was closed' }
    return this.slot
      .request({ ask: 'turn', leg: this.id, servers, limitMs })
      .catch((thrown: unknown) => ({ failure: reasonOf(thrown) }))
  }

  bridge(other: MediaLeg): void {
    if (!(other instanceof RemoteLeg)) throw new Error('the other leg is not of this engine')
    if (this.isClosed || other.isClosed) return
    this.#partFrom(other)
    other.#partFrom(this)
    this.bridgedWith = other
    other.bridgedWith = this
    this.slot.bridge(this, other)
  }

  unbridge(): void {
    this.#part()
    this.slot.send({ ask: 'unbridge', leg: this.id })
  }

  /** Goes to a place and leaves what it was in; false when it is closed. */
  take(place: Place): boolean {
    if (this.isClosed) return false
    this.#part()
    this.#place = place
    return true
  }

  /** It is no longer at that place. */
  left(place: Place): void {
    if (this.#place === place) this.#place = undefined
  }

  passDtmf(on: boolean): void {
    this.slot.send({ ask: 'pass dtmf', leg: this.id, on })
  }

  play(request: PlayRequest): Playback {
    const play = nextNumber++
    const leg = this.id
    const started = deferred<boolean>()
    const ended = deferred<PlayResult>()
    const finish = (result: PlayResult) => {
      started.resolve(false)
      ended.resolve(result)
    }
    const lost = () => finish({ ended: 'closed', samples: 0, position: 0, rate: 8000 })
    if (this.isClosed) lost()
    else {
      this.slot.plays.set(play, { leg: this, started: started.resolve, ended: finish, lost })
      this.slot.send({ ask: 'play', leg, play, request })
    }
    return {
      started: started.promise,
      ended: ended.promise,
      stop: () => this.slot.send({ ask: 'stop play', leg, play }),
      pause: (on) => this.slot.send({ ask: 'pause play', leg, play, on }),
      seek: (ms, relative) => this.slot.send({ ask: 'seek play', leg, play, ms, relative }),
      adjust: (change) => this.slot.send({ ask: 'adjust play', leg, play, change }),
    }
  }

  echo(delayMs: number): void {
    this.#part()
    this.slot.send({ ask: 'echo', leg: this.id, delayMs })
  }

  stopEcho(): void {
    this.slot.send({ ask: 'stop echo', leg: this.id })
  }

  record(request: RecordRequest): Recording {
    return new RemoteRecording(this, request)
  }

  dropDigits(on: boolean): void {
    this.slot.send({ ask: 'drop digits', leg: this.id, on })
  }

  detectDigits(on: boolean): void {
    this.slot.send({ ask: 'detect digits', leg: this.id, on })
  }

  tonesForDigits(direction: Direction | undefined): void {
    this.slot.send({ ask: 'tones for digits', leg: this.id, direction })
  }

  sayDigits(digits: string, ms: number): void {
    this.slot.send({ ask: 'say digits', leg: this.id, digits, ms })
  }

  sendDtmf(digits: string, ms: number): void {
    this.slot.send({ ask: 'send dtmf', leg: this.id, digits, ms })
  }

  sendSilence(level: number): void {
    this.slot.send({ ask: 'send silence', leg: this.id, level })
  }

  trace(direction: Direction, on: boolean): void {
    this.slot.send({ ask: 'trace', leg: this.id, direction, on })
  }

  jitterBuffer(habits: JitterHabits): void {
    this.slot.send({ ask: 'jitter buffer', leg: this.id, habits })
  }

  mute(direction: Direction, on: boolean, noise = 0): void {
    this.slot.send({ ask: 'mute', leg: this.id, direction, on, noise })
  }

  gain(direction: Direction, db: number): void {
    this.slot.send({ ask: 'gain', leg: this.id, direction, db })
  }

  bug(request: BugRequest, report: (report: BugReport) => void = () => undefined): MediaBug {
    const bug = new RemoteBug(this, report)
    if (!this.isClosed) this.slot.send({ ask: 'bug', leg: this.id, bug: bug.number, request })
    return bug
  }

  eavesdrop(spy: MediaLeg, hears: EavesdropSides, whispers: EavesdropSides): Eavesdropping {
    if (!(spy instanceof RemoteLeg)) throw new Error('the spy is not of this engine')
    const bug = new RemoteBug(this)
    if (spy.isClosed) bug.lost()
    else if (!this.isClosed) this.slot.eavesdrop(this, spy, bug.number, hears, whispers)
    if (spy.slot !== this.slot)
      void bug.ended.then(() => spy.slot.send({ ask: 'unbridge', leg: spy.id }))
    return bug
  }

  stats(): Promise<LegStats> {
    if (this.#closing) return this.#closing
    return this.slot.request({ ask: 'stats', leg: this.id }).catch(() => noStats)
  }

  async describe(): Promise<LegDescription | undefined> {
    if (this.isClosed) return undefined
    return this.slot.request({ ask: 'describe', leg: this.id }).catch(() => undefined)
  }

  close(): Promise<LegStats> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** The worker is gone, and the leg with it. */
  lost(): void {
    if (this.#closing) return
    this.#part()
    this.#closing = Promise.resolve(noStats)
    this.events.emit('closed', undefined)
  }

  #close(): Promise<LegStats> {
    this.#part()
    this.slot.closed(this)
    return this.slot.request({ ask: 'close', leg: this.id }).catch(() => noStats)
  }

  /** Ends a bridge with anybody but `other`. */
  #partFrom(other: RemoteLeg): void {
    if (this.bridgedWith !== other) this.#part()
  }

  /** The far end of a pipe has to be told; within a worker the engine sees to it. */
  #part(): void {
    this.#place?.leave()
    const other = this.bridgedWith
    this.bridgedWith = undefined
    if (!other) return
    other.bridgedWith = undefined
    if (other.slot !== this.slot) other.slot.send({ ask: 'unbridge', leg: other.id })
  }
}
