/** Plays files and made sounds to a leg, 20 ms at a time. Files are opened off the tick, the next one while one plays. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSource } from '../formats/format.ts'
import { openForReading } from '../formats/index.ts'
import type { PlayChange, PlayEnd, PlayRequest } from './engine.ts'
import type { Leg, Tenant } from './leg.ts'
import { MusicListener } from './music-listener.ts'
import { FrameBuffer, gainFactor, scale } from './sound.ts'
import { SpeedReader } from './speed-reader.ts'
import { type Ticked, tickMs } from './ticker.ts'

const log = logger('media/player')

function codeOf(failure: unknown): string | undefined {
  return failure instanceof SwitchError ? failure.code : undefined
}

type Opened = AudioSource | { readonly failure: unknown }

export class Player implements Ticked, Tenant {
  readonly number: number
  readonly #leg: Leg
  readonly #request: PlayRequest
  readonly #frame = new FrameBuffer(48 * tickMs)
  #factor: number
  #speed: SpeedReader | undefined
  /** Silence is heard in its place. */
  #isHeld = false
  #source: AudioSource | undefined
  /** Being opened: the path that comes after the one that plays. */
  #coming: Promise<Opened> | undefined
  #isOpening = false
  #index = 0
  /** Whether what comes next is still to be opened. */
  #isNextWanted = false
  #loopsLeft: number
  #gapLeft = 0
  #isPaused = false
  #isOver = false
  #hasPlayed = false
  #samples = 0
  #position = 0
  #rate: number
  #lastFailure: unknown
  /** What the last round through the list played: an endless loop over nothing must end. */
  #samplesAtLoop = 0

  constructor(leg: Leg, number: number, request: PlayRequest) {
    this.#leg = leg
    this.number = number
    this.#request = request
    this.#factor = gainFactor(request.gain ?? 0)
    this.#loopsLeft = request.loops ?? 1
    this.#rate = leg.rate
    leg.tenants.add(this)
    leg.playFloor = this
    this.#openNext()
  }

  tick(now: number, skipped: number): void {
    const source = this.#source
    if (!source || this.#isPaused) return
    if (skipped > 0) this.#leg.pauseToParty(skipped * tickMs, this, now)
    if (this.#gapLeft > 0) {
      this.#gapLeft -= tickMs
      return this.#send(this.#frame.first((8000 * tickMs) / 1000).fill(0), 8000, now)
    }
    if (this.#isNextWanted && source.isEnding !== false) this.#openAhead()
    const frame = this.#frame.first((source.rate * tickMs) / 1000)
    if (this.#isHeld) return this.#send(frame.fill(0), source.rate, now)
    if (source instanceof MusicListener && this.#sendShared(source, frame.length, now)) return
    const count = this.#read(source, frame)
    if (count > 0) {
      frame.fill(0, count)
      if (this.#factor !== 4096) scale(frame, frame, this.#factor)
      this.#send(frame, source.rate, now)
    } else if (count < 0) this.#send(frame.fill(0), source.rate, now)
    else this.#sourceEnded(now)
  }

  /** Music that nothing changes on its way goes out as it was encoded for all who hear it. */
  #sendShared(music: MusicListener, samples: number, now: number): boolean {
    const leg = this.#leg
    const isPlain = this.#factor === 4096 && (this.#speed?.isPlain ?? true)
    const encoder = isPlain && leg.digitFloor === undefined ? leg.plainEncoder : undefined
    const output = encoder && music.share(encoder)
    if (!output) return false
    this.#samples += samples
    this.#position += samples
    encoder.forward(output.payload, this, now)
    return true
  }

  stop(): void {
    this.#end('stopped')
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get isOver(): boolean {
    return this.#isOver
  }

  pause(on: boolean): void {
    this.#isPaused = on
    // Another one may have had the floor meanwhile.
    if (!on && !this.#isOver) this.#leg.playFloor = this
  }

  seek(ms: number, relative: boolean): void {
    const source = this.#source
    if (!source) return
    if (!source.seek) return log.warning('this sound has no positions to seek to', this.#leg.uuid)
    const target = Math.round((ms * source.rate) / 1000) + (relative ? this.#position : 0)
    this.#position = Math.max(0, target)
    source.seek(this.#position)
  }

  adjust({ factor, speed, isHeld }: PlayChange): void {
    // The same scale as `gainFactor`.
    if (factor !== undefined) this.#factor = Math.round(factor * 4096)
    if (speed !== undefined) {
      this.#speed ??= new SpeedReader()
      this.#speed.speed = speed
    }
    if (isHeld !== undefined) this.#isHeld = isHeld
  }

  legClosed(): void {
    this.#end('closed')
  }

  /** Fills the frame from the file; the count, 0 at its end, -1 when the disk is late. */
  #read(source: AudioSource, frame: Int16Array): number {
    let count = 0
    try {
      if (this.#speed && !this.#speed.isPlain)
        return this.#speed.read(source, frame, (used) => {
          this.#samples += used
          this.#position += used
        })
      count = source.read(frame)
      // A source may give less than asked for without being at its end.
      while (count > 0 && count < frame.length) {
        const more = source.read(frame.subarray(count))
        if (more <= 0) break
        count += more
      }
    } catch (thrown) {
      this.#lastFailure = thrown
      log.err(
        `reading ${this.#pathAt(this.#index - 1)} failed: ${reasonOf(thrown)}`,
        this.#leg.uuid,
      )
      return 0
    }
    if (count > 0) {
      this.#samples += count
      this.#position += count
    }
    return count
  }

  #send(frame: Int16Array, rate: number, now: number): void {
    // While a digit is sent the sound goes on unheard.
    if (this.#leg.digitFloor === undefined) this.#leg.toParty(frame, rate, this, now)
  }

  #pathAt(index: number): string | undefined {
    return this.#request.paths[index]
  }

  #sourceEnded(now: number): void {
    this.#closeSource()
    if (this.#index < this.#request.paths.length) this.#gapLeft = this.#request.gapMs ?? 0
    this.#openNext()
    // What is open already begins in this very tick: no gap between files.
    if (this.#source && this.#gapLeft <= 0) this.tick(now, 0)
  }

  #ready: Opened | undefined

  /** Takes the next path of the list, or ends. */
  #openNext(): void {
    if (this.#isOver || this.#isOpening) return
    const { paths } = this.#request
    if (this.#index >= paths.length) {
      if (this.#loopsLeft > 0) this.#loopsLeft--
      const playedNothing = this.#samples === this.#samplesAtLoop
      if (this.#loopsLeft === 0 || paths.length === 0 || playedNothing)
        return this.#end(this.#verdict())
      this.#samplesAtLoop = this.#samples
      this.#index = 0
    }
    if (this.#ready && this.#coming) return this.#take(this.#ready)
    this.#isOpening = true
    const coming = this.#coming ?? this.#open(this.#index)
    void coming.then((opened) => {
      this.#isOpening = false
      this.#take(opened)
    })
  }

  #take(opened: Opened): void {
    this.#coming = undefined
    this.#ready = undefined
    const path = this.#pathAt(this.#index)
    const isFirst = this.#index === 0 && !this.#hasPlayed
    this.#index++
    if (this.#isOver) {
      if (!('failure' in opened)) opened.close()
      return
    }
    if ('failure' in opened) {
      this.#lastFailure = opened.failure
      // A file that is not there is told by the main side, once for all workers.
      const level = codeOf(opened.failure) === 'FILE_NOT_FOUND' ? 7 : 4
      log.at(level, `${path} cannot be played: ${reasonOf(opened.failure)}`, this.#leg.uuid)
      return this.#openNext()
    }
    this.#source = opened
    this.#rate = opened.rate
    this.#position = 0
    if (isFirst && this.#request.startAt) {
      this.#position = this.#request.startAt
      opened.seek?.(this.#position)
    }
    if (!this.#hasPlayed) {
      this.#hasPlayed = true
      this.#leg.host.tell({ tell: 'play started', play: this.number })
      this.#leg.host.ticker.add(this)
    }
    this.#isNextWanted =
      this.#index < this.#request.paths.length || (this.#loopsLeft !== 1 && !opened.isEndless)
  }

  /** Opens what comes next while the last of this plays, so that it follows without a gap. */
  #openAhead(): void {
    this.#isNextWanted = false
    const isLast = this.#index >= this.#request.paths.length
    const coming = this.#open(isLast ? 0 : this.#index)
    this.#coming = coming
    void coming.then((opened) => {
      if (this.#isOver) {
        if (!('failure' in opened)) opened.close()
      } else if (this.#coming === coming) this.#ready = opened
    })
  }

  #open(index: number): Promise<Opened> {
    const path = this.#pathAt(index) ?? ''
    return openForReading(path, this.#leg.rate, undefined, this.#leg.host.sounds).catch(
      (failure: unknown) => ({ failure }),
    )
  }

  #verdict(): PlayEnd {
    if (this.#hasPlayed) return 'done'
    const code = codeOf(this.#lastFailure)
    // A name that no format opens is as good as missing.
    return code === 'FILE_NOT_FOUND' || code === 'FILE_UNKNOWN_FORMAT' ? 'not found' : 'error'
  }

  #closeSource(): void {
    try {
      this.#source?.close()
    } catch (thrown) {
      log.warning(`closing a sound failed: ${reasonOf(thrown)}`, this.#leg.uuid)
    }
    this.#source = undefined
  }

  #end(ended: PlayEnd): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#closeSource()
    const ready = this.#ready
    if (ready && !('failure' in ready)) ready.close()
    const leg = this.#leg
    leg.host.ticker.remove(this)
    leg.tenants.delete(this)
    if (leg.playFloor === this) leg.playFloor = undefined
    const failure = this.#lastFailure
    leg.host.tell({
      tell: 'play ended',
      play: this.number,
      result: {
        ended,
        samples: this.#samples,
        position: this.#position,
        rate: this.#rate,
        ...(failure === undefined ? {} : { reason: reasonOf(failure) }),
      },
    })
  }
}
