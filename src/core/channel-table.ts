/** The channels that live, and how many there have been: limits on their number and on new ones a second. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import type { HangupCause } from './hangup-cause.ts'

const log = logger('core/channels')

export class ChannelTable {
  readonly #channels = new Map<string, Channel>()
  maximum = 1000
  /** New channels a second. */
  maximumPerSecond = 30
  /** `fsctl pause`. */
  pausedInbound = false
  pausedOutbound = false
  sinceStartup = 0
  peak = 0
  peakPerSecond = 0
  /** Refused, by why. */
  readonly refused: Record<string, number> = {}
  #second = 0
  #thisSecond = 0
  #lastSecond = 0
  #waiting: (() => void)[] = []
  /** Peaks of the last five minutes, one number a second: channels, new channels. */
  readonly #recent: { at: number; count: number; rate: number }[] = []

  /** Whether one more may come; otherwise why not. Counts it against the rate. */
  admit(direction: 'inbound' | 'outbound'): HangupCause | undefined {
    this.#tick()
    if (direction === 'inbound' ? this.pausedInbound : this.pausedOutbound) {
      return this.#refuse('paused', direction)
    }
    if (this.#channels.size >= this.maximum) return this.#refuse('max-sessions', direction)
    if (this.#thisSecond >= this.maximumPerSecond) {
      return this.#refuse('sessions-per-second', direction)
    }
    this.#thisSecond++
    if (this.#thisSecond > this.peakPerSecond) this.peakPerSecond = this.#thisSecond
    return undefined
  }

  add(channel: Channel): void {
    this.#tick()
    this.#channels.set(channel.uuid, channel)
    this.sinceStartup++
    if (this.#channels.size > this.peak) this.peak = this.#channels.size
    this.#note()
  }

  remove(channel: Channel): void {
    if (this.#channels.get(channel.uuid) === channel) this.#channels.delete(channel.uuid)
    if (this.#channels.size > 0) return
    for (const resolve of this.#waiting) resolve()
    this.#waiting = []
  }

  get(uuid: string): Channel | undefined {
    return this.#channels.get(uuid)
  }

  /** In the order of creation. */
  list(): Channel[] {
    return [...this.#channels.values()]
  }

  get count(): number {
    return this.#channels.size
  }

  /** New channels in the running second, and in the one before. */
  get rate(): number {
    this.#tick()
    return this.#thisSecond
  }

  get lastRate(): number {
    this.#tick()
    return this.#lastSecond
  }

  /** The highest count and rate of the last five minutes. */
  recentPeaks(): { count: number; rate: number } {
    this.#tick()
    this.#note()
    const since = this.#second - 300
    const seen = this.#recent.filter((entry) => entry.at >= since)
    return {
      count: Math.max(0, ...seen.map((entry) => entry.count)),
      rate: Math.max(0, ...seen.map((entry) => entry.rate)),
    }
  }

  /** Resolves when no channel is left. */
  untilEmpty(): Promise<void> {
    if (this.#channels.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #refuse(why: string, direction: 'inbound' | 'outbound'): HangupCause {
    this.refused[why] = (this.refused[why] ?? 0) + 1
    log.crit(`channel refused: ${why} (${this.#channels.size} up, ${this.#thisSecond} this second)`)
    // Who dials is told that the leg could not be made, not why.
    return direction === 'inbound' ? 'SWITCH_CONGESTION' : 'DESTINATION_OUT_OF_ORDER'
  }

  #tick(): void {
    const second = Math.trunc(Date.now() / 1000)
    if (second === this.#second) return
    this.#lastSecond = second === this.#second + 1 ? this.#thisSecond : 0
    this.#second = second
    this.#thisSecond = 0
    while (this.#recent.length > 0 && (this.#recent[0]?.at ?? 0) < second - 300)
      this.#recent.shift()
  }

  #note(): void {
    const last = this.#recent.at(-1)
    if (last?.at === this.#second) {
      last.count = Math.max(last.count, this.#channels.size)
      last.rate = Math.max(last.rate, this.#thisSecond)
    } else {
      this.#recent.push({ at: this.#second, count: this.#channels.size, rate: this.#thisSecond })
    }
  }
}
