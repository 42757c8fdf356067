/** Hold: the far end is put on hold or taken off, and its partner hears music meanwhile. */
import type { Playback } from '../../media/engine.ts'
import type { Channel } from '../channel.ts'
import { soundPath } from '../sound-path.ts'

/** What plays to the partner of a held channel. */
const music = new WeakMap<Channel, Playback>()

/**
 * Puts a channel's far end on hold. False when it is held already. An endpoint that knows no hold leaves the call state as
 * it is; the partner hears the music nevertheless.
 */
export async function hold(channel: Channel): Promise<boolean> {
  if (!channel.isUp || channel.callState === 'HELD') return false
  if ((await channel.driver.hold?.(true)) && channel.isUp) channel.setCallState('HELD')
  await startHoldMusic(channel)
  channel.announce('CHANNEL_HOLD')
  return true
}

/** Takes it off again. False when it was not held. */
export async function unhold(channel: Channel): Promise<boolean> {
  if (!channel.isUp || channel.callState !== 'HELD') return false
  await channel.driver.hold?.(false)
  stopHoldMusic(channel)
  if (channel.isUp) {
    channel.setCallState('UNHELD')
    channel.setCallState('ACTIVE')
  }
  channel.announce('CHANNEL_UNHOLD')
  return true
}

/** Off when it is held, on when it talks. */
export async function toggleHold(channel: Channel): Promise<boolean> {
  if (channel.callState === 'HELD') return unhold(channel)
  if (channel.callState === 'ACTIVE' || channel.callState === 'UNHELD') return hold(channel)
  return true
}

/** Plays `temp_hold_music`, else `hold_music`, of a channel that holds or is held to its partner. */
export async function startHoldMusic(channel: Channel): Promise<void> {
  const { partner } = channel
  const text = channel.text('temp_hold_music') ?? channel.text('hold_music')
  if (!partner?.media || !text || music.has(channel)) return
  const path = await channel.sw.expand(text, channel)
  if (path === '' || path === 'silence' || channel.partner !== partner) return
  const playback = partner.media.play({ paths: [soundPath(channel, path)], loops: -1 })
  music.set(channel, playback)
  // The music ends with the bridge, whoever leaves it.
  const ends = [
    channel.signals.once('state', () => stopHoldMusic(channel)),
    partner.signals.once('state', () => stopHoldMusic(channel)),
  ]
  void playback.ended.then(() => {
    for (const handle of ends) handle[Symbol.dispose]()
    if (music.get(channel) === playback) music.delete(channel)
  })
}

/** Ends that music. */
export function stopHoldMusic(channel: Channel): void {
  music.get(channel)?.stop()
  music.delete(channel)
}
