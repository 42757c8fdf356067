/** Displace: a file takes the place of what a party hears, beside whatever goes on. */
import type { Playback } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import { soundPath } from './sound-path.ts'

/** By the path as it was written. */
const running = new WeakMap<Channel, Map<string, Playback>>()

/**
 * Plays a file to the party; `limitSeconds` 0 plays all of it, `loops` begins it anew for ever. False when it cannot be
 * opened, or plays already.
 */
export async function startDisplace(
  channel: Channel,
  written: string,
  options: { readonly limitSeconds: number; readonly loops: boolean },
): Promise<boolean> {
  const { media } = channel
  const table = running.get(channel) ?? new Map<string, Playback>()
  running.set(channel, table)
  if (!media || !channel.isUp || table.has(written)) return false
  const loops = options.loops ? -1 : 1
  const playback = media.play({ paths: [soundPath(channel, written)], loops })
  table.set(written, playback)
  const limit =
    options.limitSeconds > 0
      ? setTimeout(stopDisplace, options.limitSeconds * 1000, channel, written)
      : undefined
  void playback.ended.then(({ ended }) => {
    clearTimeout(limit)
    // Cut off by another sound it still counts as begun, until it is stopped.
    if (ended !== 'stopped' && table.get(written) === playback) table.delete(written)
  })
  if (await playback.started) return true
  // Another sound came between: what is wrong with the file would end it otherwise.
  const { ended } = await playback.ended
  return ended === 'stopped'
}

/** Ends it. False when that file does not play. */
export function stopDisplace(channel: Channel, written: string): boolean {
  const table = running.get(channel)
  const playback = table?.get(written)
  if (!playback) return false
  table?.delete(written)
  playback.stop()
  return true
}

/** The files that play in this way. */
export function displacements(channel: Channel): string[] {
  return [...(running.get(channel)?.keys() ?? [])]
}
