/** The figures of a leg, made when somebody asks. */
import { meanOpinionScore } from '../rtp/quality.ts'
import type { DirectionStats, LegStats } from './engine.ts'
import type { RtpLeg } from './rtp-leg.ts'

const nothing: DirectionStats = {
  packets: 0,
  rawBytes: 0,
  mediaBytes: 0,
  mediaPackets: 0,
  skipPackets: 0,
  jitterPackets: 0,
  dtmfPackets: 0,
  cngPackets: 0,
  flushPackets: 0,
}

/** The figures of a leg without a wire. */
export const noStats: LegStats = {
  in: nothing,
  out: nothing,
  lost: 0,
  reordered: 0,
  duplicates: 0,
  jitterMs: null,
  jitterMinMs: null,
  jitterMaxMs: null,
  meanIntervalMs: null,
  roundTripMs: null,
  farLossFraction: null,
  farJitterMs: null,
  mos: null,
  rtcpPackets: 0,
  rtcpOctets: 0,
  remote: '',
  latched: false,
  lastPacketAt: null,
}

export function legStats(leg: RtpLeg): LegStats {
  const { reception, sender, rtcpSession, latch, passed } = leg
  const isMeasured = reception.jitterMin !== Number.POSITIVE_INFINITY
  const expected = reception.received + reception.lost
  // Half the round trip, and a jitter buffer of twice the jitter at the listener.
  const delay = (rtcpSession.roundTripMs ?? 0) / 2 + reception.jitter * 2
  const codec = leg.settings?.receive[0]?.name ?? 'PCMU'
  return {
    in: {
      packets: reception.received + passed.packetsIn,
      rawBytes: leg.rawBytes + passed.octetsIn,
      mediaBytes: leg.mediaBytes + passed.octetsIn,
      mediaPackets: leg.mediaPackets + passed.packetsIn,
      skipPackets: reception.gaps,
      jitterPackets: leg.incoming.latePackets,
      dtmfPackets: leg.events.packets,
      cngPackets: leg.noisePackets,
      flushPackets: 0,
    },
    out: {
      packets: sender.packets + passed.packetsOut,
      rawBytes: sender.rawOctets + passed.octetsOut,
      mediaBytes: sender.octets + passed.octetsOut,
      mediaPackets: sender.mediaPackets + passed.packetsOut,
      skipPackets: 0,
      jitterPackets: 0,
      dtmfPackets: sender.eventPackets,
      cngPackets: sender.comfortPackets,
      flushPackets: 0,
    },
    lost: reception.lost,
    reordered: reception.reordered,
    duplicates: reception.duplicates,
    jitterMs: isMeasured ? reception.jitter : null,
    jitterMinMs: isMeasured ? reception.jitterMin : null,
    jitterMaxMs: isMeasured ? reception.jitterMax : null,
    meanIntervalMs: reception.intervals > 0 ? reception.intervalSum / reception.intervals : null,
    roundTripMs: rtcpSession.roundTripMs,
    farLossFraction: rtcpSession.farLossFraction,
    farJitterMs: rtcpSession.farJitterMs,
    mos: isMeasured ? meanOpinionScore(codec, reception.lost / Math.max(1, expected), delay) : null,
    rtcpPackets: rtcpSession.packets,
    rtcpOctets: rtcpSession.octets,
    remote: latch.address === '' ? '' : `${latch.address}:${latch.port}`,
    latched: latch.isLearned,
    lastPacketAt:
      leg.lastPacketAt === null ? null : Math.round(performance.timeOrigin + leg.lastPacketAt),
    ...(sender.crypto && { crypto: sender.crypto.figures }),
  }
}
