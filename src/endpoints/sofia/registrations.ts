/** Where phones are now: the contacts that registered at a profile, kept in the store so that a restart loses none. */
import { logger } from '../../base/log.ts'
import type { Switch } from '../../core/switch.ts'
import type { Flow } from '../../sip/flow.ts'
import { flatText } from '../../sip/text.ts'
import { isWebSocket } from './websocket.ts'

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
  /** Where requests to it go first: `sip:user@ip:port` behind NAT, `<sip:proxy;lr>` behind a proxy (RFC 3327). */
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

/** One contact with what it is kept by. */
interface Entry {
  /** What makes it the same one: `user@domain`, a newline, and the contact, Call-ID or nothing. */
  readonly key: string
  registration: Registration
}

export class Registrations {
  readonly #sw: Switch
  readonly #realm: string
  /** By user in lower case, in the order of registering; a user of several domains has them all here. */
  readonly #users = new Map<string, Entry[]>()
  /** By the second they are forgotten. */
  readonly #buckets = new Map<number, Set<Entry>>()
  #sweep: NodeJS.Timeout | undefined
  /** Seconds that one outlives its time (`sip-expires-late-margin`). */
  readonly lateSeconds: number
  /** Told of each that ends. */
  onEnd: ((registration: Registration, why: RegistrationEnd) => void) | undefined
  #swept: number
  #count = 0

  /** Reads what the store kept. */
  constructor(sw: Switch, profileName: string, lateSeconds: number) {
    this.#sw = sw
    this.#realm = `sofia.registrations.${profileName}`
    this.lateSeconds = lateSeconds
    this.#swept = Math.trunc(Date.now() / 1000)
    for (const [key, value] of sw.options.store.list(this.#realm)) {
      try {
        const registration = JSON.parse(value) as Registration
        // The connection by which a browser was reached ended with the server.
        if (isWebSocket(registration.protocol)) sw.options.store.delete(this.#realm, key)
        else this.#insert({ key, registration })
      } catch {
        log.warning(`${this.#realm}: ${key} cannot be read; forgotten`)
        sw.options.store.delete(this.#realm, key)
      }
    }
    if (this.#count > 0) log.notice(`${profileName}: ${this.#count} registrations kept from before`)
  }

  /** Begins to look, once a second, for those whose time is up. */
  start(): void {
    this.#sweep = setInterval(() => this.expire(Math.trunc(Date.now() / 1000)), 1000)
    this.#sweep.unref()
  }

  stop(): void {
    clearInterval(this.#sweep)
  }

  get count(): number {
    return this.#count
  }

  /** The contacts of a user in every domain, the longest known first. Users compare without case. */
  ofUser(user: string): Registration[] {
    return (this.#users.get(user.toLowerCase()) ?? []).map((entry) => entry.registration)
  }

  /** The contacts of a user, the longest known first. User and domain compare without case. */
  contactsOf(user: string, domain: string): Registration[] {
    const wanted = domain.toLowerCase()
    return this.ofUser(user).filter((each) => isDomain(each, wanted))
  }

  /** All, user by user in the order of registering. */
  list(): Registration[] {
    const all: Registration[] = []
    for (const entries of this.#users.values())
      for (const entry of entries) all.push(entry.registration)
    return all
  }

  /** Adds or refreshes. `key` tells what counts as the same one: the contact, the Call-ID, or '' for one a user. */
  put(key: string, registration: Registration): 'new' | 'refreshed' {
    const storeKey = flatText(storeKeyOf(registration.user, registration.domain, key))
    const present = this.#find(registration.user, storeKey)
    if (present) {
      this.#unlink(present)
      present.registration = registration
      this.#link(present)
    } else this.#insert({ key: storeKey, registration })
    const deadline = (registration.expires + this.lateSeconds) * 1000
    this.#sw.options.store.put(this.#realm, storeKey, JSON.stringify(registration), deadline)
    return present ? 'refreshed' : 'new'
  }

  /** The one that `put` with this key made. */
  get(user: string, domain: string, key: string): Registration | undefined {
    return this.#find(user, storeKeyOf(user, domain, key))?.registration
  }

  /** Whether it is still the one that is kept: not refreshed, moved or removed since. */
  has(registration: Registration): boolean {
    return this.#entryOf(registration) !== undefined
  }

  /** Removes one that is kept; false when it is not, or no more. */
  remove(registration: Registration, why: RegistrationEnd): boolean {
    const entry = this.#entryOf(registration)
    if (!entry) return false
    this.#remove(entry, why)
    return true
  }

  /** Removes every one that matches and returns them. */
  flush(
    matches: (registration: Registration) => boolean,
    why: RegistrationEnd = 'flushed',
  ): Registration[] {
    const gone = this.list().filter(matches)
    for (const registration of gone) this.remove(registration, why)
    return gone
  }

  /** Forgets those whose time was up at `now` (seconds since the epoch). */
  expire(now: number): void {
    for (; this.#swept <= now; this.#swept++) {
      for (const entry of [...(this.#buckets.get(this.#swept) ?? [])])
        this.#remove(entry, 'expired')
    }
  }

  #find(user: string, storeKey: string): Entry | undefined {
    return this.#users.get(user.toLowerCase())?.find((entry) => entry.key === storeKey)
  }

  #entryOf(registration: Registration): Entry | undefined {
    const entries = this.#users.get(registration.user.toLowerCase())
    return entries?.find((entry) => entry.registration === registration)
  }

  #insert(entry: Entry): void {
    const user = entry.registration.user.toLowerCase()
    const entries = this.#users.get(user)
    if (entries) entries.push(entry)
    else this.#users.set(user, [entry])
    this.#count++
    this.#link(entry)
  }

  #remove(entry: Entry, why: RegistrationEnd): void {
    const { registration } = entry
    const user = registration.user.toLowerCase()
    const left = (this.#users.get(user) ?? []).filter((each) => each !== entry)
    if (left.length > 0) this.#users.set(user, left)
    else this.#users.delete(user)
    this.#unlink(entry)
    this.#count--
    this.#sw.options.store.delete(this.#realm, entry.key)
    this.onEnd?.(registration, why)
  }

  #secondOf(entry: Entry): number {
    // One that ran out while the switch was down is forgotten in the next sweep.
    return Math.max(this.#swept, entry.registration.expires + this.lateSeconds)
  }

  #link(entry: Entry): void {
    const second = this.#secondOf(entry)
    const bucket = this.#buckets.get(second)
    if (bucket) bucket.add(entry)
    else this.#buckets.set(second, new Set([entry]))
  }

  #unlink(entry: Entry): void {
    const second = this.#secondOf(entry)
    const bucket = this.#buckets.get(second)
    bucket?.delete(entry)
    if (bucket?.size === 0) this.#buckets.delete(second)
  }
}

function isDomain(registration: Registration, lowerDomain: string): boolean {
  return registration.domain === lowerDomain || registration.domain.toLowerCase() === lowerDomain
}

function storeKeyOf(user: string, domain: string, key: string): string {
  return `${user}@${domain}`.toLowerCase().concat('\n', key)
}
