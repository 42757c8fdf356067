/** The jitter buffer of a leg. */
import type { AskTable } from './ask.ts'
import type { JitterQuestion } from './protocol.ts'
import { RtpLeg } from './rtp-leg.ts'

export const askJitter: AskTable<JitterQuestion> = {
  // What comes through a loop or a pipe comes evenly.
  'jitter buffer': ({ leg }, { habits }) => {
    if (leg instanceof RtpLeg) leg.jitterBuffer(habits)
  },
}
