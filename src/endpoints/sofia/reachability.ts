/** Pings registered phones (OPTIONS) and keeps in mind which of them answer. */
import { logger } from '../../base/log.ts'
import type { SipResponse } from '../../sip/message.ts'
import type { Profile } from './profile.ts'
import { requestToPhone } from './registration-request.ts'
import type { Registration } from './registrations.ts'

const log = logger('sofia/reachability')

/** What the pings of one registration have shown. */
export interface Reachability {
  isReachable: boolean
  /** Answers less failures, at most `sip-user-ping-max`. */
  count: number
  /** Microseconds the last answer took. */
  micros: number
}

/** A refreshed registration starts anew: who registers is there. */
const known = new WeakMap<Registration, Reachability>()
const unasked: Readonly<Reachability> = { isReachable: true, count: 0, micros: 0 }

export function reachabilityOf(registration: Registration): Readonly<Reachability> {
  return known.get(registration) ?? unasked
}

type PingMode = 'all' | 'nat' | 'udp-nat' | 'none'

/** Which phones a profile pings (`all-reg-options-ping`, `nat-options-ping`). */
function pingMode({ values }: Profile): PingMode {
  if (values.boolean('all-reg-options-ping')) return 'all'
  if (values.text('nat-options-ping').toLowerCase() === 'udp-only') return 'udp-nat'
  return values.boolean('nat-options-ping') ? 'nat' : 'none'
}

export function isPinged(mode: PingMode, registration: Registration): boolean {
  if (mode === 'all' || mode === 'none') return mode === 'all'
  if (mode === 'udp-nat') return registration.status.includes('UDP-NAT')
  return registration.status.includes('NAT') || registration.uri.includes(';fs_nat=yes')
}

/** How many to ask in one second, so that a round through `count` takes `interval` seconds and none waits longer. */
export function shareOf(count: number, interval: number): number {
  return Math.ceil(count / Math.max(1, interval))
}

/** Pings every phone once in `ping-mean-interval` seconds, evenly spread. Disposed with the profile. */
export class PhonePings {
  readonly #profile: Profile
  #timer: NodeJS.Timeout | undefined
  #round: Registration[] = []
  #share = 0
  readonly #waiting = new WeakSet<Registration>()

  constructor(profile: Profile) {
    this.#profile = profile
  }

  start(): void {
    this.#timer = setInterval(() => this.tick(), 1000)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#round = []
  }

  /** One second of a round. */
  tick(): void {
    if (this.#round.length === 0) {
      const mode = pingMode(this.#profile)
      if (mode === 'none') return
      const { registrations, values } = this.#profile
      this.#round = registrations.list().filter((registration) => isPinged(mode, registration))
      this.#share = shareOf(this.#round.length, values.number('ping-mean-interval'))
    }
    for (const registration of this.#round.splice(0, this.#share)) this.#ping(registration)
  }

  #ping(registration: Registration): void {
    if (!this.#profile.registrations.has(registration) || this.#waiting.has(registration)) return
    this.#waiting.add(registration)
    const sent = performance.now()
    requestToPhone(this.#profile, registration, 'OPTIONS', {}, (response) => {
      this.#waiting.delete(registration)
      const micros = Math.round((performance.now() - sent) * 1000)
      judge(this.#profile, registration, response, micros)
    })
  }
}

/** 200, and busy, show that the phone is there. */
function judge(
  profile: Profile,
  registration: Registration,
  response: SipResponse,
  micros: number,
): void {
  if (!profile.registrations.has(registration)) return
  const state = known.get(registration) ?? { ...unasked }
  known.set(registration, state)
  const isAnswer = response.status === 200 || response.status === 486
  const min = profile.values.number('sip-user-ping-min')
  const max = profile.values.number('sip-user-ping-max')
  state.count = isAnswer ? Math.min(max, state.count + 1) : Math.max(0, state.count - 1)
  if (isAnswer) state.micros = micros
  const isReachable = isAnswer ? state.isReachable || state.count >= min : state.count >= min
  if (isReachable === state.isReachable) return
  state.isReachable = isReachable
  const { user, domain } = registration
  log.warning(`${user}@${domain} is ${isReachable ? '' : 'not '}reachable (${response.status})`)
  announce(profile, registration, response, isReachable)
  if (isReachable || !profile.values.boolean('unregister-on-options-fail')) return
  log.warning(`${user}@${domain} unregistered: it answers no pings`)
  profile.registrations.remove(registration, 'expired')
}

function announce(
  profile: Profile,
  registration: Registration,
  response: SipResponse,
  isReachable: boolean,
): void {
  profile.sw.events.announce(
    'CUSTOM',
    (event) => {
      event.add('sip_contact', registration.contact)
      event.add('profile-name', profile.name)
      event.add('sip_user', `${registration.user}@${registration.domain}`)
      event.add('from-user', registration.user)
      event.add('from-host', registration.domain)
      event.add('call-id', registration.callId)
      event.add('Ping-Status', isReachable ? 'REACHABLE' : 'UNREACHABLE')
      event.add('Status', String(response.status))
      if (response.reason !== '') event.add('Phrase', response.reason)
    },
    'sofia::sip_user_state',
  )
}
