/** Session timers (RFC 4028): how long a call lives without a refresh, who refreshes, and the two clocks for that. */
import { systemClock, type Timer } from '../../base/clock.ts'
import type { Channel } from '../../core/channel.ts'
import type { HeaderLine, SipMessage } from '../../sip/message.ts'
import { parameterOf } from '../../sip/text.ts'
import type { Profile } from './profile.ts'

/** RFC 4028 §4: nobody may ask for less. */
const smallest = 90

export interface SessionTerms {
  /** Seconds. */
  readonly interval: number
  /** Whether we send the refreshes. */
  readonly isOurs: boolean
}

/** Seconds that the channel's sessions last; 0: no timer of our own. */
function sessionSeconds(profile: Profile, channel: Channel | undefined): number {
  if (!profile.values.boolean('enable-timer')) return 0
  const own = channel?.variables.get('sofia_session_timeout')
  const seconds = own === undefined ? profile.values.number('session-timeout') : Number(own)
  return seconds > 0 ? Math.max(seconds, minimumSeconds(profile)) : 0
}

export function minimumSeconds(profile: Profile): number {
  return Math.max(smallest, profile.values.number('minimum-session-expires'))
}

/** §8.1: the Min-SE to refuse a request with (422), undefined when its Session-Expires is long enough. */
export function tooShort(profile: Profile, message: SipMessage): number | undefined {
  const asked = message.number('Session-Expires')
  const minimum = minimumSeconds(profile)
  return asked !== undefined && asked < minimum ? minimum : undefined
}

/**
 * What an INVITE or UPDATE of theirs settles (§9): their interval if they name one, else ours; who supports timers
 * refreshes unless they say otherwise. Undefined: no timer.
 */
export function answerTerms(
  profile: Profile,
  channel: Channel,
  request: SipMessage,
): SessionTerms | undefined {
  const asked = request.number('Session-Expires')
  const ours = sessionSeconds(profile, channel)
  const interval = asked ?? ours
  if (!(interval > 0) || !profile.values.boolean('enable-timer')) return undefined
  const knows = request.lists('Supported', 'timer') || request.lists('Require', 'timer')
  const refresher = parameterOf(request.get('Session-Expires') ?? '', 'refresher')?.toLowerCase()
  return { interval, isOurs: refresher === 'uas' || !knows }
}

/** The headers of our 2xx: Session-Expires, and Require where they have to refresh. */
export function answerHeaders(terms: SessionTerms | undefined): HeaderLine[] {
  if (!terms) return []
  const refresher = terms.isOurs ? 'uas' : 'uac'
  const headers: HeaderLine[] = [['Session-Expires', `${terms.interval};refresher=${refresher}`]]
  if (!terms.isOurs) headers.unshift(['Require', 'timer'])
  return headers
}

/** The headers of our INVITE. */
export function offerHeaders(profile: Profile, channel: Channel): HeaderLine[] {
  const seconds = sessionSeconds(profile, channel)
  if (seconds === 0) return []
  return [
    ['Session-Expires', `${seconds};refresher=uac`],
    ['Min-SE', String(minimumSeconds(profile))],
  ]
}

/** What the 2xx to our INVITE settled; undefined: they have no timers, and we need none. */
export function acceptedTerms(
  profile: Profile,
  channel: Channel,
  response: SipMessage,
): SessionTerms | undefined {
  const interval = response.number('Session-Expires')
  if (interval === undefined) {
    // §7.2: without support on their side we may still refresh by ourselves.
    const ours = sessionSeconds(profile, channel)
    return ours > 0 ? { interval: ours, isOurs: true } : undefined
  }
  const refresher = parameterOf(response.get('Session-Expires') ?? '', 'refresher')?.toLowerCase()
  return { interval: Math.max(smallest, interval), isOurs: refresher !== 'uas' }
}

/** Runs the clock of one call. */
export class SessionTimer {
  readonly #refresh: () => void
  readonly #expire: () => void
  #timer: Timer | undefined

  constructor(handlers: { refresh(): void; expire(): void }) {
    this.#refresh = handlers.refresh
    this.#expire = handlers.expire
  }

  /** Begins anew after every refresh (§10): ours at half time, theirs is missed a third before the end, 32 s at least. */
  start(terms: SessionTerms | undefined): void {
    this.stop()
    if (!terms) return
    const { interval, isOurs } = terms
    const seconds = isOurs ? interval / 2 : interval - Math.min(32, interval / 3)
    this.#timer = systemClock.after(seconds * 1000, () =>
      isOurs ? this.#refresh() : this.#expire(),
    )
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }
}
