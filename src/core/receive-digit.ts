/** What becomes of a digit that a channel's far end has pressed: filters, tones in its place, the queue, the event DTMF. */
import type { Channel } from './channel.ts'
import type { Digit } from './digit-queue.ts'
import type { SwitchEvent } from './events.ts'

/** A digit arrived from the far end; `isSeen` when filters have let it go already. */
export function receiveDigit(channel: Channel, received: Digit, isSeen = false): void {
  const { digitRules } = channel
  if (!channel.isUp || digitRules.isBlocking) return
  if (received.isConverted) return announceConversion(channel, received)
  if (!digitRules.accepts(received)) return
  const digit = { ...received, duration: channel.sw.dtmfDurations.bounded(received.duration) }
  // Those of the stream have become tones in the media worker.
  const isOfSound = digit.source === 'RTP' || digit.source === 'INBAND_AUDIO'
  if (digitRules.tones === 'read' && !isOfSound) {
    channel.media?.sayDigits(digit.digit, digit.duration / 8)
    return announceConversion(channel, digit)
  }
  if (!isSeen && !channel.keys.passes('received', digit.digit)) return
  channel.digits.add(digit)
  // While `echo` runs nobody takes digits, so FreeSWITCH shows none.
  if (channel.variables.get('current_application') !== 'echo') {
    channel.announce('DTMF', (event) => addDigit(event, digit))
  }
  channel.signals.emit('digit', digit)
}

/** Shows a digit that has become tones (`start_dtmf_generate`). */
export function announceConversion(channel: Channel, digit: Digit): void {
  channel.announce('DTMF', (event) => {
    addDigit(event, { ...digit, source: 'APP' })
    event.add('DTMF-Conversion', 'native:inband')
  })
}

function addDigit(event: SwitchEvent, { digit, duration, source }: Digit): void {
  event.add('DTMF-Digit', digit)
  event.add('DTMF-Duration', String(duration))
  event.add('DTMF-Source', source)
}
