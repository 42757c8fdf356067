/**
 * How long nothing has come, counted in ticks that were made and not in time that went by. A thread that stood still ticks before it
 * reads what came meanwhile: by the wall's clock that would be silence, cut into the middle of a word or a digit.
 */
import { tickMs } from './ticker.ts'

export class QuietTicks {
  readonly #patience: number
  #ticks = 0

  /** `patienceMs` must be more than the ticks that are made up for at once. */
  constructor(patienceMs: number) {
    this.#patience = patienceMs / tickMs
  }

  /** Something came. */
  heard(): void {
    this.#ticks = 0
  }

  /** Asked once a tick: whether nothing has come for so long. */
  tick(): boolean {
    if (this.#ticks >= this.#patience) return true
    this.#ticks++
    return false
  }
}
