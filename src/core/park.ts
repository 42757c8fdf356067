/** Park: a channel waits for what commands make of it. */
import { systemClock } from '../base/clock.ts'
import type { Activity } from './activity.ts'
import { attendUntilAborted } from './attend.ts'
import type { Channel } from './channel.ts'
import { parseCause } from './hangup-cause.ts'

/** Waits until transferred, hung up or broken; `park_timeout=<seconds>[:cause]` bounds it. */
export async function parkChannel(channel: Channel, called: Activity | AbortSignal): Promise<void> {
  const [seconds = '', causeText = ''] = (channel.variables.get('park_timeout') ?? '').split(':')
  const limit = Number.parseInt(seconds, 10)
  const cause = parseCause(causeText) ?? 'NORMAL_CLEARING'
  const timer = limit > 0 ? systemClock.after(limit * 1000, () => channel.hangup(cause)) : undefined
  const silence = channel.variables.get('send_silence_when_idle')
  if (silence) channel.media?.sendSilence(Number.parseInt(silence, 10) || 0)
  channel.announce('CHANNEL_PARK')
  try {
    await attendUntilAborted(channel, called)
  } finally {
    timer?.cancel()
    if (silence) channel.media?.sendSilence(0)
    channel.announce('CHANNEL_UNPARK')
  }
}
