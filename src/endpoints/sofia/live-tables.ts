/** What operators see of SIP while it changes: the live tables `registrations` and `gateways`. */
import type { LiveEntry, LiveFields, LiveSource } from '../../core/live-tables.ts'
import type { Switch } from '../../core/switch.ts'
import type { Gateway } from './gateway.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import { reachabilityOf } from './reachability.ts'
import type { Registration } from './registrations.ts'

/** Thousands of phones refresh all the time. */
const registrationsEveryMs = 1000

/** A row is a user at a profile: `internal 1000@example.com`. */
const keyOf = (profile: string, user: string, domain: string) =>
  `${profile} ${user}@${domain.toLowerCase()}`

function registrationFields(profile: Profile, all: readonly Registration[]): LiveFields {
  return {
    user: `${all[0]?.user ?? ''}@${all[0]?.domain ?? ''}`,
    profile: profile.name,
    phones: all.map((one) => ({
      address: `${one.networkIp}:${one.networkPort}`,
      protocol: one.protocol,
      agent: one.userAgent,
      status: one.status,
      isReachable: reachabilityOf(one).isReachable,
      /** Seconds since the epoch. */
      expires: one.expires,
    })),
  }
}

function registrations(sw: Switch): LiveSource {
  return {
    name: 'registrations',
    everyMs: registrationsEveryMs,
    *rows(): Iterable<LiveEntry> {
      for (const profile of profilesOf(sw)) {
        const byUser = new Map<string, Registration[]>()
        for (const one of profile.registrations.list()) {
          const key = keyOf(profile.name, one.user, one.domain)
          const found = byUser.get(key)
          if (found) found.push(one)
          else byUser.set(key, [one])
        }
        for (const [key, all] of byUser) yield [key, registrationFields(profile, all)]
      }
    },
    row(key) {
      const [, name = '', user = '', domain = ''] = /^(\S+) (.*)@([^@]*)$/.exec(key) ?? []
      const profile = profileNamed(sw, name)
      const all = profile?.registrations.contactsOf(user, domain) ?? []
      return profile && all.length > 0 ? registrationFields(profile, all) : undefined
    },
    listen(touch) {
      return sw.events.attach({
        name: 'live registrations',
        wants: (name, subclass) =>
          name === 'CUSTOM' &&
          /^sofia::(register|unregister|expire|sip_user_state|profile_start)$/.test(subclass ?? ''),
        receive(event) {
          const profile = event.get('profile-name')
          const user = event.get('from-user') ?? event.get('user')
          const domain = event.get('from-host') ?? event.get('host')
          if (event.subclass === 'sofia::profile_start' || !profile || !user || !domain) touch()
          else touch(keyOf(profile, user, domain))
        },
      })
    },
  }
}

function gatewayFields(profile: Profile, gateway: Gateway): LiveFields {
  return {
    name: gateway.name,
    profile: profile.name,
    state: gateway.state,
    isUp: gateway.isUp,
    to: (gateway.account.proxy || gateway.account.realm).replace(/^sips?:/, ''),
    user: gateway.account.username,
    /** ms; 0: not measured. */
    ping: Math.round(gateway.ping.milliseconds),
    callsIn: gateway.callsIn,
    callsOut: gateway.callsOut,
    failed: gateway.failedCallsIn + gateway.failedCallsOut,
  }
}

function gateways(sw: Switch): LiveSource {
  return {
    name: 'gateways',
    everyMs: 500,
    *rows(): Iterable<LiveEntry> {
      for (const profile of profilesOf(sw))
        for (const gateway of profile.gateways.values())
          yield [`${profile.name} ${gateway.name}`, gatewayFields(profile, gateway)]
    },
    listen(touch) {
      return sw.events.attach({
        name: 'live gateways',
        // Calls count there, too.
        wants: (name, subclass) =>
          name === 'CHANNEL_CREATE' ||
          name === 'CHANNEL_DESTROY' ||
          (name === 'CUSTOM' && /^sofia::(gateway_|profile_start)/.test(subclass ?? '')),
        receive: () => touch(),
      })
    },
  }
}

/** Shows both until disposed. */
export function showSofiaLive(sw: Switch): Disposable {
  const handles = [sw.liveTables.add(registrations(sw)), sw.liveTables.add(gateways(sw))]
  return {
    [Symbol.dispose]() {
      for (const handle of handles) handle[Symbol.dispose]()
    },
  }
}
