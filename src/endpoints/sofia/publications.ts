/** What phones have published of their users (RFC 3903): each document for its time, under the tag of its last refresh. */
import { randomBytes } from 'node:crypto'
import type { Presence } from './pidf.ts'

/** Phones of one user that publish. */
const mostOfOne = 16
const mostUsers = 20_000

export interface Published extends Presence {
  readonly userAgent: string
  readonly networkIp: string
  readonly networkPort: number
}

interface Publication {
  readonly state: Published
  readonly timer: NodeJS.Timeout
}

/** The new tag, or why there is none: no publication of that tag (412), or too many. */
export type PublishOutcome = { readonly tag: string } | 'unknown tag' | 'too many'

export class Publications {
  /** By `user@domain` in lower case, then by tag; the newest last. */
  readonly #users = new Map<string, Map<string, Publication>>()
  /** Hears of every change: whose state may be another one now. */
  readonly #changed: (address: string) => void

  constructor(changed: (address: string) => void) {
    this.#changed = changed
  }

  get count(): number {
    let count = 0
    for (const publications of this.#users.values()) count += publications.size
    return count
  }

  /** What the user's phone said last. */
  state(address: string): Published | undefined {
    return [...(this.#users.get(address.toLowerCase())?.values() ?? [])].at(-1)?.state
  }

  /** `tag` refreshes what is there; without `state` it says what it said. 0 seconds end it. */
  publish(
    address: string,
    tag: string | undefined,
    state: Published | undefined,
    seconds: number,
  ): PublishOutcome {
    const key = address.toLowerCase()
    const own = this.#users.get(key) ?? new Map<string, Publication>()
    const present = tag === undefined ? undefined : own.get(tag)
    if (tag !== undefined && !present) return 'unknown tag'
    if (!present && (own.size >= mostOfOne || this.#users.size >= mostUsers)) return 'too many'
    const fresh = randomBytes(8).toString('hex')
    if (present && tag !== undefined) {
      clearTimeout(present.timer)
      own.delete(tag)
    }
    const said = state ?? present?.state
    if (said && seconds > 0) {
      const timer = setTimeout(() => this.#end(key, fresh), seconds * 1000)
      timer.unref()
      own.set(fresh, { state: said, timer })
      this.#users.set(key, own)
    } else if (own.size === 0) this.#users.delete(key)
    if (state || seconds === 0) this.#changed(address)
    return { tag: fresh }
  }

  stop(): void {
    for (const publications of this.#users.values())
      for (const { timer } of publications.values()) clearTimeout(timer)
    this.#users.clear()
  }

  #end(key: string, tag: string): void {
    const own = this.#users.get(key)
    if (!own?.delete(tag)) return
    if (own.size === 0) this.#users.delete(key)
    this.#changed(key)
  }
}
