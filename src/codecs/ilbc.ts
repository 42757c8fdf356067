/** iLBC: 38 octets for 20 ms or 50 octets for 30 ms (RFC 3951, RFC 3952). Passed on only. */
import type { Codec } from './codec.ts'
import { formatParameters } from './format-parameters.ts'
import { cannotOpen } from './pass-through.ts'

/** RFC 3952 section 5: without `mode` it is 30. */
function modeOf(fmtp: string): string {
  return formatParameters(fmtp).get('mode') === '20' ? '20' : '30'
}

export const ilbc: Codec = {
  name: 'iLBC',
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 30,
  ptimes: [20, 30, 40, 60, 80, 90, 100, 120],
  bitRate: 13333,
  passThrough: true,
  offer: (ptime) => `mode=${ptime % 30 === 0 ? 30 : 20}`,
  // RFC 3952 section 5: when the two differ, both use 30.
  answer: (theirs, ours) =>
    `mode=${ours === '' || modeOf(ours) === modeOf(theirs) ? modeOf(theirs) : 30}`,
  isAlike: (a, b) => modeOf(a) === modeOf(b),
  open: cannotOpen('iLBC'),
}
