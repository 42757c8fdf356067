/** AMR: adaptive multi-rate narrowband (RFC 4867), frames of 20 ms at up to 12.2 kbit/s. Passed on only. */
import { answerAmr, areAmrPayloadsAlike } from './amr-format.ts'
import type { Codec } from './codec.ts'
import { cannotOpen } from './pass-through.ts'

export const amr: Codec = {
  name: 'AMR',
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 20,
  ptimes: [20, 40, 60, 80, 100, 120],
  bitRate: 12200,
  passThrough: true,
  answer: answerAmr,
  isAlike: areAmrPayloadsAlike,
  open: cannotOpen('AMR'),
}
