/** Which codecs a leg offers or accepts, from its variables and the profile's preferences. */

import { logger } from '../../base/log.ts'
import { codecs as builtIn, findCodec } from '../../codecs/index.ts'
import type { Channel } from '../../core/channel.ts'
import { chooseCodecs, type LocalCodec, parseCodecList } from '../../sdp/codec-string.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { isSameCodec } from '../../sdp/match.ts'
import type { Negotiation } from '../../sdp/terms.ts'
import type { Profile } from './profile.ts'

const log = logger('sofia/media')

/** Used where a profile says nothing. */
const everything = [...new Set(builtIn.map((codec) => codec.name))].join(',')

/** The lists of a profile come again with every call, so the last ones are remembered. */
const chosen = new Map<string, readonly LocalCodec[]>()
const chosenLimit = 256

/** The codecs of a preference list that we have; what is missing is logged once. */
export function codecsOfList(list: string): readonly LocalCodec[] {
  const present = chosen.get(list)
  if (present) return present
  const parsed = parseCodecList(list)
  for (const problem of parsed.problems) log.warning(`codec list "${list}": ${problem}`)
  const { codecs, missing } = chooseCodecs(parsed.wishes, builtIn)
  if (missing.length > 0) log.info(`codec list "${list}": there is no ${missing.join(', ')}`)
  if (chosen.size >= chosenLimit) chosen.clear()
  chosen.set(list, codecs)
  return codecs
}

/**
 * The preference list of a leg: `absolute_codec_string`, else `codec_string`, else the profile's; before the latter two
 * stands the codec that the other leg speaks (`originator_codec`), so that nothing has to be transcoded.
 */
export function codecListOf(profile: Profile, channel: Channel): string {
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

function profileList(profile: Profile, direction: 'inbound' | 'outbound'): string {
  return (
    profile.values.text(`${direction}-codec-prefs`) ||
    profile.values.text('codec-prefs') ||
    everything
  )
}

/** `inbound-codec-negotiation`, or the variable `rtp_codec_negotiation` of the channel. */
export function negotiationOf(profile: Profile, channel: Channel): Negotiation {
  const word =
    channel.variables.get('rtp_codec_negotiation') ??
    profile.values.text('inbound-codec-negotiation')
  const lower = word.toLowerCase()
  return lower === 'greedy' || lower === 'scrooge' ? lower : 'generous'
}

/** Which module FreeSWITCH has a codec from, as `ep_codec_string` shows it. */
const moduleOf: Readonly<Record<string, string>> = {
  PCMU: 'CORE_PCM_MODULE',
  PCMA: 'CORE_PCM_MODULE',
  G722: 'mod_spandsp',
  L16: 'CORE_L16_MODULE',
  opus: 'mod_opus',
}

/** `ep_codec_string`: what the other end offered and we know, in its order. */
export function sharedCodecText(
  description: SessionDescription,
  ours: readonly LocalCodec[],
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
    texts.push(
      `${moduleOf[codec.name] ?? 'mod_codec'}.${codec.name}@${codec.clockRate}h@${ptime}i@${known?.bitRate ?? 0}b${channels}`,
    )
  }
  return texts.join(',')
}
