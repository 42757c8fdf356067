/**
 * How users are: what their phones publish, whether they are registered and in a call. Watchers (SUBSCRIBE with Event: presence,
 * RFC 3856) get a NOTIFY whenever that changes; programs get PRESENCE_IN of what is published.
 */
import type { EventName, EventSink } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'
import { chatAddress, chatContacts } from './chat-address.ts'
import { type Presence, pidfOf, pidfType } from './pidf.ts'
import type { Profile } from './profile.ts'
import { profilesOf } from './profiles.ts'
import type { Published } from './publications.ts'
import type { EventPackage, Subscription } from './subscriptions.ts'

export const presenceCounters = { notified: 0 }

export const presencePackage: EventPackage = {
  name: 'presence',
  contentType: pidfType,
  tell: (subscription) => tell(subscription, talking(subscription.profile.sw), true),
}

/** What a watcher was told last: the same again is no news. */
const told = new WeakMap<Subscription, string>()

function tell(subscription: Subscription, busy: ReadonlySet<string>, isAsked = false): void {
  const { user, domain, profile } = subscription
  const address = chatAddress(profile, user, domain)
  const body = pidfOf(address, presenceOf(profile.sw, address, busy))
  if (!isAsked && told.get(subscription) === body) return
  told.set(subscription, body)
  presenceCounters.notified++
  subscription.notify(body)
}

/** What the phone of a user at any profile said last. */
export function publishedBy(sw: Switch, address: string): Published | undefined {
  for (const profile of profilesOf(sw)) {
    const state = profile.publications.state(address)
    if (state) return state
  }
  return undefined
}

/** Who is in a call. */
function talking(sw: Switch): ReadonlySet<string> {
  const channels = sw.channels.list().filter(({ isUp }) => isUp)
  return new Set(channels.map((channel) => channel.text('presence_id')?.toLowerCase() ?? ''))
}

function presenceOf(sw: Switch, address: string, busy: ReadonlySet<string>): Presence {
  const said = publishedBy(sw, address)
  if (busy.has(address.toLowerCase()))
    return { isOpen: true, note: 'On The Phone', activity: 'on-the-phone' }
  if (said) return said
  const isThere = chatContacts(sw, address).length > 0
  return { isOpen: isThere, note: isThere ? 'Available' : 'Unregistered', activity: '' }
}

/** A phone has published, or what it published is over. */
export function presenceChanged(profile: Profile, address: string): void {
  const state = profile.publications.state(address)
  profile.sw.events.announce('PRESENCE_IN', (event) => {
    event.add('proto', 'sip')
    event.add('rpid', state?.isOpen === false ? 'Unregistered' : (state?.activity ?? 'unknown'))
    event.add('login', profile.url)
    event.add('sip_profile', profile.name)
    if (state?.userAgent) event.add('user-agent', state.userAgent)
    event.add('from', address)
    event.add('status', state?.isOpen === false || !state ? 'Unregistered' : wordsOf(state))
    event.add('event_type', 'presence')
  })
  tellWatchers(profile.sw)
}

function wordsOf({ note }: Presence): string {
  return note === '' ? 'Available' : note
}

/** Whoever watches somebody who is in another way than he was told. */
function tellWatchers(sw: Switch): void {
  const busy = talking(sw)
  for (const profile of profilesOf(sw))
    for (const subscription of profile.subscriptions.allOf(presencePackage))
      tell(subscription, busy)
}

const registering = /^sofia::(register|unregister|expire)$/

/** Tells watchers of registrations and calls. Nobody watches, as a rule. */
export class PresenceWatch implements EventSink {
  readonly name = 'sofia-presence'
  readonly #sw: Switch
  #isDue = false

  constructor(sw: Switch) {
    this.#sw = sw
  }

  wants(name: EventName, subclass: string | undefined): boolean {
    const isOne =
      name === 'CHANNEL_CALLSTATE' ||
      name === 'CHANNEL_DESTROY' ||
      (name === 'CUSTOM' && subclass !== undefined && registering.test(subclass))
    return isOne && profilesOf(this.#sw).some(({ subscriptions }) => subscriptions.count > 0)
  }

  receive(): void {
    // How things are is looked at when whoever announced this has done his work.
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      tellWatchers(this.#sw)
    })
  }
}
