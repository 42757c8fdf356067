/** The background that a party describes while it says nothing (RFC 3389), made for whoever hears it. */
import { NoiseSource, parseComfortNoise } from '../rtp/comfort-noise.ts'
import type { Leg } from './leg.ts'
import { FrameBuffer } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** A description counts for so long, ms: who is gone for good makes no noise. */
const longestMs = 60_000

export class NoiseVoice implements Ticked {
  readonly #leg: Leg
  readonly #source: NoiseSource
  readonly #frame = new FrameBuffer(48 * tickMs)
  /** Nothing is heard before this moment. */
  waitUntil = 0
  #until = -1

  constructor(leg: Leg) {
    this.#leg = leg
    this.#source = new NoiseSource(leg.id)
  }

  get isSounding(): boolean {
    return this.#until >= 0
  }

  /** The party describes its background: it is heard from now on. */
  describe(payload: Uint8Array, now: number): void {
    const noise = parseComfortNoise(payload)
    if (!noise) return
    this.#source.describe(noise)
    if (this.#until < 0) this.#leg.host.ticker.add(this)
    this.#until = now + longestMs
  }

  /** The party speaks again, or is gone. */
  stop(): void {
    if (this.#until < 0) return
    this.#until = -1
    this.#leg.host.ticker.remove(this)
  }

  tick(now: number, skipped: number): void {
    const leg = this.#leg
    if (now > this.#until) return this.stop()
    if (!leg.isHeard || now < this.waitUntil) return
    if (skipped > 0) leg.pauseFromParty(skipped * tickMs, now)
    const frame = this.#frame.first((leg.rate * tickMs) / 1000)
    this.#source.fill(frame)
    leg.fromParty(frame, leg.rate, now)
  }
}
