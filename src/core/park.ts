/** Park: a channel waits for what commands make of it. */
import { delay, systemClock } from '../base/clock.ts'
import { logger } from '../base/log.ts'
import type { Activity } from './activity.ts'
import { attendUntilAborted } from './attend.ts'
import type { Channel } from './channel.ts'
import { parseCause } from './hangup-cause.ts'
import { stopUnicast } from './unicast.ts'

const log = logger('core/park')
const frameMs = 20

/** Those that are parked now: parking them once more would hide them from who controls them. */
const parked = new WeakSet<Channel>()

/**
 * Waits until transferred, hung up or called off; `park_timeout=<seconds>[:cause]` bounds it. What was queued meanwhile runs,
 * and is run to its end when the call is only called off. A parked channel is not parked within that (`sendmsg` with `park`).
 */
export async function parkChannel(channel: Channel, called: Activity | AbortSignal): Promise<void> {
  if (parked.has(channel)) {
    log.err('cannot park a channel that is parked already', channel.uuid)
    return
  }
  const [seconds = '', causeText = ''] = (channel.variables.get('park_timeout') ?? '').split(':')
  const limit = Number.parseInt(seconds, 10)
  const cause = parseCause(causeText) ?? 'NORMAL_CLEARING'
  const timer = limit > 0 ? systemClock.after(limit * 1000, () => channel.hangup(cause)) : undefined
  const silence = channel.variables.get('send_silence_when_idle')
  if (silence) channel.media?.sendSilence(Number.parseInt(silence, 10) || 0)
  parked.add(channel)
  channel.announce('CHANNEL_PARK')
  try {
    await attendUntilAborted(channel, called)
    // What clients send right behind a transfer is still for the call as it was: FreeSWITCH looks up once a frame.
    if (channel.state === 'routing') await delay(frameMs)
  } finally {
    parked.delete(channel)
    stopUnicast(channel)
    timer?.cancel()
    if (silence) channel.media?.sendSilence(0)
    channel.announce('CHANNEL_UNPARK')
  }
}
