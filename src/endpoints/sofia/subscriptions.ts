/**
 * Subscriptions that phones have made at a profile (RFC 6665, the notifier's side): made, refreshed, ended by either side or by
 * time. What is told is a matter of the event package; see event-packages.ts.
 */
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { Dialog } from '../../sip/dialog.ts'
import type { HeaderLine, SipResponse } from '../../sip/message.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { authenticate } from './authenticate.ts'
import { grantedExpiry, leastSeconds } from './granted-expiry.ts'
import { headerSets } from './headers.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/subscriptions')

/** ms that the end of a profile waits for phones to take their last NOTIFY. */
const patience = 300
/** Subscriptions of one user to the events of one package. */
const mostOfOne = 32

export const subscriptionCounters = { refused: 0, lost: 0 }

/** What can be subscribed to. */
export interface EventPackage {
  readonly name: string
  /** Of the bodies that are sent. */
  readonly contentType: string
  /** Stands behind our Contact. */
  readonly contactParameter?: string
  /** Somebody subscribed or refreshed: he is to be told at once how things are (`notify`). */
  tell(subscription: Subscription): void
}

/** Why one ends, as Subscription-State says it (RFC 6665 §4.1.3). */
export type SubscriptionEnd = 'timeout' | 'deactivated' | 'noresource'

export class Subscription {
  readonly profile: Profile
  readonly eventPackage: EventPackage
  /** Whose state is wanted. */
  readonly user: string
  readonly domain: string
  readonly callId: string
  readonly #dialog: Dialog
  /** As the phone wrote it: its `id` comes back with every NOTIFY. */
  readonly #event: string
  readonly #contact: string
  readonly #onEnd: () => void
  #expiresAt = 0
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  /** One NOTIFY at a time, so that none overtakes another; the last state that waits, where one does. */
  #isSending = false
  #waiting: string | undefined
  #last = ''

