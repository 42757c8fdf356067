/** Music for somebody who waits. */
import { delay } from '../base/clock.ts'
import type { Channel } from './channel.ts'
import { play } from './play.ts'

/** Music that is over sooner than this, ms, is not begun again without a rest. */
const shortestMs = 200

/** Plays it until it ends or `signal` aborts; whoever waits on may begin it again at once. False: it cannot be played. */
export async function playMusic(
  channel: Channel,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const begun = performance.now()
  const { ended } = await play(channel, path, { signal, loops: -1 })
  if (ended !== 'done' && ended !== 'stopped') return false
  if (performance.now() - begun < shortestMs) await delay(shortestMs, signal)
  return true
}
