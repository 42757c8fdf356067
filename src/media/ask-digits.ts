/** The digits of a leg. */
import type { AskTable } from './ask.ts'
import type { DigitQuestion } from './protocol.ts'

export const askDigits: AskTable<DigitQuestion> = {
  'pass dtmf': ({ leg }, { on }) => {
    leg.passesDtmf = on
  },
  'send dtmf': ({ leg }, { digits, ms }) => leg.sendDigits(digits, ms),
}
