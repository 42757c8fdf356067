/** The events that tell of registrations: sofia::pre_register, register_attempt, register, register_failure, unregister, expire. */
import { logger } from '../../base/log.ts'
import type { DirectoryUser } from '../../core/directory.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { SipRequest } from '../../sip/message.ts'
import type { AuthResult } from './authenticate.ts'
import type { Profile } from './profile.ts'
import type { Registration, RegistrationEnd } from './registrations.ts'

const log = logger('sofia/registrar')

export class RegisterReport {
  readonly #profile: Profile
  readonly #request: SipRequest
  #username = ''
  #realm = ''

  constructor(profile: Profile, request: SipRequest) {
    this.#profile = profile
    this.#request = request
  }

  /** How the credentials were found. */
  judged(result: AuthResult, username: string, realm: string): void {
    this.#username = username
    this.#realm = realm
    if (result !== 'CHALLENGE') {
      this.#announce('sofia::register_attempt', (event) => {
        this.#addRequest(event)
        this.#addCredentials(event)
        event.add('auth-result', result)
      })
    }
    if (result === 'CHALLENGE' || result === 'STALE') {
      this.#announce('sofia::pre_register', (event) => {
        this.#addRequest(event)
        event.add('user-agent', this.#userAgent())
      })
    }
    if (result === 'FORBIDDEN') this.#failed()
  }

  registered(
    registration: Registration,
    seconds: number,
    user: DirectoryUser | undefined,
    isRefresh: boolean,
  ): void {
    if (!isRefresh) {
      log.info(
        `${registration.user}@${registration.domain} registered from ${registration.networkIp}:${registration.networkPort} (${registration.userAgent}) for ${seconds} s`,
      )
    }
    this.#announce('sofia::register', (event) => {
      event.add('profile-name', this.#profile.name)
      event.add('from-user', registration.user)
      event.add('from-host', registration.domain)
      event.add(
        'presence-hosts',
        this.#profile.values.text('presence-hosts') || registration.domain,
      )
      event.add('contact', registration.contact)
      event.add('call-id', registration.callId)
      event.add('rpid', 'unknown')
      event.add('status', registration.status)
      event.add('expires', String(seconds))
      event.add('to-user', registration.user)
      event.add('to-host', this.#request.to.uri.hostAddress)
      event.add('network-ip', registration.networkIp)
      event.add('network-port', String(registration.networkPort))
      this.#addCredentials(event)
      if (isRefresh) event.add('update-reg', 'true')
      addUser(event, user, this.#username, this.#realm)
    })
  }

  unregistered(registration: Registration, user: DirectoryUser | undefined): void {
    log.info(`${registration.user}@${registration.domain} unregistered`)
    this.#announce('sofia::unregister', (event) => {
      event.add('profile-name', this.#profile.name)
      event.add('username', registration.authUser)
      event.add('from-user', registration.user)
      event.add('from-host', registration.domain)
      event.add('contact', registration.contact)
      event.add('call-id', registration.callId)
      event.add('rpid', 'unknown')
      event.add('realm', registration.authRealm)
      event.add('network-ip', registration.networkIp)
      event.add('network-port', String(registration.networkPort))
      event.add('user-agent', registration.userAgent)
      event.add('expires', '0')
      addUser(event, user, this.#username, this.#realm)
    })
  }

  #failed(): void {
    this.#announce('sofia::register_failure', (event) => {
      event.add('profile-name', this.#profile.name)
      event.add('registration-type', 'REGISTER')
      event.add('to-user', this.#request.to.uri.userName)
      event.add('to-host', this.#request.to.uri.hostAddress)
      event.add('network-ip', this.#request.flow?.remoteAddress ?? '')
      event.add('network-port', String(this.#request.flow?.remotePort ?? 0))
      event.add('user-agent', this.#userAgent())
      this.#addCredentials(event, false)
    })
  }

  #addRequest(event: SwitchEvent): void {
    const { from, to, flow } = this.#request
    event.add('profile-name', this.#profile.name)
    event.add('from-user', from.uri.userName)
    event.add('from-host', from.uri.hostAddress)
    event.add('contact', contactText(this.#request))
    event.add('call-id', this.#request.callId)
    event.add('rpid', 'unknown')
    event.add('status', `Registered(${(flow?.protocol ?? 'udp').toUpperCase()})`)
    event.add('expires', this.#request.get('Expires') ?? '3600')
    event.add('to-user', to.uri.userName)
    event.add('to-host', to.uri.hostAddress)
    event.add('network-ip', flow?.remoteAddress ?? '')
    event.add('network-port', String(flow?.remotePort ?? 0))
  }

  #addCredentials(event: SwitchEvent, withAgent = true): void {
    event.add('username', this.#username)
    event.add('realm', this.#realm)
    if (withAgent) event.add('user-agent', this.#userAgent())
  }

  #userAgent(): string {
    return this.#request.get('User-Agent') ?? 'unknown'
  }

  #announce(subclass: string, fill: (event: SwitchEvent) => void): void {
    this.#profile.sw.events.announce('CUSTOM', fill, subclass)
  }
}

function contactText(request: SipRequest): string {
  try {
    const contact = request.contacts[0]
    return contact ? `"${contact.display}" <${contact.uri.toString()}>` : ''
  } catch {
    return request.get('Contact') ?? ''
  }
}

function addUser(
  event: SwitchEvent,
  user: DirectoryUser | undefined,
  username: string,
  realm: string,
): void {
  if (!user) return
  const alias = user.attributes.get('number-alias') ?? user.id
  event.add('sip_number_alias', alias)
  event.add('sip_auth_username', username)
  event.add('sip_auth_realm', realm)
  event.add('number_alias', alias)
  event.add('user_name', user.id)
  event.add('domain_name', user.domain)
  for (const name of variableNames(user)) event.add(name, user.variables.get(name) ?? '')
}

/** The names of a user's variables: what the domain gives first, then the group, then the user. */
function variableNames(user: DirectoryUser): Set<string> {
  const names = new Set<string>()
  for (const level of [user.domainNode, user.groupNode, user.node]) {
    for (const list of level?.children ?? []) {
      if (list.name !== 'variables') continue
      for (const variable of list.children) {
        const name = variable.attributes.get('name')
        if (name !== undefined && user.variables.has(name)) names.add(name)
      }
    }
  }
  return names
}

/** sofia::expire: nobody refreshed it in time, or somebody flushed it. */
export function announceExpiry(
  profile: Profile,
  registration: Registration,
  why: RegistrationEnd,
): void {
  log.info(`${registration.user}@${registration.domain} (${registration.contact}) ${why}`)
  profile.sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('profile-name', profile.name)
      event.add('call-id', registration.callId)
      event.add('user', registration.user)
      event.add('username', registration.user)
      event.add('host', registration.domain)
      event.add('contact', registration.contact)
      event.add('expires', String(registration.expires + profile.registrations.lateSeconds))
      event.add('user-agent', registration.userAgent)
      event.add('realm', registration.authRealm)
      event.add('network-ip', registration.networkIp)
      event.add('network-port', String(registration.networkPort))
    },
    'sofia::expire',
  )
}
