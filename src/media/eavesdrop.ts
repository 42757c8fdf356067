/** Eavesdrop: another leg hears a leg's two directions, and may be heard in either of them. */
import type { Bug } from './bug-chain.ts'
import type { EavesdropSides } from './engine.ts'
import type { Leg, Tap } from './leg.ts'
import { LegBug } from './leg-bug.ts'
import type { Direction } from './protocol.ts'
import { RatedQueue } from './rated-queue.ts'
import { FrameBuffer, mixInto } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** Samples of the longest frame. */
const longest = 48 * 240

/** One direction of the leg: heard from it, and, while whispering, spoken into. */
class Side implements Bug {
  readonly #leg: Leg
  readonly #direction: Direction
  readonly #isHeard: boolean
  readonly heard = new RatedQueue()
  readonly #spoken = new RatedQueue()
  readonly #mix = new FrameBuffer(longest)
  readonly #tap: Tap
  isWhispering = false

  constructor(leg: Leg, direction: Direction, isHeard: boolean) {
    this.#leg = leg
    this.#direction = direction
    this.#isHeard = isHeard
    const hear = (pcm: Int16Array, rate: number): void => this.heard.push(pcm, rate)
    this.#tap = direction === 'read' ? { said: hear } : { told: hear }
    this.#listen()
  }

  /** The spy's own sound. */
  speak(pcm: Int16Array, rate: number): void {
    if (this.isWhispering) this.#spoken.push(pcm, rate)
  }

  /** As a bug it hears the frame before it adds what the spy says: nobody hears himself. */
  change(pcm: Int16Array, rate: number): void {
    if (this.#isHeard) this.heard.push(pcm, rate)
    const mix = this.#mix.first(pcm.length)
    if (this.#spoken.take(mix, rate)) mixInto(pcm, mix)
  }

  whisper(on: boolean): void {
    this.#spoken.clear()
    if (this.isWhispering === on) return
    this.#unlisten()
    this.isWhispering = on
    this.#listen()
  }

  release(): void {
    this.#unlisten()
  }

  #listen(): void {
    if (this.isWhispering) this.#leg.addBug(this.#direction, this)
    else if (this.#isHeard) this.#leg.addTap(this.#tap)
  }

  #unlisten(): void {
    if (this.isWhispering) this.#leg.removeBug(this.#direction, this)
    else if (this.#isHeard) this.#leg.removeTap(this.#tap)
  }
}

export class Eavesdrop extends LegBug implements Ticked, Tap {
  readonly #spy: Leg
  readonly #read: Side
  readonly #write: Side
  readonly #frame = new FrameBuffer(48 * tickMs)
  readonly #other = new FrameBuffer(48 * tickMs)

  /** `spy` hears those directions of `leg` that `hears` names. */
  constructor(leg: Leg, number: number, spy: Leg, hears: EavesdropSides, whispers: EavesdropSides) {
    super(leg, number)
    this.#spy = spy
    this.#read = new Side(leg, 'read', hears.read)
    this.#write = new Side(leg, 'write', hears.write)
    this.whisper(whispers)
    spy.tenants.add(this)
    spy.addTap(this)
    leg.host.ticker.add(this)
  }

  /** Into which directions the spy speaks: `write` is heard by the leg's own party, `read` by whoever that one talks with. */
  whisper(to: EavesdropSides): void {
    this.#read.whisper(to.read)
    this.#write.whisper(to.write)
  }

  /** What the spy says. */
  said(pcm: Int16Array, rate: number): void {
    this.#read.speak(pcm, rate)
    this.#write.speak(pcm, rate)
  }

  tick(now: number, skipped: number): void {
    const spy = this.#spy
    const { rate } = spy
    if (skipped > 0) spy.pauseToParty(skipped * tickMs, this, now)
    const samples = (rate * tickMs) / 1000
    const frame = this.#frame.first(samples)
    const other = this.#other.first(samples)
    this.#read.heard.take(frame, rate)
    if (this.#write.heard.take(other, rate)) mixInto(frame, other)
    // A sound that is played to the spy covers the call, as it does everywhere.
    if (!spy.hasFloorTaken && spy.isListening) spy.toParty(frame, rate, this, now)
  }

  protected release(): void {
    this.host.ticker.remove(this)
    this.#spy.tenants.delete(this)
    this.#spy.removeTap(this)
    this.#read.release()
    this.#write.release()
  }
}
