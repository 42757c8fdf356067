/** Louder, softer or mute: what `uuid_audio` does to the sound of a channel. */
import type { Channel } from './channel.ts'

/** What the samples are multiplied with at the steps -4 to 4. */
const factors = [0.2, 0.4, 0.6, 0.8, 1, 1.3, 2.3, 3.3, 4.3]

export type AudioChange = 'mute' | 'level'

/** By which word a channel's sound was changed first. */
const changed = new WeakMap<Channel, AudioChange>()

/**
 * Mutes one direction (level 0 takes that back) or makes it louder or softer by steps from -4 to 4, 0 being as it came; other
 * steps change nothing. The one ends the other.
 */
export function changeAudio(
  channel: Channel,
  change: AudioChange,
  direction: 'read' | 'write',
  level: number,
): void {
  const { media } = channel
  if (!media) return
  if (!changed.has(channel)) changed.set(channel, change)
  if (change === 'mute') {
    media.mute(direction, level !== 0)
    media.gain(direction, 0)
    return
  }
  const factor = factors[level + 4]
  if (factor !== undefined) media.gain(direction, 20 * Math.log10(factor))
}

/** Everything as it came. */
export function resetAudio(channel: Channel): void {
  if (!changed.delete(channel)) return
  for (const direction of ['read', 'write'] as const) {
    channel.media?.mute(direction, false)
    channel.media?.gain(direction, 0)
  }
}

/** The word by which the sound was changed; undefined when it is as it came. */
export function audioChange(channel: Channel): AudioChange | undefined {
  return changed.get(channel)
}
