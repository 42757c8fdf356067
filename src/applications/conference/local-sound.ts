/** A sound for one who is not in the conference yet, or no longer. */
import type { Channel } from '../../core/channel.ts'
import { play } from '../../core/play.ts'
import type { Conference } from './conference.ts'

/** Plays a sound of a conference to a channel, variables in its name filled in, until its end. */
export async function playLocally(
  conference: Conference,
  channel: Channel,
  path: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!path || signal.aborted) return
  const whole = path.includes('$') ? await channel.sw.expand(path, channel) : path
  const sound = conference.pathOf(whole)
  if (sound !== '') await play(channel, sound, { signal })
}
