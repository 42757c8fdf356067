/** Whom a text message is for: addresses that are ours mean users of ours, under whichever name the sender knows this server. */
import type { Switch } from '../../core/switch.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import type { Registration } from './registrations.ts'

/** Whether a host is this server: a domain of the directory, or what a profile is called or listens at. */
export function isLocalHost(sw: Switch, host: string): boolean {
  const name = host.toLowerCase()
  if (sw.directory.domain(name) || profileNamed(sw, name)) return true
  return profilesOf(sw).some(({ sipIp, externalSipIp }) => name === sipIp || name === externalSipIp)
}

/** The domain of users whom somebody names at a host. */
function domainAt(profile: Profile, host: string): string {
  const { sw, values } = profile
  if (sw.directory.domain(host) || !isLocalHost(sw, host)) return host
  const forced = values.text('force-register-db-domain') || values.text('force-register-domain')
  return forced || sw.globals.get('domain') || host
}

/** `user@domain`, as the directory and other protocols know him. */
export function chatAddress(profile: Profile, user: string, host: string): string {
  const domain = domainAt(profile, host)
  // A number may stand for a user (`number-alias`).
  return `${profile.sw.directory.user(user, domain)?.id ?? user}@${domain}`
}

/** A phone of somebody, and the profile that it is registered at. */
export interface ChatContact {
  readonly profile: Profile
  readonly registration: Registration
}

/** The phones of `user@domain`: those at the profile named first, else wherever there are any. */
export function chatContacts(
  sw: Switch,
  address: string,
  first: Profile | undefined = undefined,
): ChatContact[] {
  const [user, host] = splitAt(address)
  const phonesAt = (profile: Profile): ChatContact[] => {
    const known = chatAddress(profile, user, host || domainAt(profile, profile.sipIp))
    const [name, domain] = splitAt(known)
    return profile.registrations
      .contactsOf(name, domain)
      .map((registration) => ({ profile, registration }))
  }
  const own = first ? phonesAt(first) : []
  return own.length > 0 ? own : profilesOf(sw).flatMap(phonesAt)
}

function splitAt(address: string): [user: string, domain: string] {
  const at = address.lastIndexOf('@')
  return at < 0 ? [address, ''] : [address.slice(0, at), address.slice(at + 1)]
}
