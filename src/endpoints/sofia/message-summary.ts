/**
 * Message-waiting lamps (RFC 3842): NOTIFY to whoever subscribed to `message-summary`, and unasked to registered phones, when the
 * messages of their mailbox (`mwi-account`) change and when they register.
 */
import { logger } from '../../base/log.ts'
import { type DirectoryUser, userParam, userVariable } from '../../core/directory.ts'
import type { MailboxNews } from '../../core/message-waiting.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { Profile } from './profile.ts'
import { profilesOf } from './profiles.ts'
import { requestToPhone } from './registration-request.ts'
import type { Registration } from './registrations.ts'
import type { EventPackage } from './subscriptions.ts'

const log = logger('sofia/message-summary')

const contentType = 'application/simple-message-summary'

/** Lamps that were told, and phones that did not take it. */
export const lampCounters = { notified: 0, unsolicited: 0, notTaken: 0 }

export const messageSummary: EventPackage = {
  name: 'message-summary',
  contentType,
  tell(subscription) {
    const { user, domain, callId, profile } = subscription
    const account = `sip:${user}@${domain}`
    const { messageWaiting } = profile.sw
    // Other programs may know better; until they say so there is nothing (§4.1 of RFC 6665: the state is told at once).
    if (!messageWaiting.hasCounter)
      subscription.notify(`Messages-Waiting: no\r\nMessage-Account: ${account}\r\n\r\n`)
    messageWaiting.query(account, [
      ['VM-Sofia-Profile', profile.name],
      ['VM-sub-call-id', callId],
    ])
  },
}

/** Tells everybody whom the news are for. */
export function tellLamps(sw: Switch, news: MailboxNews): void {
  const lines = news.lines.map(([name, value]) => `${name}: ${value}\r\n`)
  const body = `${lines.join('')}\r\n`
  for (const profile of profilesOf(sw)) {
    if (news.registrationId === undefined) {
      for (const subscription of profile.subscriptions.of(messageSummary, news.user, news.domain)) {
        if (news.subscriptionId !== undefined && news.subscriptionId !== subscription.callId)
          continue
        lampCounters.notified++
        subscription.notify(body)
      }
    }
    if (news.subscriptionId === undefined) tellRegistered(profile, news, body)
  }
}

function tellRegistered(profile: Profile, news: MailboxNews, body: string): void {
  const account = `${news.user}@${news.domain}`.toLowerCase()
  for (const registration of profile.registrations.list()) {
    if (news.registrationId !== undefined && registration.callId !== news.registrationId) continue
    if (registration.mwiAccount.toLowerCase() !== account) continue
    tellUnasked(profile, registration, body)
  }
}

function tellUnasked(profile: Profile, registration: Registration, body: string): void {
  lampCounters.unsolicited++
  const headers: HeaderLine[] = [
    ['Event', 'message-summary'],
    ['Subscription-State', 'terminated;reason=noresource'],
    ['Content-Type', contentType],
  ]
  const from = `<sip:${registration.user}@${registration.domain}>`
  requestToPhone(profile, registration, 'NOTIFY', { headers, body, from }, ({ status }) => {
    if (status < 300) return
    lampCounters.notTaken++
    log.debug(`${registration.user}@${registration.domain}: message-summary: ${status}`)
  })
}

/**
 * A phone has registered: it is told how its mailbox is, if the profile or the user has it so (`send-message-query-on-register`:
 * every time, for a user's first phone only, never).
 */
export function askOnRegister(
  profile: Profile,
  registration: Registration,
  user: DirectoryUser | undefined,
  isFirst: boolean,
): void {
  const { messageWaiting } = profile.sw
  if (!messageWaiting.hasCounter) return
  const name = 'send-message-query-on-register'
  const word = ((user && (userVariable(user, name) ?? userParam(user, name))) ||
    profile.values.text(name)) as string
  if (!(isTrue(word) || (word.toLowerCase() === 'first-only' && isFirst))) return
  messageWaiting.query(`sip:${registration.mwiAccount}`, [
    ['VM-Sofia-Profile', profile.name],
    ['VM-Call-ID', registration.callId],
  ])
}
