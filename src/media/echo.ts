/** Echo with a delay. Without one an echo is a leg bridged with itself and needs nothing of this. */
import type { Leg, Tap, Tenant } from './leg.ts'
import { Resampler } from './resampler.ts'
import { FrameBuffer } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** The longest delay, ms: what it keeps is in memory. */
const longestMs = 60_000

export class DelayedEcho implements Tap, Ticked, Tenant {
  readonly #leg: Leg
  readonly #rate: number
  /** A ring of the last `delayMs` and the frame that is being spoken. */
  readonly #ring: Int16Array
  readonly #delay: number
  readonly #frame: FrameBuffer
  #resampler: Resampler | undefined
  #resampled = new FrameBuffer(0)
  /** Samples ever written and read; the ring holds those between. */
  #written = 0
  #read: number

  constructor(leg: Leg, delayMs: number) {
    this.#leg = leg
    this.#rate = leg.rate
    this.#delay = Math.round((Math.min(delayMs, longestMs) * this.#rate) / 1000)
    // Room for what comes in a burst before it is spoken.
    this.#ring = new Int16Array(this.#delay + this.#rate / 2)
    this.#frame = new FrameBuffer((this.#rate * tickMs) / 1000)
    this.#read = -this.#delay
    leg.tenants.add(this)
    leg.addTap(this)
    leg.host.ticker.add(this)
  }

  said(pcm: Int16Array, rate: number): void {
    let samples = pcm
    if (rate !== this.#rate) {
      if (this.#resampler?.fromRate !== rate) this.#resampler = new Resampler(rate, this.#rate)
      const room = this.#resampler.room(pcm.length)
      if (this.#resampled.all.length < room) this.#resampled = new FrameBuffer(room)
      samples = this.#resampled.first(this.#resampler.process(pcm, pcm.length, this.#resampled.all))
    }
    // Late packets must not make the echo later and later: time decides where sound stands.
    if (this.#written - this.#read > this.#ring.length - samples.length) return
    for (let i = 0; i < samples.length; i++)
      this.#ring[this.#written++ % this.#ring.length] = samples[i]!
  }

  tick(now: number, skipped: number): void {
    const frame = this.#frame.first(this.#frame.all.length)
    if (skipped > 0) this.#leg.pauseToParty(skipped * tickMs, this, now)
    this.#read += frame.length * skipped
    // When the party said nothing the writing side stands still: it is moved along with time.
    const shouldBe = this.#read + this.#delay - (this.#rate * 60) / 1000
    while (this.#written < shouldBe) this.#ring[this.#written++ % this.#ring.length] = 0
    for (let i = 0; i < frame.length; i++, this.#read++) {
      const isThere = this.#read >= 0 && this.#read < this.#written
      frame[i] = isThere ? this.#ring[this.#read % this.#ring.length]! : 0
    }
    if (!this.#leg.hasFloorTaken) this.#leg.toParty(frame, this.#rate, this, now)
  }

  legClosed(): void {
    this.#leg.host.ticker.remove(this)
    this.#leg.tenants.delete(this)
    this.#leg.removeTap(this)
  }
}
