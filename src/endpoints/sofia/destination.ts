/** Where a `sofia/…` dial string leads: a URI, a registered phone, or a gateway; and why it leads nowhere. */
import { logger } from '../../base/log.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { OutgoingLeg } from '../../core/interfaces.ts'
import { unescapeUri } from '../../sip/uri.ts'
import { type GatewayRoute, routeByGateway } from './gateway-call.ts'
import type { Profile } from './profile.ts'
import { profileNamed } from './profiles.ts'

const log = logger('sofia/endpoint')

export interface Destination {
  readonly profile: Profile
  /** The Request-URI, as dialled: parameters for our own use (`fs_path`) still in it. */
  readonly uri: string
  /** What To names, without brackets. */
  readonly to: string
  /** How the channel is named after the profile: `1000@host`. */
  readonly label: string
  /** Through which account, where it goes through one. */
  readonly route: GatewayRoute | undefined
  /** `user@domain` of a registered phone. */
  readonly localUrl: string | undefined
}

/** Takes a destination apart. A cause when it cannot be dialled. */
export function readDestination(leg: OutgoingLeg): Destination | HangupCause {
  const caret = leg.destination.indexOf('^')
  const text = caret < 0 ? leg.destination : leg.destination.slice(0, caret)
  const to =
    leg.variables.get('sip_invite_to_uri') ?? (caret < 0 ? '' : leg.destination.slice(caret + 1))
  const slash = text.indexOf('/')
  if (slash < 0) {
    log.err(`sofia/${text}: a profile and a destination are needed`)
    return 'INVALID_URL'
  }
  const name = text.slice(0, slash)
  const rest = text.slice(slash + 1)
  if (name.toLowerCase() === 'gateway') return throughGateway(leg, rest, to)
  const profile = profileNamed(leg.sw, name)
  if (!profile) {
    log.err(`sofia/${text}: there is no profile ${name}`)
    return 'INVALID_PROFILE'
  }
  if (rest === '') return 'INVALID_URL'
  return directly(leg, profile, name, rest, to)
}

function directly(
  leg: OutgoingLeg,
  profile: Profile,
  name: string,
  rest: string,
  to: string,
): Destination | HangupCause {
  const prefix = leg.variables.get('sip_destination_prefix') ?? ''
  const scheme = /^sips?:/i.exec(rest)?.[0].toLowerCase()
  const plain = scheme ? rest.slice(scheme.length) : rest
  if (scheme || plain.includes('@')) {
    return make(profile, `${scheme ?? 'sip:'}${prefix}${plain}`, to, plain, undefined)
  }
  // `user%domain`, or a user of the domain that the profile's name stands for.
  const percent = plain.indexOf('%')
  const user = percent < 0 ? plain : plain.slice(0, percent)
  const domain = percent < 0 ? domainFor(profile, name) : plain.slice(percent + 1)
  const contacts = profile.registrations.contactsOf(user, domain)
  const contact = contacts.at(-1)
  if (!contact) {
    log.warning(`${user}@${domain} is not registered at profile ${profile.name}`)
    return 'USER_NOT_REGISTERED'
  }
  const made = make(profile, withPath(contact.uri, contact.path), to, user, undefined)
  return { ...made, localUrl: `${user}@${domain}` }
}

/** A contact behind NAT or on a connection is reached by its path. */
function withPath(uri: string, path: string | undefined): string {
  return path === undefined || uri.includes(';fs_path=')
    ? uri
    : `${uri};fs_path=${encodeURIComponent(path)}`
}

/** The domain of users that are dialled without one. */
function domainFor(profile: Profile, name: string): string {
  const forced =
    profile.values.text('force-register-db-domain') || profile.values.text('force-register-domain')
  if (name.toLowerCase() !== profile.name.toLowerCase() && profile.sw.directory.domain(name)) {
    return name
  }
  return forced || profile.sw.globals.get('domain') || profile.name
}

function make(
  profile: Profile,
  uri: string,
  to: string,
  label: string,
  route: GatewayRoute | undefined,
): Destination {
  const end = label.search(/[;?]/)
  return {
    profile,
    uri,
    to: toUri(to, uri, profile),
    label: end < 0 ? label : label.slice(0, end),
    route,
    localUrl: undefined,
  }
}

function toUri(to: string, uri: string, profile: Profile): string {
  if (to === '') return withoutOwnParameters(uri)
  if (/^sips?:/i.test(to)) return to
  if (to.includes('@')) return `sip:${to}`
  const host = /@([^;>?]+)/.exec(uri)?.[1] ?? profile.sipIp
  return `sip:${to}@${host}`
}

/** The URI without `fs_path`, `fs_nat` and whatever follows them: those are ours. */
export function withoutOwnParameters(uri: string): string {
  const at = uri.toLowerCase().indexOf(';fs_')
  return at < 0 ? uri : uri.slice(0, at)
}

/** The URI that `fs_path` names, where requests are really to be sent. */
export function pathOf(uri: string): string | undefined {
  const text = /;fs_path=([^;>]+)/i.exec(uri)?.[1]
  if (text === undefined) return undefined
  const path = unescapeUri(text).replace(/^<|>$/g, '')
  return /^sips?:/i.test(path) ? path : `sip:${path}`
}

function throughGateway(leg: OutgoingLeg, rest: string, to: string): Destination | HangupCause {
  const route = routeByGateway(leg.sw, rest, leg.originator?.variables)
  if (typeof route === 'string') {
    const why =
      route === 'INVALID_GATEWAY' ? 'there is no such gateway (see sofia status gateway)' : route
    log.err(`sofia/gateway/${rest}: ${why}`, leg.originator?.uuid)
    return route
  }
  const { account } = route.gateway
  const transport = /;transport=([a-z]+)/i.exec(route.uri)?.[1]?.toLowerCase()
  if (transport !== undefined && transport !== account.transport) {
    log.err(
      `gateway ${account.name} speaks ${account.transport}, not ${transport}`,
      leg.originator?.uuid,
    )
    return 'DESTINATION_OUT_OF_ORDER'
  }
  return make(route.profile, route.uri, to, rest.slice(rest.indexOf('/') + 1), route)
}
