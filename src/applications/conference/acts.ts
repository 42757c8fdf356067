/** What keys and commands alike do with a member, told in events and to him. */
import { tellMember } from './feedback.ts'
import { announceMember } from './maintenance.ts'
import type { Member } from './member.ts'

export function mute(member: Member, isQuiet = false): void {
  member.setSpeaking(false)
  if (!isQuiet) tellMember(member, 'muted-sound', 'Muted')
  announceMember(member, 'mute-member')
}

export function unmute(member: Member, isQuiet = false): void {
  member.setSpeaking(true)
  if (!isQuiet) tellMember(member, 'unmuted-sound', 'Un-Muted')
  announceMember(member, 'unmute-member')
}

export function deaf(member: Member, isQuiet = false): void {
  member.setHearing(false)
  if (!isQuiet) tellMember(member, 'deaf-sound')
  announceMember(member, 'deaf-member')
}

export function undeaf(member: Member, isQuiet = false): void {
  member.setHearing(true)
  if (!isQuiet) tellMember(member, 'undeaf-sound')
  announceMember(member, 'undeaf-member')
}

/** On hold he neither hears nor is heard; `sound` is all that he hears meanwhile. */
export function hold(member: Member, sound: string): void {
  member.setHeld(true)
  if (sound) void member.files.play(sound, { isMixed: false })
  announceMember(member, 'hold-member')
}

export function unhold(member: Member): void {
  member.setHeld(false)
  member.files.stop('all')
  announceMember(member, 'unhold-member')
}

/** Who has the floor after it was asked for: the member, nobody (it was his), or somebody else, who keeps it. */
export function toggleFloor(member: Member): Member | undefined {
  const { conference } = member
  const holder = conference.floor
  if (holder === member) {
    conference.room.clearFloor()
    return undefined
  }
  if (holder) return holder
  member.place.takeFloor()
  return member
}
