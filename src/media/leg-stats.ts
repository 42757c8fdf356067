/** The figures of a leg, made when somebody asks. */
import { burstRatio } from '../rtp/burst.ts'
import { type Quality, quality } from '../rtp/quality.ts'
import type { BufferStats, DirectionStats, LegStats } from './engine.ts'
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
  farLost: null,
  farMos: null,
  farVoip: null,
  mos: null,
  rating: null,
  mosScale: 'narrowband',
  burst: null,
  concealed: 0,
  buffer: null,
  rtcpPackets: 0,
  rtcpOctets: 0,
  remote: '',
  latched: false,
  lastPacketAt: null,
}

export function legStats(leg: RtpLeg): LegStats {
  const { reception, sender, rtcpSession, latch, passed } = leg
  const isMeasured = reception.jitterMin !== Number.POSITIVE_INFINITY
  const heard = isMeasured ? heardQuality(leg) : undefined
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
    farLost: rtcpSession.farLost,
    farMos: farQuality(leg)?.mos ?? null,
    farVoip: rtcpSession.farVoip ?? null,
    mos: heard?.mos ?? null,
    rating: heard?.rating ?? null,
    mosScale: heard?.scale ?? 'narrowband',
    burst: isMeasured ? reception.burst.figures : null,
    concealed: leg.incoming.concealedPackets,
    buffer: bufferStats(leg),
    rtcpPackets: rtcpSession.packets,
    rtcpOctets: rtcpSession.octets,
    remote: latch.address === '' ? '' : `${latch.address}:${latch.port}`,
    latched: latch.isLearned,
    lastPacketAt:
      leg.lastPacketAt === null ? null : Math.round(performance.timeOrigin + leg.lastPacketAt),
    ...(sender.crypto?.figures && { crypto: sender.crypto.figures }),
  }
}

/** A listener's jitter buffer is taken to hold twice the jitter, and a packet at least. */
function bufferMs(jitter: number, ptime: number): number {
  return Math.max(ptime, jitter * 2)
}

/** What is heard of the party. Packets that came too late are as good as lost. */
function heardQuality(leg: RtpLeg): Quality {
  const { reception, rtcpSession, incoming, lastInput, settings } = leg
  const codec = lastInput?.codec ?? settings?.receive[0]
  const ptime = codec?.ptime ?? 20
  const expected = Math.max(1, reception.received + reception.lost)
  const held = incoming.playout?.depth || bufferMs(reception.jitter, ptime)
  return quality(codec?.name ?? 'PCMU', codec?.clockRate ?? 8000, {
    loss: (reception.lost + incoming.latePackets) / expected,
    burstRatio: burstRatio(reception.burst, expected),
    delay: (rtcpSession.roundTripMs ?? 0) / 2 + ptime + held,
  })
}

/** What the party hears of us, by its reports; undefined without any. */
function farQuality({ rtcpSession, sender, settings }: RtpLeg): Quality | undefined {
  const { farLost, farJitterMs, roundTripMs } = rtcpSession
  const send = settings?.send
  if (farLost === null || !send || sender.packets === 0) return undefined
  return quality(send.name, send.clockRate, {
    loss: Math.max(0, farLost) / Math.max(sender.packets, farLost),
    delay: (roundTripMs ?? 0) / 2 + send.ptime + bufferMs(farJitterMs ?? 0, send.ptime),
  })
}

function bufferStats({ incoming: { playout } }: RtpLeg): BufferStats | null {
  if (!playout) return null
  const { depth, target, maxDepth, maxPackets } = playout
  return { depth, target, maxDepth, maxPackets }
}
