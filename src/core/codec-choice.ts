/** Which codecs a leg offers or accepts, from its variables and the profile's preferences. */

import { findCodec } from '../codecs/index.ts'
import type { LocalCodec } from '../sdp/codec-string.ts'
import type { SessionDescription } from '../sdp/description.ts'
import { isSameCodec } from '../sdp/match.ts'
import type { Negotiation } from '../sdp/terms.ts'
import type { Channel } from './channel.ts'
import type { CodecTable } from './codec-table.ts'
import type { Values } from './settings.ts'

/** A profile of any endpoint: its params under the names of `mediaSettings`. */
export interface HasValues {
  readonly values: Values
}

/** Used where a profile says nothing. */
const always = 'PCMU,PCMA'

/**
 * The preference list of a leg: `absolute_codec_string`, else `codec_string`, else the profile's; before the latter two
 * stands the codec that the other leg speaks (`originator_codec`), so that nothing has to be transcoded.
 */
export function codecListOf(profile: HasValues, channel: Channel): string {
  const { variables } = channel
  const absolute = variables.get('absolute_codec_string')
  if (absolute) return absolute
  const own = variables.get('codec_string')
  if (own?.startsWith('=')) return own.slice(1)
  const list = own || profileList(profile, channel.direction)
  const other = variables.get('originator_codec')
  if (!other) return list
  return profile.values.boolean('disable-transcoding') ? other : `${other},${list}`
}

function profileList(profile: HasValues, direction: 'inbound' | 'outbound'): string {
  return (
    profile.values.text(`${direction}-codec-prefs`) || profile.values.text('codec-prefs') || always
  )
}

/** `inbound-codec-negotiation`, or the variable `rtp_codec_negotiation` of the channel. */
export function negotiationOf(profile: HasValues, channel: Channel): Negotiation {
  const word =
    channel.variables.get('rtp_codec_negotiation') ??
    profile.values.text('inbound-codec-negotiation')
  const lower = word.toLowerCase()
  return lower === 'greedy' || lower === 'scrooge' ? lower : 'generous'
}

/** `ep_codec_string`: what the other end offered and we know, in its order. */
export function sharedCodecText(
  description: SessionDescription,
  ours: readonly LocalCodec[],
  table: CodecTable,
): string {
  const section = description.media.find((media) => media.kind === 'audio')
  if (!section) return ''
  const texts: string[] = []
  for (const theirs of section.codecs) {
    const codec = ours.find((candidate) => isSameCodec(theirs, candidate))
    if (!codec) continue
    const known = findCodec(codec.name, codec.clockRate, codec.channels)
    const ptime = section.ptime ?? codec.ptime
    const channels = codec.channels > 1 ? `@${codec.channels}c` : ''
    const bits = known?.bitRate ? `@${known.bitRate}b` : ''
    const module = table.moduleOf(codec.name) ?? 'mod_codec'
    texts.push(`${module}.${codec.name}@${codec.clockRate}h@${ptime}i${bits}${channels}`)
  }
  return texts.join(',')
}
