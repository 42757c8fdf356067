/** Displace: a sound in the place of what a party hears, or of what it says, or mixed into it. */
import { reasonOf } from '../base/errors.ts'
import type { AudioSource } from '../formats/format.ts'
import { openForReading } from '../formats/index.ts'
import type { Bug } from './bug-chain.ts'
import type { DisplaceRequest } from './engine.ts'
import type { Leg } from './leg.ts'
import { LegBug } from './leg-bug.ts'
import { RatedQueue } from './rated-queue.ts'
import { FrameBuffer, mixInto } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** Samples of the longest frame. */
const longest = 48 * 240
/** What is read ahead of the tick waits so long in the queue: it is not lost when the sound ends. */
const drainMs = 40

/** One direction: the sound, or silence, or as it was. */
class DisplacedSide implements Bug {
  readonly queue = new RatedQueue()
  readonly #has: boolean
  readonly #mixes: boolean
  readonly #mix = new FrameBuffer(longest)

  constructor(has: boolean, mixes: boolean) {
    this.#has = has
    this.#mixes = mixes
  }

  change(pcm: Int16Array, rate: number): void {
    if (!this.#mixes) {
      if (this.#has) this.queue.take(pcm, rate)
      else pcm.fill(0)
      return
    }
    const mix = this.#mix.first(pcm.length)
    if (this.#has && this.queue.take(mix, rate)) mixInto(pcm, mix)
  }
}

export class Displacer extends LegBug implements Ticked {
  readonly #request: DisplaceRequest
  readonly #read: DisplacedSide
  readonly #write: DisplacedSide
  readonly #frame = new FrameBuffer(48 * tickMs)
  #source: AudioSource | undefined
  #hasRead = false
  #endsIn = -1
  #isOpening = true

  constructor(leg: Leg, number: number, request: DisplaceRequest) {
    super(leg, number)
    this.#request = request
    const { side, mixes } = request
    this.#read = new DisplacedSide(side !== 'write', mixes)
    this.#write = new DisplacedSide(side !== 'read', mixes)
    void this.#open()
  }

  tick(): void {
    const source = this.#source
    if (this.#endsIn >= 0) {
      this.#endsIn -= tickMs
      if (this.#endsIn < 0) this.end('done')
      return
    }
    if (!source || this.#isOpening) return
    const frame = this.#frame.first((source.rate * tickMs) / 1000)
    let count = 0
    try {
      count = source.read(frame)
    } catch (thrown) {
      return this.end('failed', reasonOf(thrown))
    }
    if (count < 0) return // the disk is late
    if (count === 0) return this.#sourceEnded(source)
    this.#hasRead = true
    const sound = frame.subarray(0, count)
    if (this.#request.side !== 'write') this.#read.queue.push(sound, source.rate)
    if (this.#request.side !== 'read') this.#write.queue.push(sound, source.rate)
  }

  protected release(): void {
    this.#source?.close()
    this.#source = undefined
    const { leg } = this
    leg.host.ticker.remove(this)
    for (const [direction, side] of this.#sides()) leg.removeBug(direction, side)
  }

  /** Replacing silences the other direction, too, as FreeSWITCH does; mixing leaves it alone. */
  #sides(): (readonly ['read' | 'write', DisplacedSide])[] {
    const { side, mixes } = this.#request
    const read = ['read', this.#read] as const
    const write = ['write', this.#write] as const
    if (!mixes || side === 'both') return [read, write]
    return side === 'read' ? [read] : [write]
  }

  async #open(): Promise<void> {
    this.#isOpening = true
    let source: AudioSource
    try {
      const { leg } = this
      source = await openForReading(this.#request.path, leg.rate, undefined, leg.host.sounds)
    } catch (thrown) {
      return this.end('failed', reasonOf(thrown))
    }
    this.#isOpening = false
    if (this.isOver) return source.close()
    const isFirst = this.#source === undefined
    this.#source = source
    if (!isFirst) return
    for (const [direction, side] of this.#sides())
      this.leg.addBug(direction, side, this.#request.isFirst)
    this.leg.host.ticker.add(this)
    this.host.tell({ tell: 'bug started', bug: this.number })
  }

  #sourceEnded(source: AudioSource): void {
    // An endless loop over nothing must end.
    if (!this.#request.loops || !this.#hasRead) {
      this.#endsIn = drainMs
      return
    }
    this.#hasRead = false
    if (source.seek) return source.seek(0)
    source.close()
    void this.#open()
  }
}
