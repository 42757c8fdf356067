/** How often an address may try a wrong password: so many in a minute, then it has to wait. */
import { Allowance } from '../../base/allowance.ts'
import { neighbourhood } from '../../net/address-octets.ts'

const windowMs = 60_000
const mostFailures = 30
/** Addresses that are remembered; the oldest are forgotten. */
const mostAddresses = 10_000

export class LoginLimit {
  readonly #failures = new Map<string, Allowance>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Seconds until an address may try again; 0: it may now. */
  secondsLeft(address: string): number {
    const failures = this.#failures.get(neighbourhood(address))
    return failures ? Math.ceil(failures.waitMs(this.#now()) / 1000) : 0
  }

  failed(address: string): void {
    const now = this.#now()
    const key = neighbourhood(address)
    let failures = this.#failures.get(key)
    if (!failures || failures.isOver(now)) {
      failures = new Allowance(mostFailures, windowMs)
      // Behind the others, as the newest.
      this.#failures.delete(key)
      this.#failures.set(key, failures)
    }
    failures.takes(now)
    if (this.#failures.size <= mostAddresses) return
    const [oldest] = this.#failures.keys()
    if (oldest !== undefined) this.#failures.delete(oldest)
  }
}
