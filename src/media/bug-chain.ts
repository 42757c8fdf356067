/** What changes the sound of one direction of a leg: frames pass through the bugs one after the other. */
import type { Leg } from './leg.ts'
import type { Direction } from './protocol.ts'
import { QuietTicks } from './quiet-ticks.ts'
import { FrameBuffer } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** ms without a frame until the chain makes silent ones itself, so that what is mixed in is heard beside a party that is quiet. */
const patienceMs = 100
/** Samples of the longest frame. */
const longest = 48 * 240

/** Mixes something into the sound of one direction, or puts something in its place. */
export interface Bug {
  /** Changes a frame where it stands. `isMade`: it is silence that the chain made, for no frame came. */
  change(pcm: Int16Array, rate: number, now: number, isMade: boolean): void
  /** It has nothing to say when no frame comes. */
  readonly isPassive?: boolean
}

/** Frames being changed. One for all: a chain is done with a frame before the next one begins, or works on the same frame. */
const workbench = new FrameBuffer(longest)

export class BugChain implements Ticked {
  readonly #leg: Leg
  readonly #direction: Direction
  readonly #bugs: Bug[] = []
  readonly #silence = new FrameBuffer(48 * tickMs)
  readonly #quiet = new QuietTicks(patienceMs)
  #isPassive = true
  /** Whether it made the last frame, and whether it makes one at this moment. */
  #isFilling = false
  #isMaking = false

  constructor(leg: Leg, direction: Direction) {
    this.#leg = leg
    this.#direction = direction
    leg.host.ticker.add(this)
  }

  get isEmpty(): boolean {
    return this.#bugs.length === 0
  }

  add(bug: Bug, isFirst: boolean): void {
    if (isFirst) this.#bugs.unshift(bug)
    else this.#bugs.push(bug)
    this.#isPassive = this.#bugs.every((one) => one.isPassive === true)
  }

  remove(bug: Bug): void {
    const index = this.#bugs.indexOf(bug)
    if (index >= 0) this.#bugs.splice(index, 1)
    this.#isPassive = this.#bugs.every((one) => one.isPassive === true)
    if (this.isEmpty) this.#leg.host.ticker.remove(this)
  }

  /** The frame as the bugs leave it, in a buffer that the next call overwrites. */
  run(pcm: Int16Array, rate: number, now: number): Int16Array {
    if (!this.#isMaking) this.#quiet.heard()
    const frame = workbench.first(Math.min(pcm.length, longest))
    if (frame.buffer !== pcm.buffer) frame.set(pcm.subarray(0, frame.length))
    for (const bug of this.#bugs) bug.change(frame, rate, now, this.#isMaking)
    return frame
  }

  tick(now: number, skipped: number): void {
    if (!this.#quiet.tick() || this.#isPassive) {
      this.#isFilling = false
      return
    }
    const leg = this.#leg
    if (this.#direction === 'write' && (leg.digitFloor !== undefined || !leg.isListening)) return
    if (skipped > 0 && this.#isFilling) leg.pauseToParty(skipped * tickMs, this, now)
    this.#isFilling = true
    const frame = this.#silence.first((leg.rate * tickMs) / 1000).fill(0)
    this.#isMaking = true
    try {
      if (this.#direction === 'write') leg.toParty(frame, leg.rate, this, now)
      else leg.saidToBridge(frame, leg.rate, this, now)
    } finally {
      this.#isMaking = false
    }
  }
}
