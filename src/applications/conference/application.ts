/** The application `conference`: brings the channel in and stays until it or the conference leaves. */
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { attend } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import type { Application } from '../../core/interfaces.ts'
import { play } from '../../core/play.ts'
import { isFalse } from '../../core/variables.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import { type ConferenceData, flagsOf, readConferenceData } from './data.ts'
import { soundOf } from './files.ts'
import type { Member } from './member.ts'
import { mayEnter } from './pin.ts'
import type { SoundName } from './profile.ts'

const log = logger('applications/conference')

/** Member flags that do something; others are told in the log and have no effect. */
const knownFlags: ReadonlySet<string> = new Set([
  'mute',
  'deaf',
  'mute-detect',
  'dist-dtmf',
  'moderator',
  'ghost',
  'nomoh',
  'join-only',
])

export const conference: Application = {
  name: 'conference',
  syntax: '<name>[@<profile>][+<pin>][+flags{<flag>|<flag>}]',
  about: 'Speak with all who are in the conference of that name',
  needs: 'answer',
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const request = readConferenceData(data)
    if (!request || request.name.toLowerCase().startsWith('bridge:'))
      return log.err(`conference ${data}: ${conference.syntax}`, channel.uuid)
    await answer(channel)
    if (signal.aborted || !channel.media) return
    const flags = memberFlags(channel, request)
    const conferences = conferencesOf(channel.sw)
    if (flags.has('join-only') && !conferences.get(request.name)) {
      conferences.refuse('join only')
      log.warning(`there is no conference ${request.name} to join`, channel.uuid)
      return channel.hangup('NORMAL_CLEARING')
    }
    const room = conferences.open(request.name, request.profile, channel)
    room.waiting++
    let member: Member | undefined
    try {
      if (await isAdmitted(room, channel, request, signal)) {
        for (const flag of room.profile.memberFlags) flags.add(flag)
        tellUnknown(flags, channel)
        member = room.add(conferences.nextMemberId(), channel, flags)
      }
    } finally {
      room.waiting--
      if (!member) room.endIfEmpty()
    }
    if (member) await stay(room, member, signal)
  },
}

/** The flags of the argument and of the channel's variable. */
function memberFlags(channel: Channel, request: ConferenceData): Set<string> {
  const value = channel.lookup('conference_member_flags')
  const texts = value === undefined ? [] : typeof value === 'string' ? [value] : value
  return new Set([...request.flags, ...texts.flatMap(flagsOf)])
}

function tellUnknown(flags: ReadonlySet<string>, channel: Channel): void {
  for (const flag of flags)
    if (!knownFlags.has(flag)) log.info(`the member flag ${flag} has no effect`, channel.uuid)
}

/** Whether the conference takes one more, and this one: not locked, not full, the right pin. */
async function isAdmitted(
  room: Conference,
  channel: Channel,
  request: ConferenceData,
  signal: AbortSignal,
): Promise<boolean> {
  const conferences = conferencesOf(channel.sw)
  const refuse = async (why: string, sound: SoundName) => {
    conferences.refuse(why)
    log.notice(`conference ${room.name} is ${why}`, channel.uuid)
    const path = room.profile.sound(sound)
    if (path) await play(channel, soundOf(room, path), { signal })
    return false
  }
  if (room.isLocked) return refuse('locked', 'locked-sound')
  const isFull = () => room.maxMembers > 0 && room.members.length >= room.maxMembers
  if (isFull()) return refuse('full', 'max-members-sound')
  if (!(await mayEnter(room, channel, request.pin, signal))) {
    if (!signal.aborted) conferences.refuse('wrong pin')
    return false
  }
  // Meanwhile it may have ended, been locked or filled up.
  if (signal.aborted || room.isOver || !channel.media) return false
  if (room.isLocked) return refuse('locked', 'locked-sound')
  if (isFull()) return refuse('full', 'max-members-sound')
  return true
}

async function stay(room: Conference, member: Member, signal: AbortSignal): Promise<void> {
  const { channel } = member
  // Digits have no meaning here: they must not wait for the next application.
  const listening = channel.signals.on('digit', () => channel.digits.flush())
  const leave = () => member.release()
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  try {
    await attend(channel, member.untilGone, signal)
  } finally {
    listening[Symbol.dispose]()
    signal.removeEventListener('abort', leave)
    room.remove(member)
  }
  if (member.farewell && !signal.aborted)
    await play(channel, soundOf(room, member.farewell), { signal })
  const hasEnded = member.isEndedWithRoom && !signal.aborted
  if (hasEnded && !isFalse(channel.text('hangup_after_conference')))
    channel.hangup('NORMAL_CLEARING')
}
