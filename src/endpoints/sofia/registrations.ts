/** Where phones are now: the contacts that registered at a profile, kept in the store so that a restart loses none. */
import { logger } from '../../base/log.ts'
import type { Switch } from '../../core/switch.ts'
import type { Flow } from '../../sip/flow.ts'

const log = logger('sofia/registrations')

/** One contact of one user. Times in seconds since the epoch. */
export interface Registration {
  readonly callId: string
  readonly user: string
  readonly domain: string
  /** As stored and shown: `"Name" <sip:user@ip:port;params>`. */
  readonly contact: string
  /** The contact's URI alone. */
  readonly uri: string
  /** Where requests to it really go when the URI is behind NAT or on a connection: `sip:ip:port;transport=tcp`. */
  readonly path: string | undefined
  /** `Registered(UDP)`, `Registered(UDP-NAT)`… */
  readonly status: string
  readonly expires: number
  readonly userAgent: string
  readonly networkIp: string
  readonly networkPort: number
  readonly protocol: Flow['protocol']
  readonly authUser: string
  readonly authRealm: string
  readonly mwiAccount: string
  readonly cseq: number
  /** 0–1, of the contact's `q`. */
  readonly q: number
}

export type RegistrationEnd = 'expired' | 'unregistered' | 'flushed' | 'replaced'

export class Registrations {
  readonly #sw: Switch
  readonly #realm: string
  /** By `user@domain` in lower case, then by key. */
  readonly #users = new Map<string, Map<string, Registration>>()
  /** Keys by the second they run out. */
  readonly #buckets = new Map<number, Set<Registration>>()
  readonly #sweep: NodeJS.Timeout
  readonly #lateSeconds: number
  /** Told of each that ends. */
  onEnd: ((registration: Registration, why: RegistrationEnd) => void) | undefined
  #swept: number
  #count = 0

  /** Reads what the store kept. `lateSeconds` is how long one outlives its time (`sip-expires-late-margin`). */
  constructor(sw: Switch, profileName: string, lateSeconds: number) {
    this.#sw = sw
    this.#realm = `sofia.registrations.${profileName}`
    this.#lateSeconds = lateSeconds
    this.#swept = Math.trunc(Date.now() / 1000)
    for (const [key, value] of sw.options.store.list(this.#realm)) {
      try {
        this.#insert(key, JSON.parse(value) as Registration)
      } catch {
        log.warning(`${this.#realm}: ${key} cannot be read; forgotten`)
        sw.options.store.delete(this.#realm, key)
      }
    }
    if (this.#count > 0) log.notice(`${profileName}: ${this.#count} registrations kept from before`)
    this.#sweep = setInterval(() => this.#expire(), 1000)
    this.#sweep.unref()
  }

  stop(): void {
    clearInterval(this.#sweep)
  }

  get count(): number {
    return this.#count
  }

  /** The contacts of a user, the longest known first. */
  contactsOf(user: string, domain: string): Registration[] {
    return [...(this.#users.get(userKey(user, domain))?.values() ?? [])]
  }

  /** All, in the order of registering. */
  list(): Registration[] {
    return [...this.#users.values()].flatMap((contacts) => [...contacts.values()])
  }

  /** Adds or refreshes. `key` tells what counts as the same one: the contact, the Call-ID, or the user. */
  put(key: string, registration: Registration): 'new' | 'refreshed' {
    const present = this.#users.get(userKey(registration.user, registration.domain))?.get(key)
    if (present) this.#unlink(present)
    this.#insert(key, registration)
    const storeKey = `${userKey(registration.user, registration.domain)}\n${key}`
    const deadline = (registration.expires + this.#lateSeconds) * 1000
    this.#sw.options.store.put(this.#realm, storeKey, JSON.stringify(registration), deadline)
    return present ? 'refreshed' : 'new'
  }

  /** Removes one; false when it was not there. */
  remove(user: string, domain: string, key: string, why: RegistrationEnd): boolean {
    const contacts = this.#users.get(userKey(user, domain))
    const registration = contacts?.get(key)
    if (!contacts || !registration) return false
    this.#unlink(registration)
    contacts.delete(key)
    this.#count--
    if (contacts.size === 0) this.#users.delete(userKey(user, domain))
    this.#sw.options.store.delete(this.#realm, `${userKey(user, domain)}\n${key}`)
    this.onEnd?.(registration, why)
    return true
  }

  /** The contacts of a user with their keys. */
  keyed(user: string, domain: string): [key: string, registration: Registration][] {
    return [...(this.#users.get(userKey(user, domain)) ?? [])]
  }

  /** Removes every one that matches; returns how many. */
  flush(
    matches: (registration: Registration) => boolean,
    why: RegistrationEnd = 'flushed',
  ): number {
    let count = 0
    for (const contacts of [...this.#users.values()]) {
      for (const [key, registration] of [...contacts]) {
        if (!matches(registration)) continue
        if (this.remove(registration.user, registration.domain, key, why)) count++
      }
    }
    return count
  }

  #insert(storeKey: string, registration: Registration): void {
    const key = storeKey.slice(storeKey.indexOf('\n') + 1)
    const id = userKey(registration.user, registration.domain)
    const contacts = this.#users.get(id) ?? new Map<string, Registration>()
    this.#users.set(id, contacts)
    if (!contacts.has(key)) this.#count++
    contacts.set(key, registration)
    const second = registration.expires + this.#lateSeconds
    const bucket = this.#buckets.get(second) ?? new Set<Registration>()
    this.#buckets.set(second, bucket)
    bucket.add(registration)
  }

  #unlink(registration: Registration): void {
    const second = registration.expires + this.#lateSeconds
    const bucket = this.#buckets.get(second)
    bucket?.delete(registration)
    if (bucket?.size === 0) this.#buckets.delete(second)
  }

  #expire(): void {
    const now = Math.trunc(Date.now() / 1000)
    for (; this.#swept <= now; this.#swept++) {
      for (const registration of [...(this.#buckets.get(this.#swept) ?? [])]) {
        for (const [key, each] of this.keyed(registration.user, registration.domain)) {
          if (each === registration) this.remove(each.user, each.domain, key, 'expired')
        }
      }
      this.#buckets.delete(this.#swept)
    }
  }
}

function userKey(user: string, domain: string): string {
  return `${user}@${domain}`.toLowerCase()
}
