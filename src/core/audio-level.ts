/** Louder, softer or mute: what `uuid_audio`, `set_audio_level` and `set_mute` do to the sound of a channel. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { listBug } from './media-bugs.ts'

const log = logger('core/audio-level')

/** What the samples are multiplied with at the steps -4 to 4. */
const factors = [0.2, 0.4, 0.6, 0.8, 1, 1.3, 2.3, 3.3, 4.3]

/** What the samples are multiplied with at a step from -4 to 4. */
export function levelFactor(level: number): number {
  return factors[level + 4] ?? 1
}

export type AudioChange = 'mute' | 'level'
export type AudioDirection = 'read' | 'write' | 'both'

const changed = new WeakMap<Channel, Disposable>()

/** A direction by its name in any case. */
export function audioDirection(text: string): AudioDirection | undefined {
  const word = text.toLowerCase()
  return word === 'read' || word === 'write' || word === 'both' ? word : undefined
}

/**
 * Mutes a direction (level 0 takes that back, above 1 is comfort noise instead of silence), or makes it louder or softer by
 * steps from -4 to 4, 0 being as it came; other steps change nothing. The one ends the other.
 */
export function changeAudio(
  channel: Channel,
  change: AudioChange,
  direction: AudioDirection,
  level: number,
): void {
  const { media } = channel
  if (!media) return
  if (!changed.has(channel))
    changed.set(
      channel,
      listBug(channel, 'audio', change, () => resetAudio(channel)),
    )
  for (const side of direction === 'both' ? (['read', 'write'] as const) : [direction]) {
    if (change === 'mute') {
      media.mute(side, level !== 0, level > 1 ? level : 0)
      media.gain(side, 0)
      continue
    }
    const factor = factors[level + 4]
    if (factor !== undefined) media.gain(side, 20 * Math.log10(factor))
    else log.warning(`level ${level} is not between -4 and 4`, channel.uuid)
  }
}

/** Everything as it came. */
export function resetAudio(channel: Channel): void {
  const entry = changed.get(channel)
  if (!entry) return
  changed.delete(channel)
  for (const direction of ['read', 'write'] as const) {
    channel.media?.mute(direction, false)
    channel.media?.gain(direction, 0)
  }
  entry[Symbol.dispose]()
}
