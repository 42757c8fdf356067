/** What offer and answer write of the sound in the same words. */
import type { SdpCodec } from './description.ts'
import type { LocalSide } from './terms.ts'
import { networkAddress } from './write.ts'

/** RTP as it is without keys and without feedback. */
export const plainRtp = 'RTP/AVP'

/** Events of one clock. */
export function eventCodec(side: LocalSide, payloadType: number, clockRate: number): SdpCodec {
  const fmtp = `0-${side.highestEvent ?? 15}`
  return { payloadType, name: 'telephone-event', clockRate, channels: 1, fmtp }
}

/** Comfort noise of one clock. */
export function noiseCodec(payloadType: number, clockRate: number): SdpCodec {
  return { payloadType, name: 'CN', clockRate, channels: 1, fmtp: '' }
}

/** Where RTCP goes: beside RTP (RFC 3605), or among it (RFC 5761). */
export function rtcpLines(side: LocalSide, isMux: boolean): string[] {
  const lines = isMux ? ['rtcp-mux'] : []
  const port = isMux ? side.port : side.port + 1
  return [...lines, `rtcp:${port} ${networkAddress(side.address)}`]
}
