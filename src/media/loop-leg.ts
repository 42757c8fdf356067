/** One end of a loop: what it is told to send, its twin hears as said by its party, in the same worker and at once. */
import { UnwiredLeg } from './unwired-leg.ts'

export class LoopLeg extends UnwiredLeg {
  twin: LoopLeg | undefined

  get isListening(): boolean {
    return this.sends && this.twin?.isHeard === true
  }

  protected carry(pcm: Int16Array, rate: number, now: number): void {
    const { twin } = this
    if (twin?.receives) twin.fromParty(pcm, rate, now)
  }

  protected sendWholeDigit(digit: string, ms: number): void {
    this.twin?.digitFromParty({ digit, duration: ms * 8, source: 'RTP' }, false)
  }

  protected release(): void {
    if (this.twin) this.twin.twin = undefined
    this.twin = undefined
  }
}
