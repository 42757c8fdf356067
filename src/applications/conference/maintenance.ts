/** The events `conference::maintenance`. */
import { addChannelHeaders } from '../../core/channel-event.ts'
import type { SwitchEvent } from '../../core/events.ts'
import type { Conference } from './conference.ts'
import type { Member } from './member.ts'

const subclass = 'conference::maintenance'

export type Headers = Readonly<Record<string, string>>

/** Something about the conference as a whole. */
export function announceConference(
  conference: Conference,
  action: string,
  headers: Headers = {},
  member?: Member,
): void {
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
  member.conference.sw.events.announce(
    'CUSTOM',
    (event) => {
      addConference(event, member.conference)
      addMember(event, member)
      event.add('Action', action)
      addAll(event, headers)
    },
    subclass,
  )
}

export function announceFileDone(
  conference: Conference,
  member: Member | undefined,
  path: string,
  isAside: boolean,
): void {
  if (member) {
    if (!member.isGone) announceMember(member, 'play-file-member-done', { File: path })
  } else
    announceConference(conference, 'play-file-done', {
      File: path,
      ...(isAside ? { Async: 'true' } : {}),
    })
}

function addConference(event: SwitchEvent, conference: Conference): void {
  event.add('Conference-Name', conference.name)
  event.add('Conference-Domain', conference.profile.domain)
  event.add('Conference-Size', String(conference.members.length))
  event.add('Conference-Ghosts', String(conference.ghosts))
  event.add('Conference-Profile-Name', conference.profile.name)
  event.add('Conference-Unique-ID', conference.uuid)
}

function addMember(event: SwitchEvent, member: Member): void {
  event.add('Floor', String(member.conference.floor === member))
  addChannelHeaders(event, member.channel)
  event.add('Video', 'false')
  event.add('Hear', String(member.canHear))
  event.add('See', 'true')
  event.add('Speak', String(member.canSpeak))
  event.add('Talking', String(member.isTalking))
  event.add('Mute-Detect', String(member.flags.has('mute-detect')))
  event.add('Hold', String(member.isHeld))
  event.add('Member-ID', String(member.id))
  event.add('Member-Type', member.isModerator ? 'moderator' : 'member')
  event.add('Member-Ghost', String(member.flags.has('ghost')))
  event.add('Energy-Level', String(member.energyLevel))
  event.add('Current-Energy', String(member.score))
}

function addAll(event: SwitchEvent, headers: Headers): void {
  for (const [name, value] of Object.entries(headers)) event.add(name, value)
}
