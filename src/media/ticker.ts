/** The 20 ms clock of a worker. It runs only while something needs it and does not drift. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('media/ticker')

/** ms from tick to tick. */
export const tickMs = 20

/** At most so many ticks are made up for at once; what is missing beyond is skipped, never sent as a burst. */
const maxCatchUp = 3

export interface Ticked {
  /** Called every 20 ms. `skipped` counts ticks before this one that are left out for good. */
  tick(now: number, skipped: number): void
}

export class Ticker {
  readonly #clients = new Set<Ticked>()
  #timer: NodeJS.Timeout | undefined
  #due = 0

  add(client: Ticked): void {
    this.#clients.add(client)
    if (this.#timer !== undefined) return
    this.#due = performance.now() + tickMs
    this.#timer = setTimeout(this.#run, tickMs)
  }

  remove(client: Ticked): void {
    this.#clients.delete(client)
  }

  close(): void {
    this.#clients.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  readonly #run = (): void => {
    const now = performance.now()
    const early = this.#due - now
    if (early > 2) {
      // The loop's clock stands still while the thread waits for packets: a timer set then is short by that.
      this.#timer = setTimeout(this.#run, Math.round(early))
      return
    }
    let skipped = 0
    let turns = Math.floor((now - this.#due) / tickMs) + 1
    if (turns > maxCatchUp) {
      skipped = turns - maxCatchUp
      turns = maxCatchUp
      this.#due += skipped * tickMs
    }
    // setTimeout may fire a millisecond early: that turn is made now, the next one is planned from its due time.
    if (turns < 1) turns = 1
    for (; turns > 0; turns--, skipped = 0) {
      this.#due += tickMs
      for (const client of this.#clients) this.#tick(client, now, skipped)
    }
    if (this.#clients.size === 0) this.#timer = undefined
    else this.#timer = setTimeout(this.#run, Math.max(1, Math.round(this.#due - performance.now())))
  }

  #tick(client: Ticked, now: number, skipped: number): void {
    try {
      client.tick(now, skipped)
    } catch (thrown) {
      // What fails once a tick would fail for ever: it is taken off the clock.
      this.#clients.delete(client)
      log.err(`a tick failed: ${reasonOf(thrown)}`)
    }
  }
}
