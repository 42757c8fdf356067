/** What is known of a leg's sound, in words: a line for each matter. */
import type { DirectionStats, LegStats, SoundWay } from '../media/engine.ts'
import { type LegFacts, lastHeardAt, type SdpFacts } from './media-facts.ts'
import { flawPercent } from './media-figures.ts'
import { webRtcLines } from './webrtc-causes.ts'

export type Line = readonly [what: string, text: string]

const ways: Readonly<Record<SoundWay, string>> = {
  relayed: 'goes on as it is',
  translated: 'goes on octet by octet through a table',
  transcoded: 'decoded, and coded anew for the other party',
  decoded: 'decoded here',
  unheard: 'nobody hears it',
}

export function linesOf(facts: LegFacts): Line[] {
  const { wire, theirs, ours, streams } = facts
  const lines: Line[] = [
    ['their SDP', sdpText(theirs)],
    ['our SDP', sdpText(ours)],
  ]
  if (facts.way === 'past') lines.push(['sound', 'past this server'])
  else if (!wire)
    lines.push(['sound', facts.way === 'here' ? 'inside this server, without a port' : 'none yet'])
  else lines.push(...webRtcLines(facts), ...wireLines(facts, wire))
  for (const { kind, stats } of streams)
    lines.push([
      kind,
      `passes untouched${stats.isBundled ? ' on the port of the sound, with its ICE and keys (BUNDLE)' : ''}; ${stats.packetsIn} packets from ${stats.remote || 'nowhere'}, ${stats.packetsOut} to it; last ${agoText(facts, stats.lastPacketAt)}`,
    ])
  return lines
}

function wireLines(facts: LegFacts, wire: NonNullable<LegFacts['wire']>): Line[] {
  const { stats, terms, input } = wire
  if (wire.isLent) return [['sound', 'passes untouched on the ports of the leg (proxy media)']]
  const { remoteAddress = '', remotePort = 0 } = terms ?? {}
  const source = stats.latched
    ? `${stats.remote} (learned from the stream; the SDP says ${remoteAddress}:${remotePort})`
    : `${stats.remote || 'nowhere'} (as the SDP says)`
  const send = terms?.send
  return [
    [
      'comes from',
      stats.in.packets === 0
        ? `nowhere yet, expected ${source}`
        : `${source}, ${countText(stats.in)}; last ${agoText(facts, lastHeardAt(facts))}`,
    ],
    [
      'goes to',
      `${wire.sendsTo || 'nowhere'}, ${countText(stats.out)}; last ${agoText(facts, wire.lastSentAt)}`,
    ],
    [
      'sound in',
      input
        ? `${input.codec} (${input.payloadType}), packets of ${input.packetMs === null ? '?' : tenth(input.packetMs)} ms (agreed ${input.ptime}), ${ways[input.way]}`
        : 'none since the last terms',
    ],
    [
      'sound out',
      send ? `${send.name} (${send.payloadType}), packets of ${send.ptime} ms` : 'no codec',
    ],
    ['digits', digitText(terms)],
    ['security', wire.suite ? `SRTP ${wire.suite}` : 'in the clear'],
    ['buffer', bufferText(stats)],
    ['line in', lineText(stats)],
    ['line out', farText(stats)],
    ['dropped', dropText(wire.drops)],
  ]
}

function sdpText(sdp: SdpFacts | undefined): string {
  if (!sdp) return 'none with sound'
  const ptime = sdp.ptime === undefined ? '' : `, ${sdp.ptime} ms`
  return `${sdp.protocol} ${sdp.address}:${sdp.port}, ${sdp.codecs.join(' ')}${ptime}, ${sdp.direction}`
}

function countText({ packets, cngPackets, dtmfPackets }: DirectionStats): string {
  const events = dtmfPackets > 0 ? `, ${dtmfPackets} of events` : ''
  const noise = cngPackets > 0 ? `, ${cngPackets} of comfort noise` : ''
  return `${packets} packets${events}${noise}`
}

function agoText({ now }: LegFacts, time: number | null): string {
  return time === null ? 'never' : `${(Math.max(0, now - time) / 1000).toFixed(1)} s ago`
}

function digitText(terms: NonNullable<LegFacts['wire']>['terms']): string {
  if (!terms || terms.digits === 'none') return 'not sent'
  if (terms.digits === 'signalling') return 'by INFO'
  if (terms.eventSend === undefined) return 'as tones: no events were agreed'
  return `as events (${terms.eventSend} sent, ${terms.eventReceive ?? 'none'} taken, ${terms.eventClock} Hz)`
}

function bufferText({ buffer, concealed }: LegStats): string {
  const made = concealed > 0 ? `; ${concealed} packets made up` : ''
  if (!buffer) return `none${made}`
  return `holds ${tenth(buffer.depth)} ms, aims at ${tenth(buffer.target)}, most ever ${tenth(buffer.maxDepth)}${made}`
}

function lineText(stats: LegStats): string {
  if (stats.jitterMs === null) return 'nothing measured'
  const bursts = stats.burst?.bursts ? ` in ${stats.burst.bursts} bursts` : ''
  return `${tenth(flawPercent(stats))} % missing (${stats.lost} lost${bursts}, ${stats.in.jitterPackets} late), jitter ${tenth(stats.jitterMs)} ms, ${stats.reordered} out of order, ${stats.duplicates} doubled; MOS ${mosText(stats)}`
}

function mosText({ mos, mosScale }: LegStats): string {
  return mos === null
    ? '-'
    : `${mos.toFixed(2)}${mosScale === 'wideband' ? ' (wideband scale)' : ''}`
}

function farText(stats: LegStats): string {
  if (stats.rtcpPackets === 0) return 'the far end reports nothing (no RTCP)'
  const trip = stats.roundTripMs === null ? '' : `, ${tenth(stats.roundTripMs)} ms there and back`
  if (stats.farLost === null) return `the far end's reports say nothing of what we send${trip}`
  return `the far end misses ${stats.farLost} packets, jitter ${tenth(stats.farJitterMs ?? 0)} ms${trip}; MOS ${stats.farMos?.toFixed(2) ?? '-'}${ownWords(stats)}`
}

/** What the far end itself makes of it. */
function ownWords({ farVoip }: LegStats): string {
  if (!farVoip) return ''
  const { discarded, mosListening, buffer } = farVoip
  const mos = mosListening === null ? '' : ` MOS ${mosListening},`
  return `; it says itself:${mos} ${tenth(discarded * 100)} % too late, buffer of ${buffer} ms`
}

function dropText(drops: Readonly<Record<string, number>>): string {
  const all = Object.entries(drops)
  return all.length === 0 ? 'nothing' : all.map(([why, count]) => `${why} ${count}`).join(', ')
}

function tenth(value: number): string {
  return value.toFixed(1)
}
