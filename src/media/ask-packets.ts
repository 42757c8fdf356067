/** The packets of a leg: the jitter buffer, and what is told of them. */
import type { AskTable } from './ask.ts'
import type { PacketQuestion } from './protocol.ts'
import { RtpLeg } from './rtp-leg.ts'

export const askPackets: AskTable<PacketQuestion> = {
  // What comes through a loop or a pipe comes evenly.
  'jitter buffer': ({ leg }, { habits }) => {
    if (leg instanceof RtpLeg) leg.jitterBuffer(habits)
  },
  trace: ({ leg }, { direction, on }) => {
    if (leg instanceof RtpLeg) leg.tracePackets(direction, on)
  },
}
