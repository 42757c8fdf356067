/** The application `conference`: brings the channel in and stays until it or the conference leaves. */
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { attend } from '../../core/attend.ts'
import type { Channel } from '../../core/channel.ts'
import type { Application } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import type { RejectReason } from './cdr.ts'
import type { Conference } from './conference.ts'
import { conferencesOf } from './conferences.ts'
import { Controls } from './controls.ts'
import { type ConferenceData, flagsOf, readConferenceData } from './data.ts'
import { tellCount } from './feedback.ts'
import { type Flags, type MemberFlag, sortFlags } from './flags.ts'
import { playLocally } from './local-sound.ts'
import { announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { callOthers, enter } from './outcall.ts'
import { askForPin, endsPin, pinsFor } from './pin.ts'
import type { SoundName } from './profile.ts'
import { refuseToBegin } from './refusal.ts'

const log = logger('applications/conference')

export const conference: Application = {
  name: 'conference',
  syntax: '[bridge:]<name>[@<profile>][+<pin>][+flags{<flag>|<flag>}][:<dial string>]',
  about: 'Speak with all who are in the conference of that name',
  needs: 'media',
  ignoresBreak: true,
  async run(channel, data, { signal }) {
    const request = readConferenceData(data)
    if (!request) return log.err(`conference ${data}: ${conference.syntax}`, channel.uuid)
    const flags = flagsFor(channel, request)
    channel.isFocus = true
    try {
      if (request.bridgeTo === undefined) await enterRoom(channel, request, flags, signal)
      else await bridgeTo(channel, request, request.bridgeTo, flags, signal)
    } finally {
      channel.isFocus = false
    }
  },
}

/** The flags of the argument and of the channel's variables. */
function flagsFor(channel: Channel, request: ConferenceData): Flags {
  const texts = ['conference_member_flags', 'conference_flags'].flatMap((name) => {
    const value = channel.lookup(name)
    return value === undefined ? [] : typeof value === 'string' ? [value] : value
  })
  return sortFlags([...request.flags, ...texts.flatMap(flagsOf)])
}

async function enterRoom(
  channel: Channel,
  request: ConferenceData,
  flags: Flags,
  signal: AbortSignal,
): Promise<void> {
  const conferences = conferencesOf(channel.sw)
  if (flags.member.has('join-only') && !conferences.get(request.name)) {
    conferences.refuse('join only')
    return refuseToBegin(channel, request, signal)
  }
  await answer(channel)
  if (signal.aborted || !channel.media) return
  const room =
    conferences.get(request.name) ??
    conferences.open({ ...request, first: channel, flags: flags.conference })
  channel.variables.set('conference_name', room.name)
  room.waiting++
  let member: Member | undefined
  const isSilent = isTrue(channel.text('conference_silent_entry'))
  try {
    const entrance = await admit(room, channel, request, signal, isSilent)
    if (entrance && isStillThere(room, channel, signal)) {
      if (channel.isAnswered) room.isAnswered = true
      const all = new Set<MemberFlag>([...room.profile.memberFlags, ...flags.member])
      if (entrance === 'moderator') all.add('moderator')
      member = room.add(conferences.memberId(channel), channel, all)
    }
  } finally {
    room.waiting--
    if (!member) room.endIfEmpty()
  }
  if (member) await begin(room, member, signal, isSilent)
}

function isStillThere(room: Conference, channel: Channel, signal: AbortSignal): boolean {
  return !signal.aborted && !room.isOver && channel.media !== undefined
}

/** Whether the conference takes one more, and this one: the right pin, not locked, not full. */
async function admit(
  room: Conference,
  channel: Channel,
  request: ConferenceData,
  signal: AbortSignal,
  isSilent: boolean,
): Promise<'member' | 'moderator' | undefined> {
  const conferences = conferencesOf(channel.sw)
  const refuse = async (why: string, reason: RejectReason, sound?: SoundName) => {
    conferences.refuse(why)
    log.notice(`conference ${room.name}: ${why}`, channel.uuid)
    room.callRecord.refused(channel, reason)
    if (sound) await playLocally(room, channel, room.profile.sound(sound), signal)
    return undefined
  }
  const asks = channel.text('conference_enforce_security')
  const isGuarded = asks === undefined ? channel.direction === 'inbound' : isTrue(asks)
  const isFull = () => room.maxMembers > 0 && room.size >= room.maxMembers
  const isShut = () => room.isLocked && isGuarded
  const refuseIfShut = () =>
    isShut()
      ? refuse('locked', 'conference_locked', 'locked-sound')
      : refuse('full', 'max_members_reached', 'max-members-sound')
  const pins = pinsFor(room, channel, request.pin)
  const entrance = isGuarded ? await askForPin(room, channel, pins, signal) : 'member'
  if (signal.aborted) return undefined
  if (!entrance) return refuse('wrong pin', 'invalid_pin')
  if (isShut() || isFull()) return refuseIfShut()
  if (isSilent) return entrance
  for (const sound of [room.announcement, room.profile.sound('member-enter-sound')])
    await playLocally(room, channel, sound, signal)
  // Meanwhile it may have been locked or filled up.
  return isShut() || isFull() ? refuseIfShut() : entrance
}

/** What happens when a member is in: everybody is told, then he stays. */
async function begin(
  room: Conference,
  member: Member,
  signal: AbortSignal,
  isSilent: boolean,
): Promise<void> {
  room.greet(member, isSilent)
  const { announceCount } = room.profile
  if (!isSilent && announceCount > 1 && room.size >= announceCount) tellCount(member, room.size)
  if (!isSilent) announceMember(member, 'add-member')
  room.info.tell()
  room.clock.start()
  void callOthers(member, signal).catch((thrown: unknown) =>
    log.err(`calling others failed: ${thrown}`, member.channel.uuid),
  )
  await stay(room, member, signal)
}

async function stay(room: Conference, member: Member, signal: AbortSignal): Promise<void> {
  const { channel } = member
  const controls = Controls.for(member)
  const digits = () => {
    // Those of an application that runs beside it are its own.
    if (channel.guests > 0) return
    for (let next = channel.digits.take(); next; next = channel.digits.take())
      if (!endsPin(channel, next.digit)) controls?.feed(next.digit)
  }
  const leave = () => member.release()
  const listening = [
    channel.signals.on('digit', digits),
    channel.signals.on('keys', () => guestsChanged(member)),
    channel.signals.on('media', (media) => {
      if (!member.isBusy) member.rejoin(media)
    }),
  ]
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()
  const activity = room.flags.has('breakable') ? channel.begin() : undefined
  activity?.onAbort(leave)
  digits()
  try {
    await attend(channel, member.untilGone, signal)
  } finally {
    if (activity) channel.finish(activity)
    for (const one of listening) one[Symbol.dispose]()
    controls?.close()
    signal.removeEventListener('abort', leave)
    room.remove(member)
  }
  if (signal.aborted) return
  if (member.isKicked) await playLocally(room, channel, member.farewell, signal)
  if (
    member.isEndedWithRoom &&
    !signal.aborted &&
    !isFalse(channel.text('hangup_after_conference'))
  )
    channel.hangup('NORMAL_CLEARING')
}

/** Applications run beside the conference, or no longer: it does without the member meanwhile. */
function guestsChanged(member: Member): void {
  const { guests, media } = member.channel
  if (guests > 0) member.setBusy(true)
  else if (member.isBusy) {
    member.setBusy(false)
    if (member.isAway && media && !member.isGone) member.rejoin(media)
  }
}

/** A conference of two: this channel, and whoever answers the dial string. */
async function bridgeTo(
  channel: Channel,
  request: ConferenceData,
  dialString: string,
  flags: Flags,
  signal: AbortSignal,
): Promise<void> {
  const conferences = conferencesOf(channel.sw)
  const name = request.name === '_uuid_' ? channel.uuid : request.name
  if (conferences.get(name)) return log.err(`there is a conference ${name} already`, channel.uuid)
  if (!channel.media || signal.aborted) return
  const room = conferences.open({
    name,
    profile: request.profile,
    first: channel,
    flags: flags.conference,
    isBridge: true,
  })
  channel.variables.set('conference_name', name)
  room.waiting++
  let member: Member | undefined
  try {
    const reached = await callFar(room, channel, request, dialString, signal)
    if (reached && isStillThere(room, channel, signal)) {
      room.isAnswered = channel.isAnswered
      const all = new Set<MemberFlag>([...room.profile.memberFlags, ...flags.member])
      member = room.add(conferences.memberId(channel), channel, all)
    }
  } finally {
    room.waiting--
    if (!member) room.end()
  }
  if (member) await begin(room, member, signal, false)
}

async function callFar(
  room: Conference,
  channel: Channel,
  request: ConferenceData,
  dialString: string,
  signal: AbortSignal,
): Promise<boolean> {
  if (dialString.toLowerCase() === 'none') {
    await answer(channel)
    return true
  }
  const result = await originate(channel.sw, {
    dialString,
    originator: channel,
    callerName: room.callerIdName,
    callerNumber: room.callerIdNumber,
    signal,
  })
  if (!result.channel) {
    channel.hangup(result.cause)
    return false
  }
  return enter(result.channel, room.name, request.profile).uuid !== undefined
}
