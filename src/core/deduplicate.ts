/** deduplicate_dtmf: a digit that arrives two ways counts once, and events in the sound are trusted most. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import type { Digit } from './digit-queue.ts'

const log = logger('core/digits')

const seen: Partial<Record<Digit['source'], string>> = {
  RTP: 'deduplicate_dtmf_seen_rtp',
  INBAND_AUDIO: 'deduplicate_dtmf_seen_inband',
  ENDPOINT: 'deduplicate_dtmf_seen_endpoint',
}

/**
 * From now on a digit is dropped that repeats the one before and came another way; once a digit came as an event in the sound,
 * or with `onlyRtp` at once, only such digits count. Digits of applications always do.
 */
export function deduplicateDigits(channel: Channel, onlyRtp: boolean): void {
  const { digitRules } = channel
  if (digitRules.gate) return
  let trustsRtpOnly = onlyRtp
  let last: Digit | undefined
  digitRules.gate = (digit) => {
    const { source } = digit
    const variable = seen[source]
    if (variable === undefined) return true
    channel.variables.set(variable, 'true')
    if (trustsRtpOnly) return source === 'RTP'
    const isRepeat = last !== undefined && last.digit === digit.digit && last.source !== source
    last = digit
    if (source === 'RTP') {
      trustsRtpOnly = true
      digitRules.isListening = false
      channel.media?.detectDigits(false)
    }
    if (isRepeat) log.info(`digit ${digit.digit} came another way before`, channel.uuid)
    return !isRepeat
  }
}
