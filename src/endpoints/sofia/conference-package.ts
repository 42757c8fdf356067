/**
 * Who is in a conference (RFC 4575): SUBSCRIBE with Event: conference to its number. Conferences and we know each other by two events
 * alone: CONFERENCE_DATA_QUERY asks, CONFERENCE_DATA brings the document, so it may as well be another program's.
 */
import { logger } from '../../base/log.ts'
import { escapeXmlAttribute } from '../../core/event-text.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import { chatAddress } from './chat-address.ts'
import type { Profile } from './profile.ts'
import { profileNamed, profilesOf } from './profiles.ts'
import type { EventPackage, Subscription } from './subscriptions.ts'

const log = logger('sofia/conference')

/** Those whose question nobody has answered yet. */
const waiting = new Set<Subscription>()

export const conferencePackage: EventPackage = {
  name: 'conference',
  contentType: 'application/conference-info+xml',
  // RFC 4579 §5.2.
  contactParameter: ';isfocus',
  tell(subscription) {
    const { user, domain, callId, profile } = subscription
    waiting.add(subscription)
    profile.sw.events.announce('CONFERENCE_DATA_QUERY', (event) => {
      event.add('Conference-Name', user)
      event.add('Conference-Domain', domain)
      event.add('Call-Id', callId)
      event.add('Sofia-Profile', profile.name)
    })
    // RFC 6665 §4.2.1.2: told at once, also that there is no such conference now, or none that tells who is in.
    setImmediate(() => {
      if (waiting.delete(subscription)) subscription.notify(nobodyIn(`sip:${user}@${domain}`))
    })
  },
}

function nobodyIn(uri: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="${escapeXmlAttribute(uri)}" state="full" version="0"><conference-state><user-count>0</user-count><active>false</active></conference-state></conference-info>
`
}

/** Hands documents to whoever subscribed. Ends when disposed. */
export function passConferenceData(sw: Switch): Disposable {
  return sw.events.attach({
    name: 'sofia-conference',
    wants: (name) => name === 'CONFERENCE_DATA',
    receive: (event) => passOn(sw, event),
  })
}

function passOn(sw: Switch, event: SwitchEvent): void {
  const name = event.get('conference-name')
  const domain = event.get('conference-domain')
  const kind = event.get('conference-event') ?? 'conference'
  if (!name || !domain)
    return log.warning('CONFERENCE_DATA without conference-name or conference-domain')
  if (kind.toLowerCase() !== 'conference')
    return log.info(`CONFERENCE_DATA of ${name}@${domain}: nobody can subscribe to ${kind} here`)
  const asked = event.get('Sofia-Profile')
  const profile = asked === undefined ? undefined : profileNamed(sw, asked)
  const callId = event.get('Call-Id')
  for (const each of profile ? [profile] : profilesOf(sw)) {
    for (const subscription of watchersOf(each, name, domain)) {
      if (callId !== undefined && callId !== subscription.callId) continue
      waiting.delete(subscription)
      if (event.body) subscription.notify(event.body)
      if (isTrue(event.get('notfound')) || isTrue(event.get('final')))
        void subscription.end('noresource')
    }
  }
}

/** Under whichever name of this server they asked. */
function watchersOf(profile: Profile, name: string, domain: string): Subscription[] {
  const wanted = chatAddress(profile, name, domain).toLowerCase()
  return profile.subscriptions
    .allOf(conferencePackage)
    .filter((each) => chatAddress(profile, each.user, each.domain).toLowerCase() === wanted)
}
