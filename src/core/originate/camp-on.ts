/** Camp on (`campon=true`): a busy destination is dialled again and again while the caller hears music. */
import { delay } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import { attend } from '../attend.ts'
import { applyFailure } from '../bridge/bridge-failure.ts'
import type { Channel } from '../channel.ts'
import type { HangupCause } from '../hangup-cause.ts'
import { soundPath } from '../sound-path.ts'
import { transfer } from '../transfer.ts'
import { originate } from './originate.ts'

const log = logger('core/camp-on')
const never = new AbortController().signal

/** The channel that was reached at last; undefined when the caller left, or has been sent elsewhere because nobody could be reached. */
export async function campOn(channel: Channel, dialString: string): Promise<Channel | undefined> {
  const number = (name: string, fallback: number) => {
    const value = Number.parseInt(channel.variables.get(name) ?? '', 10)
    return value > 0 ? value : fallback
  }
  const gone = new AbortController()
  const handle = channel.signals.on('state', () => gone.abort())
  const text = channel.text('campon_hold_music') ?? channel.text('hold_music')
  const music =
    text && text.toLowerCase() !== 'silence' ? await channel.sw.expand(text, channel) : ''
  let playback: { stop(): void } | undefined
  let cause: HangupCause = 'NORMAL_CLEARING'
  try {
    for (let left = number('campon_retries', 100); left > 0; left--) {
      if (gone.signal.aborted) return undefined
      const dialling = originate(channel.sw, {
        dialString,
        timeoutSeconds: number('campon_timeout', 10),
        callerName: channel.text('effective_caller_id_name') ?? channel.text('caller_id_name'),
        callerNumber:
          channel.text('effective_caller_id_number') ?? channel.text('caller_id_number'),
        signal: gone.signal,
      })
      if (music) playback ??= channel.media?.play({ paths: [soundPath(channel, music)], loops: -1 })
      const result = await attend(channel, dialling, never)
      if (result.channel) {
        if (!gone.signal.aborted) return result.channel
        result.channel.hangup('ORIGINATOR_CANCEL')
        return undefined
      }
      cause = result.cause
      log.debug(`${dialString}: ${cause}; ${left - 1} tries left`, channel.uuid)
      if (left > 1)
        await attend(channel, delay(number('campon_sleep', 10) * 1000, gone.signal), never)
    }
  } finally {
    playback?.stop()
    handle[Symbol.dispose]()
  }
  if (gone.signal.aborted) return undefined
  const fallback = channel.variables.get('campon_fallback_exten')
  if (fallback) {
    transfer(channel, {
      extension: fallback,
      dialplan: channel.variables.get('campon_fallback_dialplan'),
      context: channel.variables.get('campon_fallback_context'),
    })
    return undefined
  }
  channel.variables.set('originate_failed_cause', cause)
  applyFailure(channel, cause)
  return undefined
}
