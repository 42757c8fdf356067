/**
 * Wrong PINs over all calls: a mailbox that was tried too often within a time, or a caller who tried too often at any, gets nobody in
 * for as long. The own phone of a mailbox, which its user has registered, is not asked for a PIN and not kept out.
 */
import { type Clock, systemClock } from '../../base/clock.ts'

/** Names remembered; the longest unseen goes when there are more. */
const mostNames = 10_000

export class LoginGuard {
  readonly #clock: Clock
  /** When somebody failed, ms, by name. */
  readonly #failures = new Map<string, number[]>()

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** Whether a name has failed `attempts` times within the last `seconds`; 0 attempts never. */
  isLocked(name: string, attempts: number, seconds: number): boolean {
    return attempts > 0 && this.#recent(name, seconds).length >= attempts
  }

  failed(name: string, attempts: number, seconds: number): void {
    if (attempts <= 0) return
    // More than those that lock it need not be kept.
    const recent = [...this.#recent(name, seconds), this.#clock.now()].slice(-attempts)
    this.#failures.delete(name)
    this.#failures.set(name, recent)
    if (this.#failures.size <= mostNames) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }

  succeeded(name: string): void {
    this.#failures.delete(name)
  }

  #recent(name: string, seconds: number): number[] {
    const since = this.#clock.now() - seconds * 1000
    return (this.#failures.get(name) ?? []).filter((time) => time > since)
  }
}
