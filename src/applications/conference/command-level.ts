/** Sub-commands of `conference` about loudness: thresholds, volumes, and what follows the voice by itself. */
import { announceMember } from './maintenance.ts'
import { energyStep, type Member, mostEnergy, mostVolume } from './member.ts'
import { changed, forMembers, numberOf, type SubCommand } from './sub-commands.ts'

const target = '<member_id|all|last|non_moderator>'

function energy(member: Member, [word]: readonly string[]): string {
  const level = changed(member.energyLevel, word, energyStep, mostEnergy)
  if (level !== undefined) member.setEnergy(isStep(word) ? Math.max(0, level) : level)
  let reply = `Energy ${member.id} = ${member.energyLevel}\n`
  if (member.autoEnergyLevel > 0 && member.energyLevel > member.autoEnergyLevel) {
    member.autoEnergyLevel = 0
    member.applyDynamics()
    reply += 'Auto-Energy level exceeded, Auto-Energy mode disabled\n'
  }
  if (level !== undefined)
    announceMember(member, 'energy-level-member', { 'Energy-Level': String(member.energyLevel) })
  return reply
}

function isStep(word: string | undefined): boolean {
  return /^(up|down)$/i.test(word ?? '')
}

function autoEnergy(member: Member, [word]: readonly string[]): string {
  const level = changed(member.autoEnergyLevel, word, energyStep, mostEnergy)
  if (level !== undefined) {
    member.autoEnergyLevel = Math.max(0, level)
    member.applyDynamics()
  }
  const reply = `${member.id} = Auto-Energy: ${member.autoEnergyLevel} Energy: ${member.energyLevel}\n`
  if (member.energyLevel === 0 && member.autoEnergyLevel > 0)
    member.setEnergy(Math.trunc(member.autoEnergyLevel / 2))
  if (level !== undefined)
    announceMember(member, 'auto-energy-level-member', {
      'Auto-Energy-Level': String(member.autoEnergyLevel),
    })
  return reply
}

/** `1500:500:3`: the level, ms of mute, frames that bring it about. */
function maxEnergy(member: Member, [word]: readonly string[]): string {
  const level = changed(member.maxEnergyLevel, word, energyStep, mostEnergy)
  if (level !== undefined) member.maxEnergyLevel = Math.max(0, level)
  let complaint = ''
  if (member.maxEnergyLevel > 0 && member.maxEnergyLevel < member.energyLevel) {
    member.maxEnergyLevel = 0
    complaint = `-ERR ${member.id} Max-Energy cannot exceed energy level.\n`
  } else if (word !== undefined) {
    const [, ms = '', hits = ''] = word.split(':')
    if (ms !== '') member.maxEnergyMuteMs = Math.max(0, numberOf(ms))
    if (hits !== '') member.maxEnergyHits = Math.max(0, numberOf(hits))
  }
  if (word !== undefined) {
    member.applyDynamics()
    announceMember(member, 'max-energy-level-member', {
      'Max-Energy-Level': String(member.maxEnergyLevel),
      'Max-Energy-Mute': String(member.maxEnergyMuteMs),
      'Max-Energy-Hit-Trigger': String(member.maxEnergyHits),
    })
  }
  // In this order, whatever the words say.
  return `${complaint}${member.id} = Max-Energy: ${member.energyLevel} Energy: ${member.maxEnergyLevel} Max-Energy-Mute: ${member.maxEnergyMuteMs}ms Max-Energy-Hit-Trigger ${member.maxEnergyHits}\n`
}

/** `1100:300:2`: the level, the one that is raised at once, how long it takes to change. */
function autoGain(member: Member, [word]: readonly string[]): string {
  if (word !== undefined) {
    if (isStep(word)) {
      const level = changed(member.autoGainLevel, word, energyStep, mostEnergy) ?? 0
      member.autoGainLevel = Math.max(0, level)
    } else {
      const [level = 0, low = 0, patience = 0] = word.split(':').map(numberOf)
      // A zero ends it, which FreeSWITCH has no word for.
      if (level > 0 || /^0/.test(word)) member.autoGainLevel = level
      if (low > 0) member.autoGainLow = low
      if (patience > 0) member.autoGainPatience = patience
    }
    member.applyDynamics()
    announceMember(member, 'agc-level-member', { 'Agc-Level': String(member.autoGainLevel) })
  }
  return `Agc ${member.id} = ${member.autoGainLevel}\n`
}

function volume(direction: 'in' | 'out') {
  return (member: Member, [word]: readonly string[]): string => {
    const level = () => (direction === 'in' ? member.volumeIn : member.volumeOut)
    const step = changed(level(), word, 1, mostVolume)
    if (step !== undefined) {
      member.setVolume(direction, step)
      announceMember(member, `volume-${direction}-member`, { 'Volume-Level': String(level()) })
    }
    return `+OK Volume ${direction.toUpperCase()} ${member.id} = ${level()}\n`
  }
}

export const levelCommands: readonly SubCommand[] = [
  forMembers('energy', `${target} [<newval>]`, energy),
  forMembers('auto-energy', `${target} [<newval>]`, autoEnergy),
  forMembers('max-energy', `${target} [<newval>]`, maxEnergy),
  forMembers('agc', `${target} [<newval>]`, autoGain),
  forMembers('volume_in', `${target} [<newval>]`, volume('in')),
  forMembers('volume_out', `${target} [<newval>]`, volume('out')),
]
