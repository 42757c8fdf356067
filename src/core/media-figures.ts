/** The figures of a leg's sound under the names that `mediaStats` and the `rtp_audio_…` variables have. */
import type { DirectionStats, LegStats } from '../media/engine.ts'
import type { Channel } from './channel.ts'
import type { SwitchEvent } from './events.ts'
import type { Variables } from './variables.ts'

/** A name without its `rtp_audio_`; null was not measured. */
type Figure = readonly [name: string, value: number | null]

/** Counts have no fraction; what is measured has two places, as FreeSWITCH shows it. */
const counts = /(_bytes|_count|_total|_size)$/

function direction(prefix: string, stats: DirectionStats): Figure[] {
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

/** Packets that the party did not get into our ears in time, and all that it should have. */
function flawsOf(stats: LegStats): { readonly flaws: number; readonly expected: number } {
  return {
    flaws: stats.lost + stats.in.jitterPackets,
    expected: Math.max(stats.in.packets, stats.in.mediaPackets) + stats.lost,
  }
}

/** Share of the packets that were lost or came too late, percent; 0 where none were expected. */
export function flawPercent(stats: LegStats): number {
  const { flaws, expected } = flawsOf(stats)
  return expected === 0 ? 0 : Math.min(100, (100 * flaws) / expected)
}

function figuresOf(stats: LegStats): Figure[] {
  const { flaws, expected } = flawsOf(stats)
  const isMeasured = stats.jitterMs !== null
  const ofMeasured = (value: number) => (isMeasured ? value : null)
  return [
    ...direction('in', stats.in),
    ['in_largest_jb_size', stats.buffer?.maxPackets ?? 0],
    ['in_jitter_min_variance', stats.jitterMinMs],
    ['in_jitter_max_variance', stats.jitterMaxMs],
    ['in_jitter_loss_rate', expected > 0 ? (100 * stats.lost) / expected : null],
    ['in_jitter_burst_rate', ofMeasured(100 * (stats.burst?.burstLoss ?? 0))],
    ['in_mean_interval', stats.meanIntervalMs],
    ['in_flaw_total', flaws],
    ['in_quality_percentage', ofMeasured(100 - flawPercent(stats))],
    ['in_mos', stats.mos],
    ...direction('out', stats.out).filter(([name]) => !/jitter|flush/.test(name)),
    ['rtcp_packet_count', stats.rtcpPackets],
    ['rtcp_octet_count', stats.rtcpOctets],
    ...ownFigures(stats),
  ]
}

/** What FreeSWITCH does not tell. */
function ownFigures(stats: LegStats): Figure[] {
  return [
    ['in_jitter', stats.jitterMs],
    ['in_lost_packet_count', stats.lost],
    ['in_reordered_packet_count', stats.reordered],
    ['in_duplicate_packet_count', stats.duplicates],
    ['in_concealed_packet_count', stats.concealed],
    ['in_burst_count', stats.burst?.bursts ?? null],
    ['in_jb_depth', stats.buffer?.depth ?? null],
    ['in_rating', stats.rating],
    ['rtt', stats.roundTripMs],
    ['out_lost_packet_count', stats.farLost],
    ['out_jitter', stats.farJitterMs],
    ['out_mos', stats.farMos],
    ['out_mos_reported', stats.farVoip?.mosListening ?? null],
  ]
}

function textOf(name: string, value: number): string {
  return counts.test(name) ? String(value) : value.toFixed(2)
}

/** All of them; what was not measured is left out. */
export function audioFigures(stats: LegStats): Record<string, number> {
  return Object.fromEntries(
    figuresOf(stats).filter((one): one is [string, number] => one[1] !== null),
  )
}

/** Each as text, without `rtp_audio_`; what was not measured is left out. */
export function* audioTexts(stats: LegStats): Iterable<[name: string, value: string]> {
  for (const [name, value] of figuresOf(stats))
    if (value !== null) yield [name, textOf(name, value)]
  if (stats.mos !== null) yield ['in_mos_scale', stats.mosScale]
}

function* texts(stats: LegStats): Iterable<[name: string, value: string]> {
  for (const [name, value] of audioTexts(stats)) yield [`rtp_audio_${name}`, value]
}

/** Sets the `rtp_audio_…` variables. */
export function setAudioVariables(variables: Variables, stats: LegStats): void {
  for (const [name, value] of texts(stats)) variables.set(name, value)
}

/** The figures of a channel's sound up to now as its variables (`set_media_stats`). False: it has no sound here. */
export async function refreshAudioVariables(channel: Channel): Promise<boolean> {
  const stats = await channel.media?.stats()
  if (!stats) return false
  setAudioVariables(channel.variables, stats)
  return true
}

/** The same in an event alone, in the place of what the variables say. */
export function addAudioFigures(event: SwitchEvent, stats: LegStats): void {
  const places = new Map(event.headers.map(([name], index) => [name, index]))
  for (const [name, value] of texts(stats)) {
    const header = `variable_${name}`
    const place = places.get(header)
    if (place === undefined) event.add(header, value)
    else event.headers[place] = [header, value, undefined]
  }
}
