/** PCMA: G.711 A-law at 64 kbit/s (RFC 3551 section 4.5.14). */
import type { Codec } from './codec.ts'
import { aLaw, lawCoder } from './g711.ts'

const coder = lawCoder(aLaw)

export const pcma: Codec = {
  name: 'PCMA',
  payloadType: 8,
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 20,
  bitRate: 64000,
  law: aLaw,
  open: () => coder,
}
