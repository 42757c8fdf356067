/** How many messages one sender may send: so many at once, and so many a second for as long as he likes. */
import type { Profile } from './profile.ts'

/** Senders that are remembered: the one longest silent is forgotten. */
const mostSenders = 10_000

export class Allowance {
  readonly #perSecond: number
  readonly #burst: number
  readonly #now: () => number
  readonly #senders = new Map<string, { left: number; at: number }>()

  constructor(perSecond: number, burst: number, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#now = now
  }

  /** Whether he may send one more now; if so, it counts. */
  take(sender: string): boolean {
    const now = this.#now()
    const known = this.#senders.get(sender)
    const earned = known ? ((now - known.at) * this.#perSecond) / 1000 : 0
    const left = known ? Math.min(this.#burst, known.left + earned) : this.#burst
    const isFree = left >= 1
    this.#senders.delete(sender)
    this.#senders.set(sender, { left: isFree ? left - 1 : left, at: now })
    if (this.#senders.size > mostSenders) {
      const [oldest = ''] = this.#senders.keys()
      this.#senders.delete(oldest)
    }
    return isFree
  }
}

const allowances = new WeakMap<Profile, Allowance>()

/** What senders at a profile may do: a hundred messages at once, twenty a second. */
export function messageAllowance(profile: Profile): Allowance {
  const present = allowances.get(profile)
  if (present) return present
  const made = new Allowance(20, 100)
  allowances.set(profile, made)
  return made
}

export function setMessageAllowance(profile: Profile, allowance: Allowance): void {
  allowances.set(profile, allowance)
}
