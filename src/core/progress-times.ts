/** When a call rang and when its sound began. Whoever dialled it has the times of the leg too, where its own do not come later. */
import type { CallerProfile } from './caller-profile.ts'
import type { Channel } from './channel.ts'
import { nowMicros } from './time/times.ts'

/** 180 came or was sent; the first time stays. */
export function noteProgress({ profile, sw }: Channel): void {
  if (profile.times.progress) return
  const now = nowMicros()
  profile.times.progress = now
  const { originator } = profile
  if (!originator) return
  originator.times.progress = now
  const other = sw.channels.get(originator.get('uuid'))?.profile
  if (other && !other.times.progress) other.times.progress = now
}

/** Sound before the answer. */
export function noteProgressMedia({ profile, sw }: Channel): void {
  const now = nowMicros()
  const note = (one: CallerProfile | undefined) => {
    if (one) one.times.progressMedia = now
  }
  note(profile)
  note(profile.originator)
  if (profile.originator) note(sw.channels.get(profile.originator.get('uuid'))?.profile)
}
