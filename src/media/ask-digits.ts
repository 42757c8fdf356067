/** The digits of a leg. */
import type { AskTable } from './ask.ts'
import { DigitVoice } from './digit-voice.ts'
import { InbandDigits } from './inband-digits.ts'
import type { DigitQuestion } from './protocol.ts'

export const askDigits: AskTable<DigitQuestion> = {
  'pass dtmf': ({ leg }, { on }) => {
    leg.passesDtmf = on
  },
  'drop digits': ({ leg }, { on }) => {
    leg.dropsDigits = on
  },
  'detect digits': ({ leg, running }, { on }) => {
    if (on) running.inband ??= new InbandDigits(leg)
    else {
      running.inband?.legClosed()
      running.inband = undefined
    }
  },
  'tones for digits': ({ leg }, { direction }) => {
    leg.tonesForDigits = direction
    if (direction === 'read') leg.digitVoice ?? new DigitVoice(leg)
    else leg.digitVoice?.legClosed()
  },
  'say digits': ({ leg }, { digits, ms }) => leg.digitVoice?.say(digits, ms),
  'send dtmf': ({ leg }, { digits, ms }) => leg.sendDigits(digits, ms),
}
