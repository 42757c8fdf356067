/**
 * Hears the digits that a party sends as tones (`start_dtmf`). They are told as digits; where the other side of a bridge gets
 * them another way, the tones are taken out of the sound, so that nobody counts them twice.
 */
import { DtmfDetector, type HeardDigit } from '../rtp/dtmf-detector.ts'
import type { Bug } from './bug-chain.ts'
import type { Leg, Tenant } from './leg.ts'
import { QuietTicks } from './quiet-ticks.ts'
import type { Ticked } from './ticker.ts'

/** When no packet has come for so many ms the digit is over. */
const patienceMs = 200

export class InbandDigits implements Bug, Tenant, Ticked {
  readonly isPassive = true
  readonly #leg: Leg
  #detector: DtmfDetector | undefined
  #now = 0
  readonly #quiet = new QuietTicks(patienceMs)

  constructor(leg: Leg) {
    this.#leg = leg
    leg.tenants.add(this)
    // Before all that changes the sound: what others mix in is not the party's.
    leg.addBug('read', this, true)
    leg.host.ticker.add(this)
  }

  change(pcm: Int16Array, rate: number, now: number, isMade: boolean): void {
    this.#now = now
    // Silence that stands for late packets must not make two digits of one.
    if (isMade) return
    this.#quiet.heard()
    let detector = this.#detector
    if (detector?.rate !== rate) {
      detector?.finish()
      detector = new DtmfDetector(rate, this.#heard)
      this.#detector = detector
    }
    const wasLikely = detector.isLikely
    detector.process(pcm)
    if ((wasLikely || detector.isLikely) && this.#isConverting()) pcm.fill(0)
  }

  tick(): void {
    if (this.#quiet.tick() && this.#detector?.digit) this.#detector.finish()
  }

  legClosed(): void {
    this.#leg.host.ticker.remove(this)
    this.#detector?.finish()
    this.#leg.tenants.delete(this)
    this.#leg.removeBug('read', this)
  }

  readonly #heard = ({ digit, duration }: HeardDigit): void => {
    const leg = this.#leg
    if (leg.digitPairing.isSecond(digit, 'INBAND_AUDIO', this.#now))
      return leg.host.drop('repeated digit')
    // Where the peer would get tones it has them already.
    const isPassed = leg.peer?.takesTones === true && !leg.peer.dropsDigits
    leg.digitFromParty({ digit, duration, source: 'INBAND_AUDIO' }, isPassed)
  }

  /** Whether the other party gets the digits another way, or not at all. */
  #isConverting(): boolean {
    const { peer, passesDtmf } = this.#leg
    if (peer === undefined || peer === this.#leg) return false
    return !passesDtmf || peer.dropsDigits || !peer.takesTones
  }
}
