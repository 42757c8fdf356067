/** The events `conference::maintenance`. */
import { addChannelHeaders, addChannelVariables } from '../../core/channel-event.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { Conference } from './conference.ts'
import type { PlayedFile } from './files.ts'
import type { Member } from './member.ts'

const subclass = 'conference::maintenance'

export type Headers = Readonly<Record<string, string>>

/** Words of `suppress-events` that stand for several actions. */
const suppressedBy: Readonly<Record<string, string>> = {
  'start-recording': 'record',
  'stop-recording': 'record',
  'pause-recording': 'record',
  'resume-recording': 'record',
  'unhold-member': 'hold-member',
  'unmute-member': 'mute-member',
  'enter-sounds-on': 'lock',
  'enter-sounds-off': 'lock',
  'exit-sounds-on': 'lock',
  'exit-sounds-off': 'lock',
}

function isSuppressed({ profile: { suppressedEvents } }: Conference, action: string): boolean {
  if (suppressedEvents.size === 0) return false
  return suppressedEvents.has(action) || suppressedEvents.has(suppressedBy[action] ?? '')
}

/** Something about the conference as a whole; `member` is whom it is about besides. */
export function announceConference(
  conference: Conference,
  action: string,
  headers: Headers = {},
  member?: Member,
): void {
  conference.changed(member)
  if (isSuppressed(conference, action)) return
  conference.sw.events.announce(
    'CUSTOM',
    (event) => {
      addConference(event, conference)
      event.add('Action', action)
      addAll(event, headers)
      if (member) addMember(event, member)
    },
    subclass,
  )
}

/** Something about a member. */
export function announceMember(member: Member, action: string, headers: Headers = {}): void {
  const { conference } = member
  conference.changed(member)
  if (isSuppressed(conference, action)) return
  conference.sw.events.announce(
    'CUSTOM',
    (event) => {
      addConference(event, conference)
      addMember(event, member)
      event.add('Action', action)
      addAll(event, headers)
    },
    subclass,
  )
}

/** A sound is over. */
export function announceFileDone(
  conference: Conference,
  member: Member | undefined,
  file: PlayedFile,
  { samples, rate }: { readonly samples: number; readonly rate: number },
): void {
  const ms = Math.round((samples * 1000) / Math.max(1, rate))
  const headers = {
    seconds: String(Math.trunc(ms / 1000)),
    milliseconds: String(ms),
    samples: String(samples),
    File: file.path,
    ...(file.isAside ? { Async: 'true' } : {}),
  }
  if (!member) announceConference(conference, 'play-file-done', headers)
  else if (!member.isGone) announceMember(member, 'play-file-member-done', headers)
}

function addConference(event: SwitchEvent, conference: Conference): void {
  event.add('Conference-Name', conference.name)
  event.add('Conference-Domain', conference.domain)
  event.add('Conference-Size', String(conference.size))
  event.add('Conference-Ghosts', String(conference.ghosts))
  event.add('Conference-Profile-Name', conference.profile.name)
  event.add('Conference-Unique-ID', conference.uuid)
  for (const [name, value] of conference.variables) event.add(name, value)
}

function addMember(event: SwitchEvent, member: Member): void {
  event.add('Floor', String(member.conference.floor === member))
  addChannelHeaders(event, member.channel)
  if (member.conference.profile.hasVerboseEvents) addChannelVariables(event, member.channel)
  event.add('Video', 'false')
  event.add('Hear', String(member.canHear))
  event.add('See', 'true')
  event.add('Speak', String(member.canSpeak))
  event.add('Talking', String(member.isTalking))
  event.add('Mute-Detect', String(member.has('mute-detect')))
  event.add('Hold', String(member.isHeld))
  event.add('Member-ID', String(member.id))
  event.add('Member-Type', member.isModerator ? 'moderator' : 'member')
  event.add('Member-Ghost', String(member.isGhost))
  event.add('Energy-Level', String(member.energyLevel))
  event.add('Current-Energy', String(member.score))
}

function addAll(event: SwitchEvent, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) event.add(name, value)
}
