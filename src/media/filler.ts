/** Silence or comfort noise for a party that would hear nothing at all: keeps NATs open and phones content. */
import type { Leg, Tenant } from './leg.ts'
import { comfortNoise, FrameBuffer } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** ms without other sound until filling begins. */
const patienceMs = 40

export class Filler implements Ticked, Tenant {
  readonly #leg: Leg
  readonly #level: number
  readonly #frame = new FrameBuffer(48 * tickMs)
  #isFilling = false

  constructor(leg: Leg, level: number) {
    this.#leg = leg
    this.#level = level
    leg.tenants.add(this)
    leg.host.ticker.add(this)
  }

  tick(now: number, skipped: number): void {
    const leg = this.#leg
    if (leg.hasFloorTaken || !leg.isListening) {
      this.#isFilling = false
      return
    }
    // Somebody else sent something since our last frame: wait until they are quiet again.
    if (leg.lastOtherSound(this) > now - patienceMs) {
      this.#isFilling = false
      return
    }
    if (skipped > 0 && this.#isFilling) leg.pauseToParty(skipped * tickMs, this, now)
    this.#isFilling = true
    const frame = this.#frame.first((leg.rate * tickMs) / 1000)
    comfortNoise(frame, this.#level)
    leg.toParty(frame, leg.rate, this, now)
  }

  legClosed(): void {
    this.#leg.host.ticker.remove(this)
    this.#leg.tenants.delete(this)
  }
}
