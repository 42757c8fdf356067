/**
 * One stream of music on hold in one worker: decoded once, whatever the number of its listeners, and only while there
 * are any. The last few frames lie in a ring; a listener is a place in it.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { AudioSource } from '../formats/format.ts'
import { ResampledSource } from '../formats/resampled-source.ts'
import type { Encoder } from './encoder.ts'
import { type Chime, chimeAfter } from './music-chime.ts'
import { musicNow } from './music-clock.ts'
import { MusicListener } from './music-listener.ts'
import type { MusicPiece, MusicSettings } from './protocol.ts'
import { type SharedOutput, SharedOutputs } from './shared-output.ts'
import { gainFactor, scale } from './sound.ts'
import { type Ticked, type Ticker, tickMs } from './ticker.ts'

const log = logger('media/stream')

/** Frames that the ring holds. */
const ringFrames = 16
/** A chime is opened so long before it is due, ms. */
const chimeAheadMs = 2000
/** How often and how long a new place in a file is waited for before silence stands for it. */
const seekTries = 50
const seekTryMs = 5
/** Behind by more than so many ticks it looks at the clock again instead of reading on. */
const mostSkipped = 50

export interface MusicOwner {
  readonly ticker: Ticker
  open(path: string, rate: number): Promise<AudioSource>
  /** The piece that now plays, begun at that time. */
  turned(stream: number, piece: number, startedAt: number): void
  /** How many listen now. */
  listeners(stream: number, count: number): void
}

export class MusicStream implements Ticked {
  readonly id: number
  readonly rate: number
  /** Samples of a tick. */
  readonly frame: number
  /** Samples since it was first heard here: where the ring ends. */
  head = 0
  hasEnded = false
  readonly #owner: MusicOwner
  readonly #ring: Int16Array
  /** The ring, frame by frame. */
  readonly #frames: readonly Int16Array[]
  readonly #under: Int16Array
  /** By the way in which legs want it. */
  readonly #outputs = new SharedOutputs()
  readonly #listeners = new Set<MusicListener>()
  #piece: MusicPiece | undefined
  #next: string | undefined
  #source: AudioSource | undefined
  /** What plays next, once it is open. */
  #coming: AudioSource | undefined
  #isOpening = false
  /** Samples that the clock is ahead of what was read. */
  #owed = 0
  /** Raised whenever what is being opened is not wanted any more. */
  #generation = 0
  #settings: MusicSettings
  #factor = 4096
  /** The stream's own time, ms. */
  #time = 0
  #chime: Chime | undefined
  #chimeSource: AudioSource | undefined

