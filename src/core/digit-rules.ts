/** What is done with a channel's digits besides taking them: blocked, dropped, turned into tones, listened for, told apart. */
import { Pairing } from '../base/pairing.ts'
import type { MediaLeg } from '../media/engine.ts'
import type { Digit } from './digit-queue.ts'

export class DigitRules {
  /** None goes in or out (`block_dtmf`). */
  isBlocking = false
  /** None goes to the party (`drop_dtmf`). */
  isDropping = false
  /** Tones in what the party says are digits (`start_dtmf`). */
  isListening = false
  /** Digits that it sends, or that are sent to it, become tones (`start_dtmf_generate`). */
  tones: 'read' | 'write' | undefined
  /** Asked about each digit that arrives (`deduplicate_dtmf`): false drops it. */
  gate: ((digit: Digit) => boolean) | undefined
  readonly #pairing = new Pairing()

  /** Tells the media what it has to do of it. */
  apply(media: MediaLeg): void {
    media.dropDigits(this.isBlocking || this.isDropping)
    media.detectDigits(this.isListening)
    media.tonesForDigits(this.tones)
  }

  /** The same for sound that was just opened, which has none of it. */
  applyToNew(media: MediaLeg): void {
    const hasAny = this.isBlocking || this.isDropping || this.isListening || this.tones
    if (hasAny) this.apply(media)
  }

  /** Whether a digit counts. One that comes with the sound and by signalling, too, counts once. */
  accepts(digit: Digit): boolean {
    const { source } = digit
    if (this.gate?.(digit) === false) return false
    if (source === 'APP' || source === 'UNKNOWN') return true
    const way = source === 'ENDPOINT' ? 'signalling' : 'sound'
    return !this.#pairing.isSecond(digit.digit, way, performance.now())
  }
}
