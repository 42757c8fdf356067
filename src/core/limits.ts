/** Counters that bound how often a resource is used at once or in an interval (`limit hash realm id 5/10`). */
import type { Channel } from './channel.ts'

interface Usage {
  count: number
  /** Uses in the running interval, and when it began (ms). */
  rate: number
  intervalMs: number
  intervalStart: number
}

export interface LimitState {
  readonly count: number
  readonly rate: number
  readonly allowed: boolean
}

/** One counter as it stands. */
export interface LimitUsage {
  readonly count: number
  readonly rate: number
  readonly intervalSeconds: number
  /** When the running interval began, in seconds since the epoch. */
  readonly since: number
}

export class Limits {
  readonly #usage = new Map<string, Usage>()
  readonly #held = new WeakMap<Channel, Set<string>>()

  /**
   * Counts one more use for a channel; it is given back at hangup or by `release`. `max` undefined only counts.
   * `intervalSeconds` > 0 bounds uses per interval instead of uses at once.
   */
  take(
    channel: Channel,
    realm: string,
    id: string,
    max: number | undefined,
    intervalSeconds: number,
  ): LimitState {
    const key = `${realm}_${id}`
    const usage = this.#usage.get(key) ?? { count: 0, rate: 0, intervalMs: 0, intervalStart: 0 }
    const now = Date.now()
    const held = this.#held.get(channel) ?? new Set<string>()
    const isNew = !held.has(key)
    if (intervalSeconds > 0) {
      usage.intervalMs = intervalSeconds * 1000
      if (now - usage.intervalStart > usage.intervalMs) {
        usage.intervalStart = now
        usage.rate = 0
      }
      if (max !== undefined && usage.rate >= max) {
        return { count: usage.count, rate: usage.rate, allowed: false }
      }
      usage.rate++
    } else if (max !== undefined && usage.count + (isNew ? 1 : 0) > max) {
      return { count: usage.count, rate: usage.rate, allowed: false }
    }
    if (isNew) {
      usage.count++
      held.add(key)
      if (!this.#held.has(channel)) {
        this.#held.set(channel, held)
        channel.signals.once('hangup', () => this.release(channel))
      }
    }
    this.#usage.set(key, usage)
    return { count: usage.count, rate: usage.rate, allowed: true }
  }

  /** Gives back one resource of a channel, or all. */
  release(channel: Channel, realm?: string, id?: string): void {
    const held = this.#held.get(channel)
    if (!held) return
    const keys = realm === undefined ? [...held] : [`${realm}_${id ?? ''}`]
    for (const key of keys) {
      if (!held.delete(key)) continue
      const usage = this.#usage.get(key)
      if (!usage) continue
      usage.count--
      if (usage.count <= 0 && usage.intervalMs === 0) this.#usage.delete(key)
    }
  }

  usage(realm: string, id: string): { count: number; rate: number } {
    const usage = this.#usage.get(`${realm}_${id}`)
    return { count: usage?.count ?? 0, rate: usage?.rate ?? 0 }
  }

  /** Begins the interval of one resource anew; false when nothing counts there. */
  resetInterval(realm: string, id: string): boolean {
    const usage = this.#usage.get(`${realm}_${id}`)
    if (!usage) return false
    usage.rate = 0
    usage.intervalStart = Date.now()
    return true
  }

  /** Forgets every count; channels that hold one give back nothing later. */
  reset(): void {
    this.#usage.clear()
  }

  get size(): number {
    return this.#usage.size
  }

  /** Every counter as `realm_id`; `since` in seconds since the epoch. */
  *entries(): IterableIterator<readonly [key: string, usage: LimitUsage]> {
    for (const [key, usage] of this.#usage) {
      const { count, rate, intervalMs, intervalStart } = usage
      yield [
        key,
        {
          count,
          rate,
          intervalSeconds: intervalMs / 1000,
          since: Math.trunc(intervalStart / 1000),
        },
      ]
    }
  }
}
