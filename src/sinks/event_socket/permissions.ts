/** What a directory user may do on the Event Socket (`userauth`): params esl-password, esl-allowed-events, esl-allowed-api, esl-allowed-log. */
import { userParam } from '../../core/directory.ts'
import { parseEventName } from '../../core/events.ts'
import type { Switch } from '../../core/switch.ts'
import { isTrue } from '../../core/variables.ts'
import type { AllowedEvents } from './subscription.ts'

export interface UserPermissions {
  readonly password: string
  readonly givenPassword: string
  /** undefined: all. */
  readonly events: AllowedEvents | undefined
  readonly commands: ReadonlySet<string> | undefined
  readonly mayLog: boolean
  /** The lines of the reply that tell the client what it may do. */
  readonly lines: string
}

/** From `user@domain:password` (or `user:password@domain`); undefined when there is no such user or it has no password. */
export function userPermissions(sw: Switch, text: string): UserPermissions | undefined {
  const at = text.indexOf('@')
  if (at < 1) return undefined
  const [user = '', early] = splitAt(text.slice(0, at), ':')
  const [domain = '', late] = splitAt(text.slice(at + 1), ':')
  const givenPassword = late ?? early
  const found = sw.directory.user(user, domain)
  const password = found && userParam(found, 'esl-password')
  if (!found || !password || !givenPassword) return undefined
  const events = userParam(found, 'esl-allowed-events')
  const commands = userParam(found, 'esl-allowed-api')
  const logText = userParam(found, 'esl-allowed-log')
  const mayLog = logText === undefined || isTrue(logText)
  return {
    password,
    givenPassword,
    events: events === undefined ? undefined : allowedEvents(events),
    commands: commands === undefined ? undefined : new Set(list(commands)),
    mayLog,
    lines: `Allowed-Events: ${events ?? 'all'}\nAllowed-API: ${commands ?? 'all'}\nAllowed-LOG: ${mayLog}\n`,
  }
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function list(text: string): string[] {
  return text.split(text.includes(' ') ? ' ' : ',').filter((word) => word !== '')
}

function allowedEvents(text: string): AllowedEvents {
  const names = new Set<string>()
  const subclasses = new Set<string>()
  for (const word of list(text)) {
    if (names.has('CUSTOM')) subclasses.add(word)
    else names.add(parseEventName(word) ?? word)
  }
  return { all: names.has('ALL'), names, subclasses }
}
