/** What legs without sockets share: whole digits instead of events, and no figures. */

import { DigitSender } from './digit-sender.ts'
import type { LegSettings, LegStats } from './engine.ts'
import { Leg } from './leg.ts'
import type { LegHost } from './leg-host.ts'
import { noStats } from './leg-stats.ts'

/** Hz of sound whose rate nothing else decides. */
const usualRate = 8000

export abstract class UnwiredLeg extends Leg {
  readonly #digits: DigitSender
  #lastSource: object | undefined
  #lastAt = -1
  protected sends = true
  protected receives = true
  #rate = usualRate

  constructor(id: number, uuid: string, host: LegHost) {
    super(id, uuid, host)
    const whole = (digit: string, ms: number): void => this.sendWholeDigit(digit, ms)
    this.#digits = new DigitSender(this, () => ({ events: undefined, whole }))
  }

  /** The other end hears a digit of `ms`. */
  protected abstract sendWholeDigit(digit: string, ms: number): void
  /** Puts sound where the other end finds it. */
  protected abstract carry(pcm: Int16Array, rate: number, now: number): void

  get rate(): number {
    return this.#rate
  }

  configure(settings: LegSettings): void {
    this.sends = settings.sends
    this.receives = settings.receives
    // L16 has its rate as clock; of other codecs no octet is ever made here.
    this.#rate = settings.send?.name.toUpperCase() === 'L16' ? settings.send.clockRate : usualRate
  }

  sendDigits(digits: string, ms: number): void {
    this.#digits.add(digits, ms)
  }

  lastOtherSound(source: object): number {
    return this.#lastSource === source ? -1 : this.#lastAt
  }

  stats(): LegStats {
    return noStats
  }

  protected transmit(pcm: Int16Array, rate: number, source: object, now: number): void {
    this.#lastSource = source
    this.#lastAt = now
    if (this.sends) this.carry(pcm, rate, now)
  }

  protected transmitPause(): void {}
}
