/** A section of one party as the party of the other leg is to be shown it. */
import {
  type MediaSection,
  type SdpCodec,
  type SessionDescription,
  sends,
} from '../../sdp/description.ts'
import { linesOf, type SectionLines } from '../../sdp/lines.ts'
import type { Side } from './side.ts'
import { mainCodecs, passingFormats } from './side-formats.ts'

export interface SideOffer {
  /** Its place among the other leg's m= lines. */
  readonly index: number
  readonly section: MediaSection
  readonly lines: SectionLines
  readonly formats: readonly string[]
}

/** What a section of our party's offer, at `index`, is to be answered with. */
export interface PlannedSide {
  readonly index: number
  readonly shown: SideOffer
}

/** What a party has said of its sections that may pass to another leg, given the video encodings that may; `text` is its description. */
export function offersOf(
  { media }: SessionDescription,
  text: string,
  video: ReadonlySet<string>,
): SideOffer[] {
  const all = linesOf(text).sections
  return media.flatMap((section, index) => {
    const lines = all[index]
    const formats = passingFormats(section, video)
    return lines && formats ? [{ index, section, lines, formats }] : []
  })
}

/** What a party has accepted of `sides` by its description, as the other leg is to answer its own with it. */
export function acceptedOf(
  sides: readonly Pick<Side, 'index' | 'otherIndex' | 'theirs'>[],
  text: string,
): PlannedSide[] {
  const all = linesOf(text).sections
  return sides.flatMap(({ index, otherIndex, theirs }) => {
    const lines = all[index]
    if (!theirs || !lines) return []
    const shown = { index, section: theirs, lines, formats: theirs.formats }
    return [{ index: otherIndex, shown }]
  })
}

/** The encoding that a party sends which has agreed to `theirs` and is shown `shown`. */
function sentBy(theirs: MediaSection, { section, formats }: SideOffer): SdpCodec | undefined {
  return mainCodecs(section, formats).find((codec) => hasEncoding(theirs, codec))
}

function hasEncoding({ codecs }: MediaSection, { name }: SdpCodec): boolean {
  return codecs.some((codec) => codec.name.toLowerCase() === name.toLowerCase())
}

/** Whether what a party sends (it has agreed to `theirs` and is shown `shown`) can be read by another one that has agreed to `other`. */
export function isRead(theirs: MediaSection, shown: SideOffer, other: MediaSection): boolean {
  const sent = sentBy(theirs, shown)
  return sent === undefined || hasEncoding(other, sent)
}

/** Whether the party sends in the one form and did not in the other. */
export function isWider(now: MediaSection, before: MediaSection): boolean {
  return sends(now.direction) && !sends(before.direction)
}

/**
 * What a party that has been offered a section is likely to answer: both directions, in the encoding that stands first. It is
 * the offerer's own section, so the numbers are right whoever answers.
 */
export function foreseenAnswer(offer: SideOffer): PlannedSide {
  const { index, section, formats } = offer
  const [first] = mainCodecs(section, formats)
  const helpers = section.codecs.filter(
    ({ name, fmtp }) =>
      name.toLowerCase() === 'rtx' && new RegExp(`\\bapt=${first?.payloadType}\\b`).test(fmtp),
  )
  const kept = first ? [first, ...helpers] : section.codecs
  const numbers = kept.map(({ payloadType }) => String(payloadType))
  return {
    index,
    shown: {
      ...offer,
      section: { ...section, direction: 'sendrecv', codecs: kept },
      formats: numbers,
    },
  }
}
