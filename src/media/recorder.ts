/**
 * Records a leg: what it says, what it hears, mixed or side by side, each sound at its time whatever the packets do. The
 * sound waits a moment for late packets and then goes to the file a tenth of a second at a time.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { RecordRequest, RecordResult } from './engine.ts'
import type { Leg, Tap, Tenant } from './leg.ts'
import { RecordOutput } from './record-output.ts'
import { RecordTrack } from './record-track.ts'
import { mixInto } from './sound.ts'
import { SpeechWatch } from './speech-watch.ts'
import type { Ticked } from './ticker.ts'

const log = logger('media/recorder')

/** ms that sound waits for late packets, unless the request says otherwise, and its bounds. */
const usualHoldMs = 500
const leastHoldMs = 60
const mostHoldMs = 2000
/** Ticks from one look at the sound to the next. */
const ticksPerWrite = 5

export class Recorder implements Tap, Ticked, Tenant {
  readonly number: number
  readonly #request: RecordRequest
  readonly #holdMs: number
  readonly #startedAt = performance.now()
  readonly #onEnd: () => void
  #leg: Leg
  #rate: number
  #output: RecordOutput | undefined
  #said: RecordTrack | undefined
  #told: RecordTrack | undefined
  #watch: SpeechWatch | undefined
  /** A tenth of a second of each side, and of both side by side. */
  #left = new Int16Array(0)
  #right = new Int16Array(0)
  #both = new Int16Array(0)
  /** Samples of the time since the beginning that are dealt with, and those of them that were written. */
  #passed = 0
  #samples = 0
  #limit: number
  #ticks = 0
  #isPaused = false
  #isMasked = false
  #isBridged: boolean
  #isLosing = false
  #keeps = false
  #isOver = false

  /** `onEnd` is called when nothing more will be asked of it. */
  constructor(leg: Leg, number: number, request: RecordRequest, onEnd: () => void) {
    this.#leg = leg
    this.number = number
    this.#request = request
    this.#onEnd = onEnd
    this.#isBridged = !request.needsBridge || this.#hasPartner
    this.#rate = request.rate ?? leg.rate
    this.#holdMs = Math.min(mostHoldMs, Math.max(leastHoldMs, request.holdMs ?? usualHoldMs))
    this.#limit = this.#limitOf(request.limitSeconds ?? 0)
    this.#layOut(this.#rate)
    this.#settleIn(leg)
    void this.#open()
  }

  said(pcm: Int16Array, rate: number): void {
    this.#said?.push(pcm, rate, performance.now())
  }

  told(pcm: Int16Array, rate: number): void {
    this.#told?.push(pcm, rate, performance.now())
  }

  saidPause(ms: number): void {
    this.#said?.pause(ms)
  }

  toldPause(ms: number): void {
    this.#told?.pause(ms)
  }

