/** Registrations as commands show and find them. */
import type { RegistrationRow } from '../../core/registration-row.ts'
import { localStamp } from '../../core/time/times.ts'
import { uriInDialString } from '../../core/untrusted.ts'
import type { Profile } from './profile.ts'
import { reachabilityOf } from './reachability.ts'
import type { Registration } from './registrations.ts'

/** The values of `sofia status profile X reg`, under the names of its text and XML forms. */
export interface ShownRegistration {
  readonly callId: string
  readonly user: string
  readonly contact: string
  readonly agent: string
  /** `Registered(UDP)(unknown) EXP(2026-01-31 12:00:00) EXPSECS(360)`, the words in capitals or not. */
  status(capitals: boolean): string
  readonly pingStatus: string
  /** Milliseconds with two decimals. */
  readonly pingTime: string
  readonly host: string
  readonly ip: string
  readonly port: string
  readonly authUser: string
  readonly authRealm: string
  readonly mwiAccount: string
}

export function shown(profile: Profile, registration: Registration): ShownRegistration {
  const reach = reachabilityOf(registration)
  const expires = registration.expires + profile.registrations.lateSeconds
  const seconds = expires - Math.trunc(Date.now() / 1000)
  return {
    callId: registration.callId,
    user: `${registration.user}@${registration.domain}`,
    contact: registration.contact,
    agent: registration.userAgent,
    status(capitals) {
      const [exp, secs] = capitals ? ['EXP', 'EXPSECS'] : ['exp', 'expsecs']
      return `${registration.status}(unknown) ${exp}(${localStamp(expires * 1000)}) ${secs}(${seconds})`
    },
    pingStatus: reach.isReachable ? 'Reachable' : 'Unreachable',
    pingTime: (reach.micros / 1000).toFixed(2),
    host: profile.sw.globals.get('switchname') ?? '',
    ip: registration.networkIp,
    port: String(registration.networkPort),
    authUser: registration.authUser,
    authRealm: registration.authRealm,
    mwiAccount: registration.mwiAccount,
  }
}

/** Those that `reg [<text in the contact>]`, `user [<user>@]<domain>` and `pres <host>` ask for; undefined: none of these words. */
export function selected(
  profile: Profile,
  word: string | undefined,
  text: string | undefined,
): Registration[] | undefined {
  const all = profile.registrations.list()
  switch (word?.toLowerCase()) {
    case 'reg':
      return text === undefined ? all : all.filter((each) => each.contact.includes(text))
    case 'pres':
      if (text === undefined) return undefined
      return profile.values.text('presence-hosts').includes(text) ? all : []
    case 'user':
      return text === undefined ? undefined : all.filter(accountFilter(text))
    default:
      return undefined
  }
}

/** Whether a registration is one of `user@domain`, of every user of `domain`, or of `user@` in every domain. */
function accountFilter(text: string): (registration: Registration) => boolean {
  const at = text.indexOf('@')
  const user = at < 0 ? '' : text.slice(0, at)
  const domain = text.slice(at + 1)
  return (each) => (user === '' || each.user === user) && (domain === '' || each.domain === domain)
}

/** The same by Call-ID too: what `flush_inbound_reg` and `check_sync` take. */
export function callIdOrAccount(text: string): (registration: Registration) => boolean {
  const byAccount = accountFilter(text)
  const isAccount = text.slice(text.indexOf('@') + 1) !== ''
  return (each) => each.callId === text || (isAccount && byAccount(each))
}

/** The dial string that reaches a registration. */
export function dialString(profile: Profile, registration: Registration): string {
  const { uri } = registration
  return `sofia/${profile.name}/sip:${uriInDialString(uri.slice(uri.indexOf(':') + 1))}`
}

/** For `show registrations` and `reg_url`. */
export function registrationRow(profile: Profile, registration: Registration): RegistrationRow {
  return {
    user: registration.user,
    realm: registration.domain,
    token: registration.callId,
    url: dialString(profile, registration),
    expires: registration.expires + profile.registrations.lateSeconds,
    networkIp: registration.networkIp,
    networkPort: String(registration.networkPort),
    networkProto: registration.protocol,
    metadata: '',
  }
}
