/** Tells a phone to fetch its configuration anew or to restart: a NOTIFY that each maker spells in its own way. */
import { logger } from '../../base/log.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { Profile } from './profile.ts'
import { requestToPhone } from './registration-request.ts'
import type { Registration } from './registrations.ts'

const log = logger('sofia/check-sync')

/** The event by what the User-Agent contains, in lower case; the first that fits. */
const events: readonly (readonly [agent: string, event: string])[] = [
  ['snom', 'check-sync;reboot=true'],
  ['yealink', 'check-sync;reboot=true'],
  ['linksys/spa8000', 'check-sync'],
  ['linksys', 'reboot_now'],
  ['spa', 'reboot'],
  ['cisco-cp7960g', 'check-sync'],
  ['cisco-cp7940g', 'check-sync'],
  ['cisco', 'service-control'],
]

export function eventFor(userAgent: string): string {
  const agent = userAgent.toLowerCase()
  return events.find(([word]) => agent.includes(word))?.[1] ?? 'check-sync'
}

/** What a Cisco phone wants to be told. */
function ciscoBody(callId: string): string {
  const zeros = '0000000000000000'
  return `action=restart\nRegisterCallId={${callId}}\nConfigVersionStamp={${zeros}}\nDialplanVersionStamp={${zeros}}\nSoftkeyVersionStamp={${zeros}}`
}

export function checkSync(profile: Profile, registration: Registration): void {
  const event = eventFor(registration.userAgent)
  const isCisco = event === 'service-control'
  const headers: HeaderLine[] = [
    ['Event', event],
    ['Subscription-State', 'terminated;reason=noresource'],
    ['Content-Type', isCisco ? 'text/plain' : 'application/simple-message-summary'],
  ]
  const body = isCisco ? ciscoBody(registration.callId) : ''
  requestToPhone(profile, registration, 'NOTIFY', { headers, body }, (response) => {
    if (response.status >= 300)
      log.info(`${registration.user}@${registration.domain}: ${event}: ${response.status}`)
  })
}
