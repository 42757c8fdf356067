/** All that is known of the sound of one party, gathered for `media`: what was said in SDP, what its worker sees. */
import type { LegDescription } from '../media/engine.ts'
import type { MediaSection } from '../sdp/description.ts'
import { parseSdp } from '../sdp/parse.ts'
import type { Channel } from './channel.ts'
import { type StreamFigures, streamFigures } from './channel-streams.ts'

/** What one side's description says of the sound. */
export interface SdpFacts {
  readonly address: string
  readonly port: number
  readonly direction: string
  readonly codecs: readonly string[]
  readonly ptime: number | undefined
  readonly protocol: string
}

/** Times in ms since the epoch. */
export interface LegFacts {
  readonly uuid: string
  readonly name: string
  readonly direction: 'inbound' | 'outbound'
  readonly callState: string
  readonly now: number
  /** Since when the party could be heard; undefined while the call has no sound. */
  readonly since: number | undefined
  /** The sound is in this server, goes past it, or is not there yet. */
  readonly way: 'here' | 'past' | 'none'
  /** The channel is bridged with another. */
  readonly isBridged: boolean
  readonly theirs: SdpFacts | undefined
  readonly ours: SdpFacts | undefined
  /** Where its signalling comes from. */
  readonly signalledFrom: string
  readonly wire: LegDescription | undefined
  /** What passes untouched. */
  readonly streams: readonly StreamFigures[]
}

export async function legFacts(channel: Channel): Promise<LegFacts> {
  const { variables, media } = channel
  const [wire, streams] = await Promise.all([media?.describe(), streamFigures(channel)])
  const times = channel.profile.times
  const micros = times.progressMedia || times.answered
  const hasSound = channel.isAnswered || channel.isEarly
  return {
    uuid: channel.uuid,
    name: channel.name,
    direction: channel.direction,
    callState: channel.callState,
    now: Date.now(),
    since: hasSound ? Math.round(micros / 1000) || channel.createdAt : undefined,
    way: media ? 'here' : hasSound ? 'past' : 'none',
    isBridged: channel.partner !== undefined,
    theirs: sdpFacts(variables.get('switch_r_sdp')),
    ours: sdpFacts(variables.get('rtp_local_sdp_str')),
    signalledFrom: variables.get('sip_network_ip') ?? variables.get('sip_received_ip') ?? '',
    wire,
    streams,
  }
}

/** The first sound that is in use; undefined where there is none, or no description. */
export function sdpFacts(text: string | undefined): SdpFacts | undefined {
  if (!text) return undefined
  let section: MediaSection | undefined
  try {
    section = parseSdp(text).media.find(({ kind, port }) => kind === 'audio' && port !== 0)
  } catch {
    return undefined // it was refused when it came, and the log says why
  }
  if (!section) return undefined
  return {
    address: section.address ?? '',
    port: section.port,
    direction: section.direction,
    codecs: section.codecs.map(({ name, payloadType }) => name || String(payloadType)),
    ptime: section.ptime,
    protocol: section.protocol,
  }
}

/** The last packet of the party's sound, whichever way it takes; null when none came. */
export function lastHeardAt({ wire, streams }: LegFacts): number | null {
  const passing = streams.find(({ kind }) => kind === 'audio')
  if (passing) return passing.stats.lastPacketAt
  return wire?.stats.lastPacketAt ?? null
}

/** Whether sound is to come from the party: it may send, and its sound is ours to judge. */
function isExpected({ way, wire, since }: LegFacts): boolean {
  if (way !== 'here' || wire === undefined || since === undefined) return false
  return wire.isLent || wire.terms?.receives === true
}

/** Since when nothing came of a party that should be heard; undefined: it is heard, or need not be. */
export function silentSince(facts: LegFacts, leastMs: number): number | undefined {
  if (!isExpected(facts)) return undefined
  const from = Math.max(lastHeardAt(facts) ?? 0, facts.since ?? 0)
  return facts.now - from >= leastMs ? from : undefined
}
