/** Which tones a phone hears: tones of amplitude 8000, as phones of the tests send them, found in the last that arrived. */
import { amplitudeAt } from './levels.ts'
import type { RtpPeer } from './rtp-peer.ts'

/** Those of `frequencies` that are in the last `ms`: `500 900`. */
export function hears(
  peer: RtpPeer,
  frequencies: readonly number[],
  codec = 'PCMU',
  ms = 300,
): string {
  const rate = codec === 'G722' ? 16000 : 8000
  const packets = Math.ceil(ms / 20)
  const from = Math.max(0, peer.arrived.length - packets)
  const tail = peer.heard(codec, undefined, from)
  return frequencies.filter((frequency) => amplitudeAt(tail, frequency, rate) > 3000).join(' ')
}
