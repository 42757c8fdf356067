/** The nonces a server gave out: how long they are good, and how often each was used (RFC 7616 §3.3, §5.12: replay). */
import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'

interface Nonce {
  readonly expires: number
  /** The highest nonce count seen. */
  count: number
}

/**
 * What a nonce is worth: `good`; `stale`: too old, or its count was used already: challenge again with stale=true; `unknown`: never given
 * out here, or forgotten.
 */
export type NonceState = 'good' | 'stale' | 'unknown'

export class NonceStore {
  readonly #clock: Clock
  readonly #ttlMs: number
  readonly #limit: number
  /** In the order given out, which is that of expiry: the first is the oldest. */
  readonly #nonces = new Map<string, Nonce>()

  /** `ttlSeconds` is `nonce-ttl`; beyond `limit` nonces the oldest are forgotten. */
  constructor(options: { clock: Clock; ttlSeconds: number; limit?: number }) {
    this.#clock = options.clock
    this.#ttlMs = options.ttlSeconds * 1000
    this.#limit = options.limit ?? 100_000
  }

  get size(): number {
    return this.#nonces.size
  }

  /** Gives out a new one. */
  issue(): string {
    const now = this.#clock.now()
    // A few old ones go with each new one, so that no timer is needed.
    let swept = 0
    for (const [nonce, entry] of this.#nonces) {
      if (this.#nonces.size < this.#limit && (entry.expires > now || swept >= 8)) break
      this.#nonces.delete(nonce)
      swept++
    }
    const nonce = randomUUID()
    this.#nonces.set(nonce, { expires: now + this.#ttlMs, count: 0 })
    return nonce
  }

  /**
   * Looks at a nonce without using it up. `nc` is the nonce count as it came; '' (no qop) counts as the first use and is good as long as
   * the nonce is.
   */
  check(nonce: string, nc: string): NonceState {
    const entry = this.#nonces.get(nonce)
    if (entry === undefined) return 'unknown'
    if (entry.expires <= this.#clock.now()) return 'stale'
    if (nc === '') return 'good'
    const count = Number.parseInt(nc, 16)
    return count > entry.count ? 'good' : 'stale'
  }

  /** Marks the count as used: to be called once the credentials were found right. */
  use(nonce: string, nc: string): void {
    const entry = this.#nonces.get(nonce)
    if (entry === undefined || nc === '') return
    const count = Number.parseInt(nc, 16)
    if (count > entry.count) entry.count = count
  }

  /** Forgets one, so that it cannot be used again. */
  drop(nonce: string): void {
    this.#nonces.delete(nonce)
  }
}
