/** Records a leg: what it says, what it hears, mixed or side by side, evenly in time whatever the packets do. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSink } from '../formats/format.ts'
import { openForWriting } from '../formats/index.ts'
import type { RecordRequest, RecordResult } from './engine.ts'
import type { Leg, Tap, Tenant } from './leg.ts'
import { Resampler } from './resampler.ts'
import { SampleQueue } from './sample-queue.ts'
import { energySum, FrameBuffer, mixInto } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

const log = logger('media/recorder')

/** One direction on its way into the file: brought to the file's rate, then evened out. */
class Track {
  readonly #rate: number
  readonly #queue: SampleQueue
  #resampler: Resampler | undefined
  #resampled = new FrameBuffer(0)
  readonly frame: Int16Array

  constructor(rate: number) {
    this.#rate = rate
    this.#queue = new SampleQueue(rate)
    this.frame = new Int16Array((rate * tickMs) / 1000)
  }

  push(pcm: Int16Array, rate: number): void {
    if (rate === this.#rate) return this.#queue.push(pcm)
    if (this.#resampler?.fromRate !== rate) this.#resampler = new Resampler(rate, this.#rate)
    const room = this.#resampler.room(pcm.length)
    if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
    const count = this.#resampler.process(pcm, pcm.length, this.#resampled.all)
    this.#queue.push(this.#resampled.first(count))
  }

  /** The next 20 ms into `frame`. */
  next(): void {
    this.#queue.take(this.frame)
  }

  /** What is left, 20 ms at a time; false when nothing was. */
  rest(): boolean {
    return this.#queue.drain(this.frame) > 0
  }
}

export class Recorder implements Tap, Ticked, Tenant {
  readonly number: number
  readonly #leg: Leg
  readonly #request: RecordRequest
  #sink: AudioSink | undefined
  #said: Track | undefined
  #told: Track | undefined
  #stereo = new Int16Array(0)
  #silence = new Int16Array(0)
  #samples = 0
  #rate: number
  #isPaused = false
  #isMasked = false
  #isOver = false
  #quietTicks = 0

  constructor(leg: Leg, number: number, request: RecordRequest) {
    this.#leg = leg
    this.number = number
    this.#request = request
    this.#rate = request.rate ?? leg.rate
    leg.tenants.add(this)
    void this.#open()
  }

  said(pcm: Int16Array, rate: number): void {
    this.#said?.push(pcm, rate)
  }

  told(pcm: Int16Array, rate: number): void {
    this.#told?.push(pcm, rate)
  }

  tick(_now: number, skipped: number): void {
    const { limitSeconds = 0 } = this.#request
    this.#said?.next()
    this.#told?.next()
    if (this.#isPaused) return
    for (let i = 0; i < skipped; i++) this.#write(this.#silence)
    this.#writeTracks()
    if (limitSeconds > 0 && this.#samples >= limitSeconds * this.#rate) return this.#end('limit')
    if (this.#isQuietForLong()) this.#end('silence')
  }

  stop(): void {
    this.#end('stopped')
  }

  pause(on: boolean): void {
    this.#isPaused = on
  }

  mask(on: boolean): void {
    this.#isMasked = on
  }

  legClosed(): void {
    this.#end('closed')
  }

  async #open(): Promise<void> {
    const { path, what, append = false } = this.#request
    try {
      const sink = await openForWriting(path, this.#rate, what === 'stereo' ? 2 : 1, append)
      if (this.#isOver) return await sink.close()
      this.#begin(sink)
    } catch (thrown) {
      this.#end('error', reasonOf(thrown))
    }
  }

  #begin(sink: AudioSink): void {
    const { what } = this.#request
    this.#sink = sink
    this.#rate = sink.rate
    if (what !== 'write') this.#said = new Track(sink.rate)
    if (what !== 'read') this.#told = new Track(sink.rate)
    const length = (sink.rate * tickMs) / 1000
    this.#silence = new Int16Array(length)
    this.#stereo = new Int16Array(length * 2)
    this.#leg.addTap(this)
    this.#leg.host.ticker.add(this)
    this.#leg.host.tell({ tell: 'record started', recording: this.number })
  }

  #writeTracks(): void {
    if (this.#isMasked) return this.#write(this.#silence)
    const said = this.#said?.frame
    const told = this.#told?.frame
    if (said && told) {
      if (this.#sink?.channels === 2) return this.#writeSides(said, told)
      mixInto(said, told)
    }
    this.#write(said ?? told ?? this.#silence)
  }

  /** Mono frames; into a file of two channels they go on both. */
  #write(frame: Int16Array): void {
    if (this.#sink?.channels === 2) return this.#writeSides(frame, frame)
    this.#sink?.write(frame)
    this.#samples += frame.length
  }

  #writeSides(left: Int16Array, right: Int16Array): void {
    for (let i = 0; i < left.length; i++) {
      this.#stereo[i * 2] = left[i]!
      this.#stereo[i * 2 + 1] = right[i]!
    }
    this.#sink?.write(this.#stereo)
    this.#samples += left.length
  }

  #isQuietForLong(): boolean {
    const { silenceThreshold = 0, silenceSeconds = 0 } = this.#request
    const frame = this.#said?.frame ?? this.#told?.frame
    if (silenceThreshold <= 0 || silenceSeconds <= 0 || !frame) return false
    // The scale is that of 8 kHz: the sum over a frame by a fixed number of samples.
    const score = energySum(frame) / ((8000 * tickMs) / 1000)
    this.#quietTicks = score < silenceThreshold ? this.#quietTicks + 1 : 0
    return this.#quietTicks * tickMs >= silenceSeconds * 1000
  }

  #end(ended: RecordResult['ended'], reason?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    const leg = this.#leg
    leg.host.ticker.remove(this)
    leg.tenants.delete(this)
    leg.removeTap(this)
    void this.#close(ended, reason)
  }

  /** The result is told once the file is whole. */
  async #close(ended: RecordResult['ended'], reason?: string): Promise<void> {
    let result: RecordResult['ended'] = ended
    let why = reason
    try {
      if (ended === 'stopped' || ended === 'closed') this.#writeRest()
      await this.#sink?.close()
    } catch (thrown) {
      result = 'error'
      why = reasonOf(thrown)
    }
    if (why !== undefined) log.err(`recording ${this.#request.path} failed: ${why}`, this.#leg.uuid)
    this.#leg.host.tell({
      tell: 'record ended',
      recording: this.number,
      result: {
        ended: result,
        samples: this.#samples,
        rate: this.#rate,
        ...(why === undefined ? {} : { reason: why }),
      },
    })
  }

  #writeRest(): void {
    if (!this.#sink || this.#isPaused) return
    for (;;) {
      const hasSaid = this.#said?.rest() ?? false
      const hasTold = this.#told?.rest() ?? false
      if (!hasSaid && !hasTold) return
      this.#writeTracks()
    }
  }
}
