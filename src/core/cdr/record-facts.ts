/** What records of both forms say of a channel, in FreeSWITCH's names and order. */
import type { LegStats } from '../../media/engine.ts'
import type { CallerProfile, ProfileField, ProfileTimes } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { audioTexts } from '../media-figures.ts'
import type { CallFigures } from './recorders.ts'

/** The fields of `<times>`, µs since the epoch. */
export const timeFields: readonly (readonly [name: string, time: keyof ProfileTimes])[] = [
  ['created_time', 'created'],
  ['profile_created_time', 'profileCreated'],
  ['progress_time', 'progress'],
  ['progress_media_time', 'progressMedia'],
  ['answered_time', 'answered'],
  ['bridged_time', 'bridged'],
  ['last_hold_time', 'lastHold'],
  ['hold_accum_time', 'holdAccumulated'],
  ['hangup_time', 'hungUp'],
  ['resurrect_time', 'resurrected'],
  ['transfer_time', 'transferred'],
]

/** The fields of a caller profile in XML; JSON has fewer, in another order. */
export const xmlFields: readonly ProfileField[] = [
  ...(['username', 'dialplan', 'caller_id_name', 'caller_id_number'] as const),
  ...(['callee_id_name', 'callee_id_number', 'ani', 'aniii', 'network_addr', 'rdnis'] as const),
  ...(['destination_number', 'uuid', 'source', 'transfer_source', 'context', 'chan_name'] as const),
]
export const jsonFields: readonly ProfileField[] = [
  ...(['username', 'dialplan', 'caller_id_name', 'ani', 'aniii', 'caller_id_number'] as const),
  ...(['network_addr', 'rdnis', 'destination_number', 'uuid', 'source', 'context'] as const),
  'chan_name',
]

/** The other parties that a profile has met, by how it met them. */
export const roles = ['origination', 'originator', 'originatee'] as const

/** A profile and those before it, or behind it in its chain. */
export function* chain(first: CallerProfile | undefined): Iterable<CallerProfile> {
  for (let one = first; one; one = one.previous) yield one
}

/** Of FreeSWITCH's flags those that mean the same here, by its numbers: `1=1;2=1`. */
export function flagText(channel: Channel): string {
  const flags: readonly (readonly [number: number, isSet: boolean])[] = [
    [1, channel.isAnswered],
    [2, channel.direction === 'outbound'],
    [3, channel.isEarly],
    [22, channel.isRinging],
    [40, true],
    [42, true],
    [62, channel.direction === 'inbound' || channel.hasHitDialplan],
  ]
  return flags
    .filter(([, isSet]) => isSet)
    .map(([number]) => `${number}=1`)
    .join(';')
}

/** What the endpoint can do, by FreeSWITCH's numbers: media past us, proxied media, jitter buffer, RTP of ours… */
const abilities: Readonly<Record<string, string>> = {
  mod_sofia: '1=1;2=1;3=1;4=1;5=1;6=1',
  mod_verto: '2=1;4=1;5=1',
}

export function capText(channel: Channel): string {
  return abilities[channel.source] ?? ''
}

/** Figures of one medium as text, each way. */
interface MediaFigures {
  readonly kind: 'audio' | 'video'
  readonly inbound: readonly (readonly [name: string, value: string])[]
  readonly outbound: readonly (readonly [name: string, value: string])[]
}

export function mediaFigures({ stats, streams }: CallFigures): MediaFigures[] {
  const all: MediaFigures[] = []
  if (stats) all.push(soundFigures(stats))
  const video = streams.find(({ kind }) => kind === 'video')?.stats
  if (video) {
    const counts = (packets: number, octets: number) =>
      [
        ['raw_bytes', String(octets)],
        ['media_bytes', String(octets)],
        ['packet_count', String(packets)],
        ['media_packet_count', String(packets)],
      ] as const
    all.push({
      kind: 'video',
      inbound: counts(video.packetsIn, video.octetsIn),
      outbound: counts(video.packetsOut, video.octetsOut),
    })
  }
  return all
}

function soundFigures(stats: LegStats): MediaFigures {
  const inbound: [string, string][] = []
  const outbound: [string, string][] = []
  for (const [name, value] of audioTexts(stats)) {
    // What is told of both ways (reports, the round trip) stands with what went out, as there.
    if (name.startsWith('in_')) inbound.push([name.slice(3), value])
    else outbound.push([name.startsWith('out_') ? name.slice(4) : name, value])
  }
  return { kind: 'audio', inbound, outbound }
}
