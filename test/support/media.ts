/** What the media tests share: settings of a leg, and legs joined to peers. */
import type { LegCodec, LegSettings, MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import { RtpPeer } from './rtp-peer.ts'

export function codec(name: string, payloadType: number, more: Partial<LegCodec> = {}): LegCodec {
  return { name, payloadType, clockRate: 8000, channels: 1, fmtp: '', ptime: 20, ...more }
}

export const pcmu = codec('PCMU', 0)
export const pcma = codec('PCMA', 8)

export function settings(remotePort: number, more: Partial<LegSettings> = {}): LegSettings {
  return {
    send: pcmu,
    receive: [pcmu],
    eventSend: 101,
    eventReceive: 101,
    eventClock: 8000,
    remoteAddress: '127.0.0.1',
    remotePort,
    remoteRtcpPort: undefined,
    rtcpMux: false,
    sends: true,
    receives: true,
    latch: true,
    timeoutSeconds: 0,
    holdTimeoutSeconds: 0,
    rtcpIntervalMs: 0,
    ...more,
  }
}

let count = 0

/** A leg and the phone that it talks to. */
export async function phone(
  engine: MediaEngine,
  more: Partial<LegSettings> = {},
  near?: MediaLeg,
): Promise<{ leg: MediaLeg; peer: RtpPeer }> {
  const peer = await RtpPeer.open()
  const leg = await engine.openLeg({ uuid: `leg-${++count}`, address: '127.0.0.1', near })
  leg.configure(settings(peer.port, more))
  peer.target = leg.localPort
  return { leg, peer }
}
