/** G729: ITU-T G.729 at 8 kbit/s, frames of 10 octets for 10 ms (RFC 3551 section 4.5.6). Passed on only. */
import type { Codec } from './codec.ts'
import { formatParameters } from './format-parameters.ts'
import { cannotOpen } from './pass-through.ts'

function saysNo(fmtp: string): boolean {
  return formatParameters(fmtp).get('annexb')?.toLowerCase() === 'no'
}

export const g729: Codec = {
  name: 'G729',
  payloadType: 18,
  clockRate: 8000,
  sampleRate: 8000,
  channels: 1,
  ptime: 20,
  bitRate: 8000,
  passThrough: true,
  // RFC 4856 section 2.1.9: silence of annex B is used unless either side says no.
  answer: (theirs, ours) => (saysNo(theirs) || saysNo(ours) ? 'annexb=no' : ours),
  open: cannotOpen('G729'),
}