  tick(now: number): void {
    if (!this.#output) return
    if (this.#request.needsBridge) this.#lookAtBridge(now)
    const isWriting = !this.#isPaused && this.#isBridged
    const comes = this.#at(now) - this.#passed
    if (isWriting && this.#limit > 0 && this.#samples + comes >= this.#limit) {
      // Its time is up now: what is late comes too late.
      this.#write(this.#passed + this.#limit - this.#samples)
      return this.#end('limit')
    }
    if (++this.#ticks < ticksPerWrite) return
    this.#ticks = 0
    this.#write(this.#at(now - this.#holdMs))
    const { failure } = this.#output
    if (failure !== undefined) this.#end('error', failure)
  }

  /** Ends it; `keep` leaves the file, however short it is. */
  stop(keep = false): void {
    this.#keeps = keep
    this.#end('stopped')
  }

  pause(on: boolean): void {
    if (on === this.#isPaused) return
    this.#writeAll()
    this.#isPaused = on
    if (!on) this.#forget()
  }

  mask(on: boolean): void {
    if (on === this.#isMasked) return
    // All that came until now is as it was told to be; nothing that comes from now on is.
    this.#writeAll()
    this.#isMasked = on
    if (!on) this.#forget()
  }

  /** What came until now and stands ahead of its time was meant to be hidden, too. */
  #forget(): void {
    this.#said?.forget()
    this.#told?.forget()
  }

  /** From now on the limit is so many seconds away; 0 takes it off. */
  limit(seconds: number): void {
    const comes = this.#isPaused ? 0 : this.#at(performance.now()) - this.#passed
    this.#limit = seconds > 0 ? this.#samples + comes + this.#limitOf(seconds) : 0
  }

  /** Goes on recording another leg of this worker into the same file. */
  moveTo(leg: Leg): void {
    if (this.#isOver || leg === this.#leg || leg.isClosed) return
    this.#writeAll()
    this.#moveOut()
    this.#said?.interrupt()
    this.#told?.interrupt()
    this.#settleIn(leg)
  }

  legClosed(): void {
    this.#end('closed')
  }

  async #open(): Promise<void> {
    try {
      const output = await RecordOutput.open(this.#request, this.#rate)
      if (this.#isOver) {
        await output.close()
        if (!this.#request.append && !this.#request.over) await output.remove()
        return
      }
      this.#begin(output)
    } catch (thrown) {
      this.#end('error', reasonOf(thrown))
    }
  }

  #begin(output: RecordOutput): void {
    this.#output = output
    if (output.rate !== this.#rate) {
      // The file decides: it is lengthened, or its name says so.
      const seconds = this.#limit / this.#rate
      this.#rate = output.rate
      this.#limit = this.#limitOf(seconds)
      this.#passed = 0
      this.#layOut(output.rate)
      this.#write(this.#at(performance.now() - this.#holdMs))
    }
    const { speech } = this.#request
    if (speech) this.#watch = new SpeechWatch(speech, output.rate, this.#isWide ? 2 : 1)
    this.#leg.host.ticker.add(this)
    this.#leg.host.tell({ tell: 'record started', recording: this.number })
  }

  #layOut(rate: number): void {
    const { noise = 0, what } = this.#request
    const track = () => new RecordTrack(rate, this.#startedAt, this.#holdMs, noise)
    this.#said = what === 'write' ? undefined : track()
    this.#told = what === 'read' ? undefined : track()
    const length = Math.ceil(rate / 10)
    this.#left = new Int16Array(length)
    this.#right = new Int16Array(length)
    this.#both = new Int16Array(length * 2)
  }

  #settleIn(leg: Leg): void {
    this.#leg = leg
    leg.tenants.add(this)
    leg.addTap(this)
  }

  #moveOut(): void {
    this.#leg.tenants.delete(this)
    this.#leg.removeTap(this)
  }

  #limitOf(seconds: number): number {
    return Math.round(seconds * this.#rate)
  }

  /** Whether the two sides are two channels of one file. */
  get #isWide(): boolean {
    const { what } = this.#request
    return (what === 'stereo' || what === 'stereo swapped') && this.#output?.channels === 2
  }

  /** The sample of the recording that belongs to a moment. */
  #at(now: number): number {
    return Math.floor(((now - this.#startedAt) * this.#rate) / 1000)
  }

  get #hasPartner(): boolean {
    const { peer } = this.#leg
    return peer !== undefined && peer !== this.#leg
  }

  #lookAtBridge(now: number): void {
    const isBridged = this.#hasPartner
    if (isBridged === this.#isBridged) return
    this.#write(this.#at(now))
    this.#isBridged = isBridged
  }

  #writeAll(): void {
    this.#write(this.#at(performance.now()))
  }

  /** Deals with all sound up to a sample, without waiting for more of it. */
  #write(until: number): void {
    if (!this.#output) return
    while (this.#passed < until && !this.#isOver) {
      const count = Math.min(this.#left.length, until - this.#passed)
      this.#said?.take(this.#left, count)
      this.#told?.take(this.#said ? this.#right : this.#left, count)
      this.#passed += count
      if (!this.#isPaused && this.#isBridged) this.#put(count)
    }
  }

  /** Writes the next piece; its sides lie in the buffers. */
  #put(count: number): void {
    const left = this.#left.subarray(0, count)
    const right = this.#right.subarray(0, count)
    if (this.#isMasked) {
      left.fill(0)
      right.fill(0)
    }
    this.#samples += count
    const isPair = this.#request.what === 'pair'
    if (this.#said && this.#told && !this.#isWide && !isPair) mixInto(left, right)
    const pcm = this.#output!.channels === 2 ? this.#sides(left, right) : left
    this.#noteLoss(this.#output!.write(pcm, isPair ? right : undefined))
    if (!this.#watch?.hears(this.#isWide ? pcm : left, count)) return
    this.#end(this.#watch.hasSpoken ? 'silence' : 'no input')
  }

  /** Left and right as the file has them; a mono recording into a file of two channels goes on both. */
  #sides(left: Int16Array, right: Int16Array): Int16Array {
    const isSwapped = this.#request.what === 'stereo swapped'
    const first = this.#isWide && isSwapped ? right : left
    const second = this.#isWide && !isSwapped ? right : left
    const into = this.#both
    for (let i = 0; i < left.length; i++) {
      into[i * 2] = first[i]!
      into[i * 2 + 1] = second[i]!
    }
    return into.subarray(0, left.length * 2)
  }

  /** Says once a stall that the disk is too slow, and counts every piece that it cost. */
  #noteLoss(isWritten: boolean): void {
    if (!isWritten) this.#leg.host.drop('recording lost')
    if (isWritten !== this.#isLosing) return
    this.#isLosing = !isWritten
    const { path } = this.#request
    if (this.#isLosing) log.err(`${path}: the disk is too slow, sound is lost`, this.#leg.uuid)
    else log.warning(`${path}: the disk is back; silence stands for ${this.#lostMs} ms`)
  }

  get #lostMs(): number {
    return Math.round(((this.#output?.lost ?? 0) * 1000) / this.#rate)
  }

  #end(ended: RecordResult['ended'], reason?: string): void {
    if (this.#isOver) return
    if (ended === 'stopped' || ended === 'closed') this.#writeAll()
    // Writing may have ended it.
    if (this.#isOver) return
    this.#isOver = true
    this.#leg.host.ticker.remove(this)
    this.#moveOut()
    this.#countLate()
    this.#onEnd()
    void this.#close(ended, reason)
  }

  #countLate(): void {
    const late = (this.#said?.dropped ?? 0) + (this.#told?.dropped ?? 0)
    if (late > 0) this.#leg.host.drop('recording late')
  }

  /** The result is told once the file is whole. */
  async #close(ended: RecordResult['ended'], reason?: string): Promise<void> {
    let result = ended
    let why = reason
    let octets = 0
    let discarded: RecordResult['discarded']
    try {
      octets = (await this.#output?.close()) ?? 0
      discarded = await this.#discard(result)
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
        octets: discarded ? 0 : octets,
        hasSpoken: this.#watch ? this.#watch.hasSpoken : this.#samples > 0,
        lostMs: this.#lostMs,
        ...(discarded ? { discarded } : {}),
        ...(why === undefined ? {} : { reason: why }),
      },
    })
  }

  /** Removes a file that is empty or shorter than was asked for. */
  async #discard(ended: RecordResult['ended']): Promise<RecordResult['discarded']> {
    const { append = false, leastSeconds, over = false } = this.#request
    if (leastSeconds === undefined || append || over || this.#keeps) return undefined
    if (ended === 'error') return undefined
    if (this.#samples > 0 && this.#samples >= leastSeconds * this.#rate) return undefined
    await this.#output?.remove()
    return this.#samples === 0 ? 'empty' : 'short'
  }
}
