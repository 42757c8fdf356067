/** Asking for the pin of a conference. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { collectDigits } from '../../core/collect.ts'
import { play } from '../../core/play.ts'
import type { Conference } from './conference.ts'
import { soundOf } from './files.ts'

const log = logger('applications/conference')

/** ms until the first digit, and between two. */
const patienceMs = 5000
const digitMs = 5000

/** Whether the channel knows the pin: from the argument, the variable `supplied_pin`, or its keys. */
export async function mayEnter(
  conference: Conference,
  channel: Channel,
  given: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  // The argument's pin is the one to be entered where the conference has none of its own.
  const wanted = conference.pin || given || ''
  if (wanted === '' || channel.direction === 'outbound') return true
  const supplied = channel.text('supplied_pin')
  if (supplied !== undefined && supplied === wanted) return true
  const { profile } = conference
  const ask = profile.sound('pin-sound')
  const wrong = profile.sound('bad-pin-sound')
  for (let left = Math.max(1, profile.pinRetries); left > 0 && !signal.aborted; left--) {
    const { digits } = await collectDigits(channel, {
      signal,
      min: wanted.length,
      max: wanted.length,
      prompt: ask ? soundOf(conference, ask) : '',
      timeoutMs: patienceMs,
      digitTimeoutMs: digitMs,
      terminators: '#',
    })
    // What is left of a longer entry (its `#`) belongs to it.
    channel.digits.flush()
    if (signal.aborted) return false
    if (digits === wanted) return true
    log.notice(`a wrong pin for conference ${conference.name}`, channel.uuid)
    if (wrong) await play(channel, soundOf(conference, wrong), { signal })
  }
  return false
}
