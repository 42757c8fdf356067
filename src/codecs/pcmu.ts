/** PCMU: G.711 µ-law at 64 kbit/s (RFC 3551 section 4.5.14). */
import type { Codec } from './codec.ts'
import { lawCoder, muLaw } from './g711.ts'

const coder = lawCoder(muLaw)

export const pcmu: Codec = {
  name: 'PCMU',
  payloadType: 0,
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 20,
  bitRate: 64000,
  law: muLaw,
  open: () => coder,
}
