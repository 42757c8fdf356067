/** A bug that only listens: hands the sound of one direction to a detector, and silence while none comes, so that time goes on. */
import { reasonOf } from '../base/errors.ts'
import type { BugDirection } from './engine.ts'
import type { Leg, Tap } from './leg.ts'
import { LegBug } from './leg-bug.ts'
import { QuietTicks } from './quiet-ticks.ts'
import { FrameBuffer } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** ms without sound until it counts as silence: packets may be late. */
const patienceMs = 100

export type Hear = (pcm: Int16Array) => void

export class Listener extends LegBug implements Ticked {
  /** Makes a detector for sound of `rate` Hz. */
  readonly #open: (rate: number) => Hear
  readonly #tap: Tap
  readonly #until: number
  readonly #timedOut: (() => void) | undefined
  readonly #silence = new FrameBuffer(48 * tickMs)
  #hear: Hear | undefined
  #rate = 0
  readonly #quiet = new QuietTicks(patienceMs)

  /** After `timeoutMs`, unless that is 0, `timedOut` is called and it ends. */
  constructor(
    leg: Leg,
    number: number,
    direction: BugDirection,
    open: (rate: number) => Hear,
    timeoutMs = 0,
    timedOut?: () => void,
  ) {
    super(leg, number)
    this.#open = open
    this.#until = timeoutMs > 0 ? performance.now() + timeoutMs : Number.POSITIVE_INFINITY
    this.#timedOut = timedOut
    const hear = (pcm: Int16Array, rate: number): void => this.#take(pcm, rate)
    this.#tap = direction === 'read' ? { said: hear } : { told: hear }
    leg.addTap(this.#tap)
    leg.host.ticker.add(this)
  }

  tick(now: number): void {
    if (now >= this.#until) {
      this.#timedOut?.()
      return this.end('done')
    }
    if (!this.#quiet.tick()) return
    const rate = this.#rate || this.leg.rate
    this.#feed(this.#silence.first((rate * tickMs) / 1000).fill(0), rate)
  }

  protected release(): void {
    this.leg.host.ticker.remove(this)
    this.leg.removeTap(this.#tap)
  }

  #take(pcm: Int16Array, rate: number): void {
    this.#quiet.heard()
    this.#feed(pcm, rate)
  }

  #feed(pcm: Int16Array, rate: number): void {
    if (this.isOver) return
    try {
      if (!this.#hear || rate !== this.#rate) {
        this.#hear = this.#open(rate)
        this.#rate = rate
      }
      this.#hear(pcm)
    } catch (thrown) {
      this.end('failed', reasonOf(thrown))
    }
  }
}