  constructor(
    profile: Profile,
    eventPackage: EventPackage,
    parts: { user: string; domain: string; event: string; contact: string; dialog: Dialog },
    onEnd: () => void,
  ) {
    this.profile = profile
    this.eventPackage = eventPackage
    this.user = parts.user
    this.domain = parts.domain
    this.callId = parts.dialog.callId
    this.#event = parts.event
    this.#contact = parts.contact
    this.#dialog = parts.dialog
    this.#onEnd = onEnd
    parts.dialog.owner = { dialogRequest: (transaction) => this.#receive(transaction) }
  }

  /** Seconds it has left. */
  get secondsLeft(): number {
    return Math.max(0, Math.round((this.#expiresAt - Date.now()) / 1000))
  }

  extend(seconds: number): void {
    this.#expiresAt = Date.now() + seconds * 1000
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.end('timeout'), seconds * 1000)
    this.#timer.unref()
  }

  /** Tells the state; while a NOTIFY is under way the newest waits and older ones are left out. */
  notify(body: string): void {
    if (this.#isOver) return
    this.#last = body
    if (this.#isSending) this.#waiting = body
    else this.#send(body, `active;expires=${this.secondsLeft}`)
  }

  /** Ends it and tells the phone so; resolves when that has answered, or did not. */
  end(why: SubscriptionEnd): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    const told = new Promise<void>((resolve) => {
      this.#send(this.#last, `terminated;reason=${why}`, resolve)
    })
    this.#forget()
    return told
  }

  #send(body: string, state: string, done?: () => void): void {
    const [agent, allow, supported, allowEvents] = headerSets(this.profile).events
    const headers: HeaderLine[] = [['Contact', this.#contact]]
    for (const header of [agent, allow, supported]) if (header) headers.push(header)
    headers.push(['Event', this.#event])
    if (allowEvents) headers.push(allowEvents)
    headers.push(['Subscription-State', state])
    if (body !== '') headers.push(['Content-Type', this.eventPackage.contentType])
    this.#isSending = true
    const request = this.#dialog.createRequest('NOTIFY', headers, body)
    const final = (response: SipResponse) => {
      this.#answered(response)
      done?.()
    }
    this.#dialog.send(request, { final })
  }

  #answered(response: SipResponse): void {
    this.#isSending = false
    if (this.#isOver) return
    // §4.2.2: what says that there is nobody any more; a phone that is busy (5xx) stays.
    const { status } = response
    if ((status >= 400 && status < 500) || status === 501 || status >= 600) {
      subscriptionCounters.lost++
      log.info(`${this.user}@${this.domain}: the subscriber answers ${status}: forgotten`)
      return this.#forget()
    }
    const body = this.#waiting
    this.#waiting = undefined
    if (body !== undefined) this.notify(body)
  }

  #forget(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#dialog.terminate()
    this.#onEnd()
  }

  /** A request in the dialog: a refresh, or the end. */
  #receive(transaction: ServerTransaction): void {
    const { profile } = this
    if (transaction.request.method !== 'SUBSCRIBE') return refuse(profile, transaction, 405)
    if (!isKnown(profile, transaction)) return
    const seconds = secondsOf(profile, transaction)
    if (seconds === undefined) return
    accept(profile, transaction, this.#contact, seconds)
    if (seconds === 0) return void this.end('timeout')
    this.extend(seconds)
    this.eventPackage.tell(this)
  }
}

export class Subscriptions {
  readonly #profile: Profile
  readonly #all = new Set<Subscription>()

  constructor(profile: Profile) {
    this.#profile = profile
  }

  get count(): number {
    return this.#all.size
  }

  /** Those of one package to one user. */
  of(eventPackage: EventPackage, user: string, domain: string): Subscription[] {
    const [name, host] = [user.toLowerCase(), domain.toLowerCase()]
    return [...this.#all].filter(
      (each) =>
        each.eventPackage === eventPackage &&
        each.user.toLowerCase() === name &&
        each.domain.toLowerCase() === host,
    )
  }

  /** All of one package. */
  allOf(eventPackage: EventPackage): Subscription[] {
    return [...this.#all].filter((each) => each.eventPackage === eventPackage)
  }

  /** Takes a SUBSCRIBE outside of any dialog; always answers it. */
  receive(transaction: ServerTransaction, packages: readonly EventPackage[]): void {
    const { request } = transaction
    const profile = this.#profile
    if (!isKnown(profile, transaction)) return
    const event = request.get('Event')?.trim() ?? ''
    const name = event.split(';', 1)[0]?.trim().toLowerCase()
    const eventPackage = packages.find((each) => each.name === name)
    // §4.4.2 (RFC 6665 §8.2.1): a package that nobody serves.
    if (!eventPackage) return refuse(profile, transaction, 489)
    const seconds = secondsOf(profile, transaction)
    if (seconds === undefined) return
    if (!request.contact) return refuse(profile, transaction, 400)
    const user = request.to.uri.userName
    const domain = profile.values.text('force-subscription-domain') || request.to.uri.hostAddress
    if (this.of(eventPackage, user, domain).length >= mostOfOne) {
      log.warning(`${user}@${domain} has ${mostOfOne} subscribers to ${name} already`)
      return refuse(profile, transaction, 403)
    }
    const contact = contactOf(profile, transaction, user) + (eventPackage.contactParameter ?? '')
    accept(profile, transaction, contact, seconds)
    const dialog = profile.agent.answeringDialog(transaction, 'confirmed')
    const parts = { user, domain, event, contact, dialog }
    const subscription = new Subscription(profile, eventPackage, parts, () =>
      this.#all.delete(subscription),
    )
    this.#all.add(subscription)
    // Nothing but a look at how things are (§4.4.3): told, and over.
    subscription.extend(seconds)
    eventPackage.tell(subscription)
    if (seconds === 0) setImmediate(() => void subscription.end('timeout'))
  }

  /** The profile stops: whoever subscribed may do so again, elsewhere or later. Waits a moment until they have heard it. */
  async stop(): Promise<void> {
    if (this.#all.size === 0) return
    const told = Promise.all([...this.#all].map((subscription) => subscription.end('deactivated')))
    const limit = new AbortController()
    await Promise.race([told, delay(patience, limit.signal)])
    limit.abort()
  }
}

function refuse(
  profile: Profile,
  transaction: ServerTransaction,
  status: number,
  headers: readonly HeaderLine[] = [],
): void {
  subscriptionCounters.refused++
  transaction.respond(status, { headers: [...headerSets(profile).full, ...headers] })
}

/** Whether the profile asks nobody, or the sender is a user; if not, the request has its answer. */
function isKnown(profile: Profile, transaction: ServerTransaction): boolean {
  if (!profile.values.boolean('auth-subscriptions')) return true
  return authenticate(profile, transaction, 'proxy').outcome === 'user'
}

/** The time that is granted; undefined when so little was asked for that the request was refused (§4.2.1.1). */
function secondsOf(profile: Profile, transaction: ServerTransaction): number | undefined {
  const seconds = grantedExpiry(transaction.request)
  if (seconds !== 'too brief') return seconds
  refuse(profile, transaction, 423, [['Min-Expires', String(leastSeconds)]])
  return undefined
}

function contactOf(profile: Profile, transaction: ServerTransaction, user: string): string {
  const protocol = transaction.request.flow?.protocol ?? 'udp'
  return `<sip:${user === '' ? '' : `${user}@`}${profile.hostPort}${protocol === 'udp' ? '' : `;transport=${protocol}`}>`
}

function accept(
  profile: Profile,
  transaction: ServerTransaction,
  contact: string,
  seconds: number,
): void {
  const state = seconds === 0 ? 'terminated;reason=timeout' : `active;expires=${seconds}`
  transaction.respond(202, {
    headers: [
      ['Contact', contact],
      ['Expires', String(seconds)],
      ...headerSets(profile).events,
      ['Subscription-State', state],
    ],
  })
}
