/** Waits until a party has been quiet for some frames (`wait_for_silence`). */
import type { Leg, Tap, Tenant } from './leg.ts'
import { energySum } from './sound.ts'
import { type Ticked, tickMs } from './ticker.ts'

/** ms without a packet until the party counts as quiet. */
const staleMs = 60

export interface SilenceRules {
  readonly threshold: number
  readonly hits: number
  readonly listenHits: number
  readonly timeoutMs: number
}

/** Counts frames; apart from the clock so that it can be tried without one. */
export class SilenceCounter {
  readonly #rules: SilenceRules
  #loud = 0
  #quiet = 0

  constructor(rules: SilenceRules) {
    this.#rules = rules
  }

  /** A frame of this mean amplitude; true when it was quiet for long enough. */
  frame(score: number): boolean {
    const { threshold, hits, listenHits } = this.#rules
    if (score >= threshold) this.#loud++
    // FreeSWITCH listens for silence only after more loud frames than `listenHits`, unless that is 0.
    const isListening = listenHits === 0 || this.#loud > listenHits
    this.#quiet = isListening && score < threshold ? this.#quiet + 1 : 0
    return isListening && this.#quiet >= Math.max(1, hits)
  }
}

export class SilenceWatch implements Tap, Ticked, Tenant {
  readonly number: number
  readonly #leg: Leg
  readonly #counter: SilenceCounter
  readonly #until: number
  #energy = 0
  #samples = 0
  #score = 0
  #heardAt = 0
  #isOver = false

  constructor(leg: Leg, number: number, rules: SilenceRules) {
    this.#leg = leg
    this.number = number
    this.#counter = new SilenceCounter(rules)
    this.#until =
      rules.timeoutMs > 0 ? performance.now() + rules.timeoutMs : Number.POSITIVE_INFINITY
    leg.tenants.add(this)
    leg.addTap(this)
    leg.host.ticker.add(this)
  }

  said(pcm: Int16Array, rate: number): void {
    // The scale is that of 8 kHz, whatever the rate.
    this.#energy += energySum(pcm)
    this.#samples += (pcm.length * 8000) / rate
  }

  tick(now: number): void {
    if (now >= this.#until) return this.end(false)
    if (this.#samples > 0) {
      this.#score = this.#energy / this.#samples
      this.#heardAt = now
      this.#energy = 0
      this.#samples = 0
    } else if (now - this.#heardAt >= Math.max(staleMs, tickMs)) this.#score = 0
    if (this.#counter.frame(this.#score)) this.end(true)
  }

  legClosed(): void {
    this.end(false)
  }

  end(silent: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    const leg = this.#leg
    leg.host.ticker.remove(this)
    leg.tenants.delete(this)
    leg.removeTap(this)
    leg.host.tell({ tell: 'watch ended', watch: this.number, silent })
  }
}
