/**
 * A recording as the core holds it. It may leave its leg for another: within a worker the recorder moves, between workers the
 * file is closed here and lengthened there.
 */
import type { MediaLeg, Recording, RecordRequest, RecordResult } from './engine.ts'
import type { Pending, RemoteLeg } from './remote-leg.ts'

export type PendingRecording = Pending<RecordResult>

let nextNumber = 1

export class RemoteRecording implements Recording {
  readonly started: Promise<boolean>
  readonly ended: Promise<RecordResult>
  readonly #request: RecordRequest
  #leg: RemoteLeg
  #number = 0
  #isPaused = false
  #isMasked = false
  #isStopped = false
  /** Where it goes on once its file here is closed. */
  #next: RemoteLeg | undefined
  /** What was recorded on other legs. */
  #before: RecordResult | undefined
  #resolveStarted: (didStart: boolean) => void = () => {}
  #resolveEnded: (result: RecordResult) => void = () => {}

  constructor(leg: RemoteLeg, request: RecordRequest) {
    this.#leg = leg
    this.#request = request
    this.started = new Promise((resolve) => {
      this.#resolveStarted = resolve
    })
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#begin(leg, request)
  }

  stop(): void {
    this.#isStopped = true
    this.#next = undefined
    const { id, slot } = this.#leg
    slot.send({ ask: 'stop record', leg: id, recording: this.#number, keep: false })
  }

  pause(on: boolean): void {
    this.#isPaused = on
    this.#leg.slot.send({ ask: 'pause record', leg: this.#leg.id, recording: this.#number, on })
  }

  mask(on: boolean): void {
    this.#isMasked = on
    this.#leg.slot.send({ ask: 'mask record', leg: this.#leg.id, recording: this.#number, on })
  }

  limit(seconds: number): void {
    const { id, slot } = this.#leg
    slot.send({ ask: 'limit record', leg: id, recording: this.#number, seconds })
  }

  moveTo(leg: MediaLeg): void {
    if (!isRemote(leg)) throw new Error('the other leg is not of this engine')
    if (this.#isStopped || leg === this.#leg || leg.isClosed) return
    const { id, slot } = this.#leg
    if (leg.slot === slot && !this.#next) {
      slot.send({ ask: 'move record', leg: id, recording: this.#number, to: leg.id })
      this.#leg = leg
      const pending = slot.recordings.get(this.#number)
      if (pending) slot.recordings.set(this.#number, { ...pending, leg })
      return
    }
    this.#next = leg
    slot.send({ ask: 'stop record', leg: id, recording: this.#number, keep: true })
  }

  #begin(leg: RemoteLeg, request: RecordRequest): void {
    this.#leg = leg
    this.#number = nextNumber++
    if (leg.isClosed) return this.#finish(nothing('closed', request))
    const { slot } = leg
    slot.recordings.set(this.#number, {
      leg,
      started: this.#resolveStarted,
      ended: (result) => this.#ended(result),
      lost: () => this.#finish(nothing('closed', request)),
    })
    slot.send({ ask: 'record', leg: leg.id, recording: this.#number, request })
    if (this.#isPaused) this.pause(true)
    if (this.#isMasked) this.mask(true)
  }

  #ended(result: RecordResult): void {
    const next = this.#next
    this.#next = undefined
    const isMoving = next && !next.isClosed && result.ended !== 'error'
    if (!isMoving) return this.#finish(result)
    this.#before = this.#sum(result)
    const { limitSeconds = 0, over: _, ...request } = this.#request
    const done = this.#before.samples / this.#before.rate
    const left = limitSeconds > 0 ? { limitSeconds: Math.max(0.02, limitSeconds - done) } : {}
    this.#begin(next, { ...request, ...left, append: true })
  }

  #finish(result: RecordResult): void {
    this.#resolveStarted(false)
    this.#resolveEnded(this.#sum(result))
  }

  /** The result with what was recorded on other legs before. */
  #sum(result: RecordResult): RecordResult {
    const before = this.#before
    if (!before) return result
    return {
      ...result,
      rate: before.rate,
      samples: before.samples + Math.round((result.samples * before.rate) / result.rate),
      octets: Math.max(before.octets, result.octets),
      hasSpoken: before.hasSpoken || result.hasSpoken,
      lostMs: before.lostMs + result.lostMs,
    }
  }
}

function isRemote(leg: MediaLeg): leg is RemoteLeg {
  return 'slot' in leg
}

function nothing(ended: RecordResult['ended'], request: RecordRequest): RecordResult {
  const rate = request.rate ?? 8000
  return { ended, samples: 0, rate, octets: 0, hasSpoken: false, lostMs: 0 }
}
