/** CONFERENCE_DATA_QUERY: somebody wants the document of a room (RFC 4575) at once, and gets it as CONFERENCE_DATA. */
import type { SwitchEvent } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'
import { conferencesOf } from './conferences.ts'

/** Answers questions for the document of a room, of whoever asks. Ends when disposed. */
export function answerQueries(sw: Switch): Disposable {
  return sw.events.attach({
    name: 'conference-documents',
    wants: (name) => name === 'CONFERENCE_DATA_QUERY',
    // The answer must not overtake the question on its way to others.
    receive: (question) => queueMicrotask(() => answerQuery(sw, question)),
  })
}

function answerQuery(sw: Switch, question: SwitchEvent): void {
  const name = question.get('Conference-Name') ?? ''
  const domain = question.get('Conference-Domain') ?? ''
  const conference = conferencesOf(sw).get(name) ?? conferencesOf(sw).get(`${name}@${domain}`)
  if (!conference?.flags.has('rfc-4579')) return
  sw.events.announce('CONFERENCE_DATA', (event) => {
    event.add('conference-name', name)
    event.add('conference-domain', domain)
    for (const header of ['Query-From', 'Query-From-Domain', 'Call-Id', 'Sofia-Profile']) {
      const value = question.get(header)
      if (value !== undefined) event.add(header, value)
    }
    event.body = conference.info.document(`sip:${name}@${domain}`)
  })
}
