/** Which video, text and fax sections may pass untouched from one party to the other, and with which of their formats. */

import { isVideoCodec, parseCodecList } from '../../sdp/codec-string.ts'
import type { MediaSection, SdpCodec } from '../../sdp/description.ts'
import { isDtls } from '../../sdp/webrtc.ts'

/** Encodings that serve others: repetition and repair (RFC 2198, 4588, 5109, 8627). */
const helpers: ReadonlySet<string> = new Set(['flexfec-03', 'red', 'rtx', 'ulpfec'])

/** The video encodings of a codec list, in small letters. */
export function videoCodecsOf(list: string): ReadonlySet<string> {
  const names = parseCodecList(list).wishes.map(({ name }) => name.toLowerCase())
  return new Set(names.filter(isVideoCodec))
}

/** Whether the section is one that is passed on at all: in use, with an address, and without ICE, unless we speak for ourselves there. */
function isPassable(section: MediaSection): boolean {
  if (section.port === 0 || section.address === undefined) return false
  return section.iceUfrag === undefined || isDtls(section)
}

/** Whether it is T.38 over UDPTL (ITU-T T.38 annex D). */
export function isFax(section: MediaSection): boolean {
  return (
    section.kind === 'image' &&
    /^udptl$/i.test(section.protocol) &&
    section.formats.some((format) => /^t38$/i.test(format))
  )
}

/** The formats of a section that may pass, given the video encodings that may; undefined: none. */
export function passingFormats(
  section: MediaSection,
  video: ReadonlySet<string>,
): readonly string[] | undefined {
  if (!isPassable(section)) return undefined
  if (section.kind === 'image') return isFax(section) ? section.formats : undefined
  if (!isDtls(section) && !/^RTP\/S?AVPF?$/i.test(section.protocol)) return undefined
  if (section.kind === 'text') return section.codecs.map(({ payloadType }) => String(payloadType))
  if (section.kind !== 'video') return undefined
  const main = section.codecs.filter(({ name }) => video.has(name.toLowerCase()))
  if (main.length === 0) return undefined
  const numbers = new Set(main.map(({ payloadType }) => payloadType))
  return section.codecs
    .filter((codec) => numbers.has(codec.payloadType) || helps(codec, numbers))
    .map(({ payloadType }) => String(payloadType))
}

/** The encodings of a section among `formats` that stand for themselves, in the order of its m= line. */
export function mainCodecs(section: MediaSection, formats: readonly string[]): SdpCodec[] {
  const known = new Set(formats)
  return section.codecs.filter(
    ({ name, payloadType }) => known.has(String(payloadType)) && !helpers.has(name.toLowerCase()),
  )
}

function helps({ name, fmtp }: SdpCodec, numbers: ReadonlySet<number>): boolean {
  const lower = name.toLowerCase()
  if (!helpers.has(lower)) return false
  return lower !== 'rtx' || numbers.has(Number(/\bapt=(\d+)/.exec(fmtp)?.[1] ?? -1))
}

/** How one party's payload types are called by another that has the same encodings; undefined: the same, or not to be told. */
export function payloadTypesBetween(
  from: MediaSection,
  to: MediaSection,
): (readonly [number, number])[] | undefined {
  const pairs: (readonly [number, number])[] = []
  for (const codec of from.codecs) {
    const same = to.codecs.filter(
      ({ name, clockRate }) =>
        name.toLowerCase() === codec.name.toLowerCase() && clockRate === codec.clockRate,
    )
    if (same.some(({ payloadType }) => payloadType === codec.payloadType)) continue
    const other = same[0]
    if (other) pairs.push([codec.payloadType, other.payloadType])
  }
  return pairs.length > 0 ? pairs : undefined
}
