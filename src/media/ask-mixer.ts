/** Rooms: who is in one, what he may, and what the room says and records. A room is asked through its ear. */
import { SwitchError } from '../base/errors.ts'
import type { Asked, AskTable } from './ask.ts'
import type { Leg } from './leg.ts'
import type { LegHost } from './leg-host.ts'
import { leastRoomRate, mostRoomRate, Room } from './mixer.ts'
import { RoomMember } from './mixer-member.ts'
import { PipeLeg } from './pipe-leg.ts'
import type { RoomOpening, RoomQuestion } from './protocol.ts'

/** A new room; the leg that stands for it is its ear. Throws SwitchError MEDIA_BAD_RATE. */
export function openRoom({ leg, uuid, options }: RoomOpening, host: LegHost): Leg {
  const { rate } = options
  if (rate < leastRoomRate || rate > mostRoomRate || rate % 50 !== 0)
    throw new SwitchError('MEDIA_BAD_RATE', `a room cannot run at ${rate} Hz`)
  return new Room(leg, uuid, host, options).ear
}

export const askMixer: AskTable<RoomQuestion> = {
  'join room': (asked, { member, uuid, phone, pipe, settings }) => {
    const room = roomOf(asked)
    const leg = new RoomMember(member, uuid, room, settings)
    asked.add(leg)
    room.add(leg)
    const party = phone === undefined ? undefined : asked.find(phone)
    if (pipe) new PipeLeg(leg.uuid, pipe, asked.host).bridge(leg)
    else if (party) leg.bridge(party)
    else room.lost(leg)
  },
  'room voice': (asked, { member, uuid, only }) => {
    const room = roomOf(asked)
    const listener = only === undefined ? undefined : asked.find(only)
    // It would be heard by all if its only listener has just gone.
    const isGone = only !== undefined && !(listener instanceof RoomMember)
    const settings = { hears: false, speaks: !isGone }
    const voice = { only: listener instanceof RoomMember ? listener : undefined }
    const leg = new RoomMember(member, uuid, room, settings, voice)
    asked.add(leg)
    room.add(leg)
  },
  'room floor': (asked, { member }) => {
    const holder = member === undefined ? undefined : asked.find(member)
    if (member === undefined || holder instanceof RoomMember)
      roomOf(asked).floor.give(holder instanceof RoomMember ? holder : undefined)
  },
  'set member': (asked, { settings }) => memberOf(asked).set(settings),
  'relate members': (asked, { other, hears }) => {
    const member = memberOf(asked)
    const otherMember = asked.find(other)
    if (!(otherMember instanceof RoomMember) || otherMember.room !== member.room) return
    if (hears) member.deafTo.delete(otherMember)
    else member.deafTo.add(otherMember)
  },
}

function memberOf({ leg }: Asked): RoomMember {
  if (leg instanceof RoomMember) return leg
  throw new Error('is of a leg that is no member of a room')
}

function roomOf(asked: Asked): Room {
  return memberOf(asked).room
}
