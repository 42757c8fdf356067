/** The figures of a leg's sound under the names that `mediaStats` and the `rtp_audio_…` variables have. */
import type { DirectionStats, LegStats } from '../media/engine.ts'

function direction(prefix: string, stats: DirectionStats): [string, number][] {
  return [
    [`${prefix}_raw_bytes`, stats.rawBytes],
    [`${prefix}_media_bytes`, stats.mediaBytes],
    [`${prefix}_packet_count`, stats.packets],
    [`${prefix}_media_packet_count`, stats.mediaPackets],
    [`${prefix}_skip_packet_count`, stats.skipPackets],
    [`${prefix}_jitter_packet_count`, stats.jitterPackets],
    [`${prefix}_dtmf_packet_count`, stats.dtmfPackets],
    [`${prefix}_cng_packet_count`, stats.cngPackets],
    [`${prefix}_flush_packet_count`, stats.flushPackets],
  ]
}

/** All of them; what was not measured is left out. */
export function audioFigures(stats: LegStats): Record<string, number> {
  const lossRate = stats.in.packets > 0 ? (100 * stats.lost) / (stats.in.packets + stats.lost) : 0
  const measured: [string, number | null][] = [
    ...direction('in', stats.in),
    ['in_jitter_min_variance', stats.jitterMinMs],
    ['in_jitter_max_variance', stats.jitterMaxMs],
    ['in_jitter_loss_rate', lossRate],
    ['in_mean_interval', stats.meanIntervalMs],
    ['in_flaw_total', stats.lost],
    ['in_mos', stats.mos],
    ...direction('out', stats.out).filter(([name]) => !/jitter|flush/.test(name)),
    ['rtcp_packet_count', stats.rtcpPackets],
    ['rtcp_octet_count', stats.rtcpOctets],
  ]
  return Object.fromEntries(measured.filter((one): one is [string, number] => one[1] !== null))
}
