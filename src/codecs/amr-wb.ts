/** AMR-WB: adaptive multi-rate wideband (RFC 4867), ITU-T G.722.2, up to 23.85 kbit/s. Passed on only. */
import { answerAmr, areAmrPayloadsAlike } from './amr-format.ts'
import type { Codec } from './codec.ts'
import { cannotOpen } from './pass-through.ts'

export const amrWb: Codec = {
  name: 'AMR-WB',
  clockRate: 16000,
  sampleRate: 16000,
  channels: 1,
  ptime: 20,
  ptimes: [20, 40, 60, 80, 100, 120],
  bitRate: 23850,
  passThrough: true,
  answer: answerAmr,
  isAlike: areAmrPayloadsAlike,
  open: cannotOpen('AMR-WB'),
}
