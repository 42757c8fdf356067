/** Sub-commands of `conference` about members: what they may, how loud they are, and whether they stay. */
import { announceMember } from './maintenance.ts'
import type { Member } from './member.ts'
import { forMembers, numberOf, type SubCommand } from './sub-commands.ts'

const several = '<[member_id|all]|last|non_moderator>'
const target = '<member_id|all|last|non_moderator>'
const targets = '<[member_id|all|last|non_moderator]>'
const energyStep = 200
const mostEnergy = 1800

function mute(member: Member): string {
  member.setSpeaking(false)
  announceMember(member, 'mute-member')
  return `+OK mute ${member.id}\n`
}

function unmute(member: Member): string {
  member.setSpeaking(true)
  announceMember(member, 'unmute-member')
  return `+OK unmute ${member.id}\n`
}

/** `up`, `down` or a number; undefined leaves the value. */
function changed(value: number, word: string | undefined, step: number): number | undefined {
  if (word === undefined) return undefined
  if (word.toLowerCase() === 'up') return value + step
  if (word.toLowerCase() === 'down') return value - step
  return numberOf(word)
}

function energy(member: Member, [word]: readonly string[]): string {
  const level = changed(member.energyLevel, word, energyStep)
  if (level !== undefined) {
    const isStep = /^(up|down)$/i.test(word ?? '')
    member.setEnergy(isStep ? Math.min(level, mostEnergy) : level)
    announceMember(member, 'energy-level-member')
  }
  return `Energy ${member.id} = ${member.energyLevel}\n`
}

function volume(direction: 'in' | 'out') {
  return (member: Member, [word]: readonly string[]): string => {
    const level = () => (direction === 'in' ? member.volumeIn : member.volumeOut)
    const step = changed(level(), word, 1)
    if (step !== undefined) {
      member.setVolume(direction, step)
      announceMember(member, `volume-${direction}-member`, { 'Volume-Level': String(level()) })
    }
    return `+OK Volume ${direction.toUpperCase()} ${member.id} = ${level()}\n`
  }
}

function floor(member: Member): string {
  const { conference } = member
  const holder = conference.floor
  if (holder && holder !== member) return `-ERR floor is held by ${holder.id}\n`
  conference.giveFloor(member)
  return `+OK floor ${member.id}\n`
}

export const memberCommands: readonly SubCommand[] = [
  forMembers('energy', `${target} [<newval>]`, energy),
  forMembers('volume_in', `${target} [<newval>]`, volume('in')),
  forMembers('volume_out', `${target} [<newval>]`, volume('out')),
  forMembers('mute', `${several} [<quiet>]`, mute),
  forMembers('unmute', `${several} [<quiet>]`, unmute),
  forMembers('tmute', `${several} [<quiet>]`, (member) =>
    member.canSpeak ? mute(member) : unmute(member),
  ),
  forMembers('deaf', several, (member) => {
    member.setHearing(false)
    announceMember(member, 'deaf-member')
    return `+OK deaf ${member.id}\n`
  }),
  forMembers('undeaf', several, (member) => {
    member.setHearing(true)
    announceMember(member, 'undeaf-member')
    return `+OK undeaf ${member.id}\n`
  }),
  forMembers('dtmf', `${targets} <digits>`, (member, _words, digits) => {
    if (digits === '') return undefined
    member.channel.driver.sendDtmf(digits, dtmfMs)
    announceMember(member, 'dtmf-member', { Digits: digits })
    return `+OK sent ${digits} to ${member.id}\n`
  }),
  forMembers('kick', `${targets} [<optional sound file>]`, (member, _words, sound) => {
    member.farewell = sound || member.conference.profile.sound('kicked-sound')
    announceMember(member, 'kick-member')
    member.release()
    return `+OK kicked ${member.id}\n`
  }),
  forMembers('hup', targets, (member) => {
    announceMember(member, 'hup-member')
    member.channel.hangup('NORMAL_CLEARING')
    return `+OK hup ${member.id}\n`
  }),
  forMembers('floor', '<member_id|last>', floor),
  forMembers('get-uuid', '<member_id|last>', (member) => member.channel.uuid),
]

/** FreeSWITCH's 2000 samples at 8 kHz. */
const dtmfMs = 250
