/** One m= line beside the sound, and what is settled of it. */

import type { MediaStream, StreamSettings } from '../../media/engine.ts'
import {
  type Direction,
  directionOf,
  type MediaSection,
  receives,
  reversed,
  sends,
} from '../../sdp/description.ts'
import { passedSection } from '../../sdp/pass.ts'
import { isDtls, linesOfContent } from '../../sdp/webrtc.ts'
import type { PassedSection } from '../../sdp/write.ts'
import type { StreamKind } from '../channel-streams.ts'
import type { SideOffer } from './side-offer.ts'

export interface Side {
  readonly kind: StreamKind
  /** Its place among our m= lines. */
  readonly index: number
  /** The m= line of the other leg that it was made for. */
  readonly otherIndex: number
  readonly stream: MediaStream
  /** The other party's section as ours is shown it. */
  shown: SideOffer
  /** What our party says of it; undefined until it did. */
  theirs: MediaSection | undefined
  /** Our party has not been told of it yet, or sends by now what the other one cannot read. */
  isNews: boolean
  /** Our party's payload types in the other's words, where those differ. */
  payloadTypes: StreamSettings['payloadTypes']
  /** ICE and DTLS of our party. */
  security: Pick<StreamSettings, 'ice' | 'dtls'>
  /** What its packets go to. */
  peer: Side | undefined
}

/** Its packets go nowhere. `isJoined` false: the stream knows by itself. */
export function part(side: Side, isJoined = true): void {
  if (isJoined) side.stream.part()
  if (side.peer) side.peer.peer = undefined
  side.peer = undefined
}

/** What arrives at either goes to the other; nothing new where it does so already. */
export function joinTwo(one: Side, other: Side): void {
  if (one.peer === other || !one.stream.join(other.stream)) return
  part(one, false)
  part(other, false)
  one.peer = other
  other.peer = one
  // Whoever begins to look sees nothing until then.
  for (const { stream } of [one, other].filter(takesPictureRequests)) stream.askForPicture()
}

/** A browser, which makes a whole picture when it is told to by RTCP; telephones ask each other. */
export function takesPictureRequests({ kind, theirs }: Side): boolean {
  if (kind !== 'video' || !theirs || !isDtls(theirs)) return false
  const feedback = theirs.raw['rtcpFb']
  return Array.isArray(feedback) && feedback.some(({ subtype }) => subtype === 'pli')
}

/** Whether another section has some of its payload types, so that packets on one port have to name theirs. */
export function isAlike(side: Side, all: readonly Side[]): boolean {
  const { formats } = side.shown
  return all.some(
    (one) => one !== side && one.shown.formats.some((format) => formats.includes(format)),
  )
}

/** What a phone is offered of a section: a browser's is of the plain kind for it. */
export function plainFor(section: MediaSection): string {
  return isDtls(section) ? 'RTP/AVP' : section.protocol
}

/** Our direction towards our party, which is the other party's. */
export function shownDirection(side: Side): Direction {
  return side.shown.section.direction
}

export function common(a: Direction, b: Direction): Direction {
  return directionOf(sends(a) && sends(b), receives(a) && receives(b))
}

/** Our direction in the answer to a section of theirs. */
export function directionFor(side: Side, section: MediaSection, ours: Direction): Direction {
  return common(common(shownDirection(side), ours), reversed(section.direction))
}

/** The other party's section in the words for ours, which may speak another protocol. */
export function describe(side: Side, ours: Direction, protocol: string): PassedSection {
  const { lines, formats, section } = side.shown
  const passed = passedSection(lines, side.stream.localPort, formats)
  const isTranslated = isDtls(section) || isDtls({ ...section, protocol })
  return {
    ...passed,
    direction: ours,
    protocol,
    lines: isTranslated ? linesOfContent(passed.lines) : passed.lines,
  }
}
