/** Applications about digits: sending, queueing, forgetting, blocking. */
import { logger } from '../base/log.ts'
import type { Channel } from '../core/channel.ts'
import { deduplicateDigits } from '../core/deduplicate.ts'
import { parseDigits } from '../core/digits-text.ts'
import type { Application } from '../core/interfaces.ts'
import { receiveDigits, sendDigits } from '../core/send-digits.ts'

const log = logger('applications/digits')

export const sendDtmf: Application = {
  name: 'send_dtmf',
  syntax: '<digits>[@<ms>]',
  about: 'Send digits to the party; w pauses half a second, W a second',
  needs: 'nothing',
  run(channel, data) {
    const complaint = sendDigits(channel, data)
    if (complaint) log.err(`send_dtmf ${data}: ${complaint}`, channel.uuid)
  },
}

export const queueDtmf: Application = {
  name: 'queue_dtmf',
  syntax: '<digits>[@<ms>]',
  about: 'Digits as if the party had pressed them',
  needs: 'nothing',
  run(channel, data) {
    for (const { digits, ms } of parseDigits(data).chunks) receiveDigits(channel, digits, ms)
  },
}

export const flushDtmf: Application = {
  name: 'flush_dtmf',
  syntax: '',
  about: 'Forget the digits that nobody has taken',
  needs: 'nothing',
  run: (channel) => void channel.digits.flush(),
}

function blocker(name: string, about: string, on: boolean): Application {
  const run = (channel: Channel) => {
    channel.digitRules.isBlocking = on
    if (channel.media) channel.digitRules.apply(channel.media)
    channel.signals.emit('keys', undefined)
  }
  return { name, syntax: '', about, needs: 'nothing', run }
}

export const blockDtmf = blocker(
  'block_dtmf',
  'No digits from or to this party until unblock_dtmf',
  true,
)
export const unblockDtmf = blocker('unblock_dtmf', 'Let digits through again', false)

export const deduplicateDtmf: Application = {
  name: 'deduplicate_dtmf',
  syntax: '[only_rtp]',
  about: 'A digit that arrives two ways counts once; events in the sound are trusted most',
  needs: 'nothing',
  run: (channel, data) => deduplicateDigits(channel, data.trim() === 'only_rtp'),
}
