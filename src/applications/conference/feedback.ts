/** What a member alone is told of himself: that he is muted, how loud he is. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Member } from './member.ts'
import type { SoundName } from './profile.ts'
import { canSpeak } from './speech.ts'

const log = logger('applications/conference')

/** Plays sounds to one member, after each other; who does not hear the conference hears them nevertheless. */
function playToMember(member: Member, paths: readonly string[]): void {
  if (member.isGone || member.isKicked) return
  const isMixed = member.canHear && !member.isHeld
  const play = async () => {
    const started = paths.map(async (path) => {
      const whole = path.includes('$') ? await member.channel.sw.expand(path, member.channel) : path
      return [whole, await member.files.play(whole, { isMixed })] as const
    })
    for (const [path, hasStarted] of await Promise.all(started))
      if (!hasStarted && !member.isGone) log.info(`${path} cannot be played`, member.channel.uuid)
  }
  void play().catch((thrown: unknown) => log.err(reasonOf(thrown), member.channel.uuid))
}

/** The profile's sound; where it has none the words, if somebody can say them. */
export function tellMember(member: Member, sound: SoundName, words?: string): void {
  const { conference } = member
  const path = conference.profile.sound(sound)
  if (path) playToMember(member, [path])
  else if (words && canSpeak(conference)) playToMember(member, [`say:${words}`])
}

/** A small number, sign first. */
export function tellNumber(member: Member, number: number): void {
  const digits = [...String(Math.abs(number))].map((digit) => `digits/${digit}.wav`)
  playToMember(member, [...(number < 0 ? ['currency/negative.wav'] : []), ...digits])
}

/** How many are in the conference. */
export function tellCount(member: Member, count: number): void {
  const { conference } = member
  if (canSpeak(conference)) playToMember(member, [`say:There are ${count} callers`])
  else {
    const digits = [...String(count)].map((digit) => `digits/${digit}.wav`)
    playToMember(member, [...digits, 'conference/conf-members_in_conference.wav'])
  }
}