  constructor(id: number, rate: number, settings: MusicSettings, owner: MusicOwner) {
    this.id = id
    this.rate = rate
    this.frame = (rate * tickMs) / 1000
    this.#owner = owner
    this.#ring = new Int16Array(this.frame * ringFrames)
    this.#frames = Array.from({ length: ringFrames }, (_, i) =>
      this.#ring.subarray(i * this.frame, (i + 1) * this.frame),
    )
    this.#under = new Int16Array(this.frame)
    this.#settings = settings
    this.set(settings)
  }

  get isRunning(): boolean {
    return this.#listeners.size > 0
  }

  set(settings: MusicSettings): void {
    this.#settings = settings
    this.#factor = gainFactor(settings.volume)
    this.#closeChime()
    this.#chime = chimeAfter(settings.chimes, this.#time)
  }

  /** One more listener. The first one starts it where the main side says that it is. */
  async listen(piece: MusicPiece, next: string): Promise<AudioSource> {
    const listener = new MusicListener(this)
    const isFirst = this.#listeners.size === 0
    this.#listeners.add(listener)
    this.#owner.listeners(this.id, this.#listeners.size)
    if (isFirst) await this.#start(piece, next)
    listener.place()
    return listener
  }

  /** What all who send as `encoder` does hear, encoded once; undefined: not with packets of this length. */
  outputFor(encoder: Encoder): SharedOutput | undefined {
    return this.#outputs.for(encoder)
  }

  /** Encodes the frame of that number; the frames before it are at hand too. */
  encode(output: SharedOutput, number: number): void {
    const frame = this.#frames[number % ringFrames]!
    output.make(number, frame, this.#frames[(number + ringFrames - 1) % ringFrames]!, this.rate)
  }

  leave(listener: MusicListener): void {
    if (!this.#listeners.delete(listener)) return
    this.#owner.listeners(this.id, this.#listeners.size)
    if (this.#listeners.size === 0) this.#stop()
  }

  /** The main side has gone on: to another piece at once, or it knows what comes after ours. */
  piece(piece: MusicPiece, next: string): void {
    if (!this.isRunning || !this.#piece) return
    if (piece.number === this.#piece.number) this.#next = next
    else if (piece.number > this.#piece.number) void this.#start(piece, next)
  }

  /** Nobody hears any more of it. */
  end(): void {
    this.hasEnded = true
    this.#stop()
  }

  tick(_now: number, skipped: number): void {
    if (skipped > mostSkipped && this.#piece) {
      this.#owed += skipped * this.frame
      this.#time += skipped * tickMs
    } else for (; skipped > 0; skipped--) this.#make()
    this.#make()
  }

  /** Copies what lies in the ring from `at` on; the count. */
  copy(at: number, into: Int16Array): number {
    const ring = this.#ring
    const count = Math.min(into.length, this.head - at)
    let from = at % ring.length
    for (let i = 0; i < count; i++) {
      into[i] = ring[from]!
      if (++from === ring.length) from = 0
    }
    return count
  }

  /** Makes the frame of one tick. */
  #make(): void {
    const frame = this.#frames[(this.head / this.frame) % ringFrames]!
    this.#time += tickMs
    this.#chimeAhead()
    if (this.#chimeSource && this.#chime && this.#time >= this.#chime.startsAt) {
      // The music goes on below it.
      this.#fill(this.#under)
      this.#fillChime(frame)
    } else this.#fill(frame)
    if (this.#factor !== 4096) scale(frame, frame, this.#factor)
    this.head += this.frame
  }

  #fill(frame: Int16Array): void {
    if (this.#owed > 0) this.#catchUp()
    if (this.#owed < 0) this.#owed = 0
    let filled = 0
    while (filled < frame.length && this.#source) {
      const count = this.#source.read(filled === 0 ? frame : frame.subarray(filled))
      if (count > 0) filled += count
      else if (count < 0) break
      else this.#turn()
    }
    if (filled < frame.length) {
      frame.fill(0, filled)
      this.#owed += frame.length - filled
    }
    if (!this.#isOpening && !this.#coming && this.#source?.isEnding !== false) this.#openNext()
  }

  /** Leaves out what should have been heard while the disk was late. */
  #catchUp(): void {
    const source = this.#source
    if (!source) return
    if (this.#owed > this.rate && source.seek && this.#piece) {
      this.#owed = 0
      source.seek(Math.round(((this.#time - this.#piece.startedAt) * this.rate) / 1000))
      return
    }
    while (this.#owed > 0) {
      const wanted = Math.min(this.#owed, this.#under.length)
      const count = source.read(
        wanted === this.#under.length ? this.#under : this.#under.subarray(0, wanted),
      )
      if (count <= 0) return
      this.#owed -= count
    }
  }

  /** The piece is over: the next one begins now. */
  #turn(): void {
    this.#close()
    const path = this.#next
    if (!this.#piece || path === undefined) return
    const number = this.#piece.number + 1
    this.#piece = { number, path, startedAt: this.#time }
    this.#source = this.#coming
    this.#coming = undefined
    this.#next = undefined
    this.#owed = 0
    this.#owner.turned(this.id, number, this.#time)
  }

  /** Opens what comes after what plays; or, when nothing plays, what should play. */
  #openNext(): void {
    const piece = this.#piece
    const isLate = this.#source === undefined
    const path = isLate ? piece?.path : this.#next
    if (path === undefined) return
    this.#isOpening = true
    const generation = this.#generation
    // A second of silence stands for a bad file: a folder of them must not be run through at full speed.
    void this.#open(path).then((source) => {
      if (generation !== this.#generation) return source.close()
      this.#isOpening = false
      if (!isLate) this.#coming = source
      else if (this.#piece === piece) this.#source = source
      else source.close()
    })
  }

  /** Goes to a piece where it is by now. What plays goes on until its first sound is there. */
  async #start(piece: MusicPiece, next: string): Promise<void> {
    const generation = ++this.#generation
    this.#coming?.close()
    this.#coming = undefined
    this.#isOpening = true
    const source = await this.#open(piece.path)
    const began = musicNow()
    const position = Math.round(((began - piece.startedAt) * this.rate) / 1000)
    if (position > this.frame) source.seek?.(position)
    const first = new Int16Array(this.frame)
    let count = source.read(first)
    for (let tries = 0; count < 0 && tries < seekTries; tries++) {
      await new Promise((resolve) => setTimeout(resolve, seekTryMs))
      if (generation !== this.#generation) break
      count = source.read(first)
    }
    if (generation !== this.#generation || this.hasEnded) return source.close()
    this.#close()
    this.#isOpening = false
    this.#piece = piece
    this.#next = next
    this.#source = source
    this.#time = musicNow()
    // What went by while the disk was waited for is left out, before anything is heard.
    this.#owed = Math.round(((this.#time - began) * this.rate) / 1000) - Math.max(0, count)
    this.#closeChime()
    this.#chime = chimeAfter(this.#settings.chimes, this.#time)
    if (this.head === 0) {
      if (this.#owed > 0) this.#fill(first)
      else if (count < this.frame) this.#fill(first.subarray(Math.max(0, count)))
      if (this.#factor !== 4096) scale(first, first, this.#factor)
      this.#frames[0]!.set(first)
      this.head = this.frame
    }
    if (this.#owed < 0) this.#owed = 0
    this.#owner.ticker.add(this)
  }

  /** Silence stands for what cannot be opened. */
  async #open(path: string): Promise<AudioSource> {
    try {
      return fit(await this.#owner.open(path, this.rate), this.rate)
    } catch (thrown) {
      log.err(`${path} cannot be played: ${reasonOf(thrown)}`)
      return silence(this.rate)
    }
  }

  #stop(): void {
    this.#generation++
    this.#isOpening = false
    this.#owner.ticker.remove(this)
    this.#outputs.clear()
    this.#close()
    this.#coming?.close()
    this.#coming = undefined
    this.#closeChime()
  }

  #close(): void {
    this.#source?.close()
    this.#source = undefined
  }

  #chimeAhead(): void {
    const chime = this.#chime
    if (!chime) return
    if (this.#time >= chime.endsAt) {
      this.#closeChime()
      this.#chime = chimeAfter(this.#settings.chimes, this.#time)
    } else if (!this.#chimeSource && this.#time >= chime.startsAt - chimeAheadMs) {
      const opening = silence(this.rate, 0)
      this.#chimeSource = opening
      this.#owner.open(chime.path, this.rate).then(
        (source) => {
          if (this.#chimeSource !== opening) return source.close()
          this.#chimeSource = fit(source, this.rate)
          const late = Math.round(((this.#time - chime.startsAt) * this.rate) / 1000)
          if (late > 0) this.#chimeSource.seek?.(late)
        },
        (thrown: unknown) => log.err(`the chime ${chime.path}: ${reasonOf(thrown)}`),
      )
    }
  }

  #fillChime(frame: Int16Array): void {
    const count = this.#chimeSource?.read(frame) ?? 0
    // What it leaves free is filled by the music.
    if (count <= 0) frame.set(this.#under)
    else if (count < frame.length) frame.set(this.#under.subarray(count), count)
  }

  #closeChime(): void {
    this.#chimeSource?.close()
    this.#chimeSource = undefined
  }
}

function fit(source: AudioSource, rate: number): AudioSource {
  return source.rate === rate ? source : new ResampledSource(source, rate)
}

/** Nothing at all for so many seconds. */
function silence(rate: number, seconds = 1): AudioSource {
  let left = rate * seconds
  return {
    rate,
    isEnding: true,
    read(into) {
      const count = Math.min(into.length, left)
      into.fill(0, 0, count)
      left -= count
      return count
    },
    close: () => undefined,
  }
}
