/** Sub-commands of `conference` about members: what they may, and whether they stay. */
import * as acts from './acts.ts'
import { announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { forMembers, type SubCommand } from './sub-commands.ts'

/** FreeSWITCH's 2000 samples at 8 kHz. */
const dtmfMs = 250

const several = '<[member_id|all]|last|non_moderator>'
const targets = '<[member_id|all|last|non_moderator]>'

function isQuiet(words: readonly string[]): boolean {
  return words[0]?.includes('quiet') === true
}

function mute(member: Member, words: readonly string[]): string {
  acts.mute(member, isQuiet(words))
  return `+OK mute ${member.id}\n`
}

function unmute(member: Member, words: readonly string[]): string {
  acts.unmute(member, isQuiet(words))
  return `+OK unmute ${member.id}\n`
}

function floor(member: Member): string {
  const holder = acts.toggleFloor(member)
  if (!holder) return '+OK floor none\n'
  return holder === member ? `+OK floor ${member.id}\n` : `-ERR floor is held by ${holder.id}\n`
}

function kick(member: Member, sound: string): string {
  member.isKicked = true
  member.farewell = sound || member.conference.profile.sound('kicked-sound')
  announceMember(member, 'kick-member')
  member.release()
  return `+OK kicked ${member.id}\n`
}

function dtmf(member: Member, digits: string): string | undefined {
  if (digits === '') return undefined
  member.channel.driver.sendDtmf(digits, dtmfMs)
  announceMember(member, 'dtmf-member', { Digits: digits })
  return `+OK sent ${digits} to ${member.id}\n`
}

export const memberCommands: readonly SubCommand[] = [
  forMembers('mute', `${several} [<quiet>]`, mute),
  forMembers('unmute', `${several} [<quiet>]`, unmute),
  forMembers('tmute', `${several} [<quiet>]`, (member, words) =>
    member.canSpeak ? mute(member, words) : unmute(member, words),
  ),
  forMembers('deaf', several, (member, words) => {
    acts.deaf(member, isQuiet(words))
    return `+OK deaf ${member.id}\n`
  }),
  forMembers('undeaf', several, (member, words) => {
    acts.undeaf(member, isQuiet(words))
    return `+OK undeaf ${member.id}\n`
  }),
  forMembers('hold', `${several} [file]`, (member, _words, file) => {
    acts.hold(member, file)
    return `+OK hold ${member.id}\n`
  }),
  forMembers('unhold', several, (member) => {
    acts.unhold(member)
    return `+OK unhold ${member.id}\n`
  }),
  forMembers('dtmf', `${targets} <digits>`, (member, _words, digits) => dtmf(member, digits)),
  forMembers('kick', `${targets} [<optional sound file>]`, (member, _words, sound) =>
    kick(member, sound),
  ),
  forMembers('hup', targets, (member) => {
    announceMember(member, 'hup-member')
    // Like `kick` without a sound: what the dialplan has behind the conference comes next.
    member.release()
    return `+OK hup ${member.id}\n`
  }),
  forMembers('floor', '<member_id|last>', floor),
  forMembers('get-uuid', '<member_id|last>', (member) => member.channel.uuid),
]
