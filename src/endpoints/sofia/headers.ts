/** The headers that every message of a profile carries, in the order that phones are used to. */
import type { Values } from '../../core/settings.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { Profile } from './profile.ts'

/** What the endpoint can do; the same words in every message. */
const allow =
  'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, INFO, UPDATE, REGISTER, REFER, NOTIFY, PUBLISH, SUBSCRIBE'
const allowEvents =
  'talk, hold, conference, presence, as-feature-event, dialog, line-seize, call-info, sla, include-session-description, presence.winfo, message-summary, refer'

/** The lists a profile's messages begin with; made once for each profile. */
export interface HeaderSets {
  /** `User-Agent`. */
  readonly agent: readonly HeaderLine[]
  /** Answers to requests inside a call, and such requests: `User-Agent, Allow, Supported`. */
  readonly brief: readonly HeaderLine[]
  /** Requests and answers that speak of events: `User-Agent, Allow, Supported, Allow-Events`. */
  readonly events: readonly HeaderLine[]
  /** Answers to an INVITE or OPTIONS: with `Accept`. */
  readonly full: readonly HeaderLine[]
  readonly supported: string
}

/** By the profile's settings, which a rescan replaces. */
const sets = new WeakMap<Values, HeaderSets>()

export function headerSets(profile: Profile): HeaderSets {
  const present = sets.get(profile.values)
  if (present) return present
  const isReliable = profile.values.boolean('enable-100rel')
  const hasTimer = profile.values.boolean('enable-timer')
  const supported = [hasTimer && 'timer', isReliable && '100rel', 'path', 'replaces']
    .filter((word) => word !== false)
    .join(', ')
  const agent: HeaderLine = ['User-Agent', profile.userAgent]
  const allowed: HeaderLine = ['Allow', allow]
  const supports: HeaderLine = ['Supported', supported]
  const events: HeaderLine = ['Allow-Events', allowEvents]
  const accept: HeaderLine = ['Accept', 'application/sdp']
  const made: HeaderSets = {
    agent: [agent],
    brief: [agent, allowed, supports],
    events: [agent, allowed, supports, events],
    full: [agent, accept, allowed, supports, events],
    supported,
  }
  sets.set(profile.values, made)
  return made
}

/** `<sip:user@address:port;transport=udp>`: a Contact of ours. */
export function contactText(profile: Profile, user: string, protocol: string): string {
  return `<${profile.urlFor(protocol, user)};transport=${protocol}>`
}

/** The headers of an answer outside a call, by the method it answers. */
export function answerHeaders(profile: Profile, method: string): readonly HeaderLine[] {
  const made = headerSets(profile)
  return method === 'INVITE' || method === 'OPTIONS' ? made.full : made.brief
}

/** Content-Type, Content-Disposition and where Content-Length stands: custom headers come after it. */
export function bodyHeaders(body: string): HeaderLine[] {
  if (body === '') return [['Content-Length', '0']]
  return [
    ['Content-Type', 'application/sdp'],
    ['Content-Disposition', 'session'],
    ['Content-Length', '0'],
  ]
}
