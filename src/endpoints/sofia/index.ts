/** mod_sofia: SIP. Starts the profiles of sofia.conf.xml and brings the endpoint `sofia` and its commands. */
import type { Module } from '../../core/interfaces.ts'
import type { RegistrationRow } from '../../core/registration-row.ts'
import { authCounters } from './authenticate.ts'
import { chatCounters, sipChat } from './chat.ts'
import { passConferenceData } from './conference-package.ts'
import { sofiaEndpoint } from './endpoint.ts'
import { startAll, stopAll } from './lifecycle.ts'
import { showSofiaLive } from './live-tables.ts'
import { messageCounters } from './message.ts'
import { lampCounters, tellLamps } from './message-summary.ts'
import { PresenceWatch, presenceCounters } from './presence.ts'
import { profilesOf } from './profiles.ts'
import { publishCounters } from './publish.ts'
import { registrarCounters } from './registrar.ts'
import { registrationRow } from './registration-rows.ts'
import { takeSendMessage } from './send-message-event.ts'
import { sofia } from './sofia.ts'
import { sofiaDig } from './sofia_dig.ts'
import { subscriptionCounters } from './subscriptions.ts'
import {
  sofiaContact,
  sofiaCountReg,
  sofiaGatewayData,
  sofiaPresenceData,
  sofiaUsernameOf,
} from './user-commands.ts'

export const module: Module = {
  name: 'mod_sofia',
  endpoints: [sofiaEndpoint],
  chats: [sipChat],
  commands: [
    sofia,
    sofiaContact,
    sofiaCountReg,
    sofiaDig,
    sofiaGatewayData,
    sofiaPresenceData,
    sofiaUsernameOf,
  ],
  async start(sw) {
    const source = function* (): Iterable<RegistrationRow> {
      for (const profile of profilesOf(sw))
        for (const each of profile.registrations.list()) yield registrationRow(profile, each)
    }
    await startAll(sw)
    sw.registrationSources.add(source)
    const live = showSofiaLive(sw)
    const lamps = sw.messageWaiting.onNews((news) => tellLamps(sw, news))
    const sending = takeSendMessage(sw)
    const documents = passConferenceData(sw)
    const watching = sw.events.attach(new PresenceWatch(sw))
    const words = [
      sw.completions.addSource('::sofia::list_profiles', () =>
        profilesOf(sw).map((profile) => profile.name),
      ),
      sw.completions.addSource('::sofia::list_gateways', () =>
        profilesOf(sw).flatMap((profile) => [...profile.gateways.keys()]),
      ),
    ]
    const counting = sw.counters.add('sofia', () => ({
      ...prefixed('registrar', registrarCounters),
      ...prefixed('auth', authCounters),
      ...prefixed('subscriptions', subscriptionCounters),
      ...prefixed('lamps', lampCounters),
      ...prefixed('publish', publishCounters),
      ...prefixed('presence', presenceCounters),
      ...prefixed('messages in:', messageCounters),
      ...prefixed('messages out:', chatCounters),
    }))
    return {
      async [Symbol.asyncDispose]() {
        counting[Symbol.dispose]()
        lamps[Symbol.dispose]()
        sending[Symbol.dispose]()
        watching[Symbol.dispose]()
        documents[Symbol.dispose]()
        live[Symbol.dispose]()
        for (const word of words) word[Symbol.dispose]()
        sw.registrationSources.delete(source)
        await stopAll(sw)
      },
    }
  },
}

function prefixed(word: string, figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [`${word} ${name}`, value]),
  )
}
