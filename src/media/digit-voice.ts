/** Digits of a party as tones within what it says, in place of its own sound while they last (`start_dtmf_generate`). */
import type { Bug } from './bug-chain.ts'
import { DtmfTones } from './dtmf-tones.ts'
import type { Leg, Tenant } from './leg.ts'

/** Silence behind every tone, ms. */
const gapMs = 50
/** As many digits as wait; more are refused. */
const most = 100

export class DigitVoice implements Bug, Tenant {
  readonly #leg: Leg
  readonly #waiting: { readonly digit: string; readonly ms: number }[] = []
  #tones: DtmfTones | undefined

  constructor(leg: Leg) {
    this.#leg = leg
    leg.digitVoice = this
    leg.tenants.add(this)
    leg.addBug('read', this)
  }

  /** Queues digits of `ms` each. */
  say(digits: string, ms: number): void {
    for (const digit of digits) {
      if (this.#waiting.length < most) this.#waiting.push({ digit, ms })
      else this.#leg.host.drop('digit queue')
    }
  }

  change(pcm: Int16Array, rate: number): void {
    if (this.#tones?.rate !== rate) {
      // Only between frames of different rates: what sounded is cut short.
      if (this.#waiting.length === 0 && !this.#tones?.isActive) return
      this.#tones = new DtmfTones(rate)
    }
    for (let at = 0; at < pcm.length; ) {
      if (!this.#tones.isActive && !this.#startNext(this.#tones)) return
      at += this.#tones.read(at === 0 ? pcm : pcm.subarray(at))
    }
  }

  legClosed(): void {
    const leg = this.#leg
    if (leg.digitVoice === this) leg.digitVoice = undefined
    leg.tenants.delete(this)
    leg.removeBug('read', this)
  }

  /** Begins the next digit that has tones. */
  #startNext(tones: DtmfTones): boolean {
    for (;;) {
      const next = this.#waiting.shift()
      if (!next) return false
      if (tones.start(next.digit, next.ms, gapMs)) return true
    }
  }
}
