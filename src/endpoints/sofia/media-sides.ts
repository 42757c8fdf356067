/**
 * The m= lines of one SIP leg, in the order that they keep for the whole call (RFC 3264 section 8), and what runs in those
 * beside the sound: video, text and fax, passed untouched to the other leg, whose words they are described in.
 */
import type { Channel } from '../../core/channel.ts'
import { attachStream, dropStream, type StreamKind } from '../../core/channel-streams.ts'
import { isFalse } from '../../core/variables.ts'
import type { MediaLeg, MediaStream, StreamSettings } from '../../media/engine.ts'
import {
  type Direction,
  directionOf,
  type MediaSection,
  receives,
  reversed,
  type SessionDescription,
  sends,
} from '../../sdp/description.ts'
import { linesOf, type SectionLines } from '../../sdp/lines.ts'
import { passedSection } from '../../sdp/pass.ts'
import type { PassedSection, RefusedSection } from '../../sdp/write.ts'
import { codecListOf } from './codec-choice.ts'
import { showSide } from './media-variables.ts'
import type { Profile } from './profile.ts'
import { passingFormats, payloadTypesBetween, videoCodecsOf } from './side-formats.ts'

/** A section of the other leg's party that this leg's party is to be shown. */
export interface SideOffer {
  /** Its place among the other leg's m= lines. */
  readonly index: number
  readonly section: MediaSection
  readonly lines: SectionLines
  readonly formats: readonly string[]
}

/** One m= line beside the sound. */
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
  /** Our party's payload types in the other's words, where those differ. */
  payloadTypes: StreamSettings['payloadTypes']
}

/** What a section of our party's offer, at `index`, is to be answered with. */
export interface PlannedSide {
  readonly index: number
  readonly shown: SideOffer
}

interface Slot {
  kind: string
  protocol: string
  format: string
}

export class Sides {
  readonly #profile: Profile
  readonly #channel: Channel
  readonly #slots: Slot[] = []
  #soundIndex = 0
  #sides: Side[] = []
  #planned: readonly PlannedSide[] = []

  constructor(profile: Profile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
  }

  get all(): readonly Side[] {
    return this.#sides
  }

  at(index: number): Side | undefined {
    return this.#sides.find((side) => side.index === index)
  }

  /** The place of the sound among the m= lines. */
  get soundIndex(): number {
    return this.#soundIndex
  }

  /** Remembers the m= lines of a description of either side; they are never fewer afterwards. */
  noteLines(description: SessionDescription, soundIndex?: number): void {
    for (const [index, { kind, protocol, formats }] of description.media.entries())
      this.#slots[index] = { kind, protocol, format: formats[0] ?? '19' }
    if (soundIndex !== undefined && soundIndex >= 0) this.#soundIndex = soundIndex
  }

  /** The m= lines that the session has by now. */
  get lines(): readonly RefusedSection[] {
    return this.#slots.map(({ kind, protocol, format }) => {
      return { kind, protocol, refused: true, format }
    })
  }

  /** What the party has said of its sections that may pass to another leg, described by `text`. */
  passable(remote: SessionDescription, text: string, video: ReadonlySet<string>): SideOffer[] {
    const all = linesOf(text).sections
    return remote.media.flatMap((section, index) => {
      const lines = all[index]
      const formats = passingFormats(section, video)
      return lines && formats ? [{ index, section, lines, formats }] : []
    })
  }

  /** The video encodings that the leg may have; none after `novideo`. */
  get video(): ReadonlySet<string> {
    if (this.#channel.refusesVideo) return new Set()
    return videoCodecsOf(codecListOf(this.#profile, this.#channel))
  }

  /** Opens a stream for each of the other leg's sections, so that they can be offered. */
  async offer(offers: readonly SideOffer[], near: MediaLeg | MediaStream | undefined) {
    for (const shown of offers) {
      const present = this.#sides.find((side) => side.otherIndex === shown.index)
      if (present) {
        present.shown = shown
        continue
      }
      const index = this.#freeLine(shown.section.kind)
      const { kind, protocol } = shown.section
      this.#slots[index] = { kind, protocol, format: shown.formats[0] ?? '19' }
      await this.#open(shown, index, near)
    }
  }

  /** What our party has accepted, as the other leg is to answer its own with it; `text` is what our party said. */
  accepted(text: string): PlannedSide[] {
    const all = linesOf(text).sections
    return this.#sides.flatMap(({ index, otherIndex, theirs }) => {
      const lines = all[index]
      if (!theirs || !lines) return []
      const shown = { index, section: theirs, lines, formats: theirs.formats }
      return [{ index: otherIndex, shown }]
    })
  }

  /** Plans what the party's open offer is answered with beside the sound. */
  plan(answers: readonly PlannedSide[]): void {
    this.#planned = answers
  }

  /** Opens the streams of what is planned. */
  async openPlanned(near: MediaLeg | MediaStream | undefined): Promise<void> {
    const planned = this.#planned
    this.#planned = []
    for (const { index, shown } of planned) {
      const present = this.at(index)
      if (present) present.shown = shown
      else await this.#open(shown, index, near)
    }
  }

  /** What an offer of theirs is answered with at `index`. */
  answerAt(section: MediaSection, index: number, ours: Direction): PassedSection | undefined {
    const side = this.at(index)
    if (!side || section.port === 0 || section.kind !== side.kind) return undefined
    this.#agree(side, section)
    return { ...this.#describe(side, ours), direction: this.#directionFor(side, section, ours) }
  }

  /** Our m= lines for an offer. */
  layout(ours: Direction): ('sound' | PassedSection | RefusedSection)[] {
    const count = Math.max(this.#slots.length, this.#soundIndex + 1)
    return Array.from({ length: count }, (_, index) => {
      if (index === this.#soundIndex) return 'sound'
      const side = this.at(index)
      if (side)
        return { ...this.#describe(side, ours), direction: common(shownDirection(side), ours) }
      const slot = this.#slots[index] ?? { kind: 'audio', protocol: 'RTP/AVP', format: '19' }
      return { kind: slot.kind, protocol: slot.protocol, refused: true, format: slot.format }
    })
  }

  /** Our m= lines with one section in use. */
  only(index: number, kind: string, section: PassedSection): (PassedSection | RefusedSection)[] {
    const count = Math.max(this.#slots.length, index + 1)
    return Array.from({ length: count }, (_, at) => {
      if (at === index) return section
      const slot = this.#slots[at] ?? { kind, protocol: 'RTP/AVP', format: '19' }
      return { kind: slot.kind, protocol: slot.protocol, refused: true, format: slot.format }
    })
  }

  /** Where a section of the kind stands: in the place of the sound, or in one of its own. */
  lineFor(kind: string, takesPlace: boolean): number {
    return takesPlace ? this.#soundIndex : this.#freeLine(kind)
  }

  /** Takes what the answer says of our sections; those that it refuses are closed. */
  takeAnswer(answer: SessionDescription): void {
    for (const side of [...this.#sides]) {
      const section = answer.media[side.index]
      if (section?.kind === side.kind && section.port !== 0 && section.address !== undefined)
        this.#agree(side, section)
      else this.#drop(side)
    }
  }

  /** Closes the sides that the party's new offer has given up. */
  dropUnoffered(offer: SessionDescription): Side[] {
    const gone = this.#sides.filter((side) => (offer.media[side.index]?.port ?? 0) === 0)
    for (const side of gone) this.#drop(side)
    return gone
  }

  /** Closes what was offered and came to nothing. */
  dropUnanswered(): void {
    for (const side of this.#sides.filter(({ theirs }) => theirs === undefined)) this.#drop(side)
  }

  dropAll(): void {
    for (const side of [...this.#sides]) this.#drop(side)
    this.#planned = []
  }

  drop(side: Side): void {
    this.#drop(side)
  }

  /** Joins what both legs have of a kind; what has no counterpart stands alone. */
  join(other: Sides | undefined): void {
    const free = [...(other?.all ?? [])]
    for (const side of this.#sides) {
      const at = free.findIndex(({ kind, theirs }) => kind === side.kind && theirs !== undefined)
      const match = at < 0 ? undefined : free.splice(at, 1)[0]
      if (!match || !side.theirs || !match.theirs) {
        side.stream.part()
        continue
      }
      // Each sends under the numbers that it was shown.
      side.payloadTypes = payloadTypesBetween(side.shown.section, match.theirs)
      match.payloadTypes = payloadTypesBetween(match.shown.section, side.theirs)
      side.stream.configure(this.#settings(side, side.theirs))
      match.stream.configure(this.#settings(match, match.theirs))
      side.stream.join(match.stream)
    }
    for (const { stream } of free) stream.part()
  }

  async #open(shown: SideOffer, index: number, near: MediaLeg | MediaStream | undefined) {
    const { kind } = shown.section
    const channel = this.#channel
    const stream = await channel.sw.media.openStream({
      uuid: channel.uuid,
      address: this.#profile.rtpIp,
      near,
    })
    if (!attachStream(channel, kind as StreamKind, stream)) return
    this.#sides.push({
      kind: kind as StreamKind,
      index,
      otherIndex: shown.index,
      stream,
      shown,
      theirs: undefined,
      payloadTypes: undefined,
    })
  }

  #agree(side: Side, section: MediaSection): void {
    side.theirs = section
    side.stream.configure(this.#settings(side, section))
    const direction = common(shownDirection(side), reversed(section.direction))
    const port = side.stream.localPort
    const address = this.#profile.rtpIp
    showSide(this.#channel, side.kind, section, { direction, address, port })
  }

  #drop(side: Side): void {
    this.#sides = this.#sides.filter((one) => one !== side)
    dropStream(this.#channel, side.stream)
    showSide(this.#channel, side.kind, undefined)
  }

  #describe(side: Side, ours: Direction): PassedSection {
    const { lines, formats } = side.shown
    return { ...passedSection(lines, side.stream.localPort, formats), direction: ours }
  }

  #directionFor(side: Side, section: MediaSection, ours: Direction): Direction {
    return common(common(shownDirection(side), ours), reversed(section.direction))
  }

  #settings(side: Side, theirs: MediaSection): StreamSettings {
    const isLatching =
      !this.#profile.values.boolean('disable-rtp-auto-adjust') &&
      !isFalse(this.#channel.variables.get('rtp_auto_adjust'))
    return {
      remoteAddress: theirs.address ?? '',
      remotePort: theirs.port,
      remoteRtcpPort: theirs.rtcpPort,
      rtcpMux: theirs.rtcpMux,
      latch: isLatching,
      // Video pauses and text is rare: the sound alone tells whether anybody is there.
      timeoutSeconds: 0,
      payloadTypes: side.payloadTypes,
    }
  }

  /** A refused m= line of the kind, else a new one at the end. */
  #freeLine(kind: string): number {
    const refused = this.#slots.findIndex(
      (slot, index) => slot.kind === kind && index !== this.#soundIndex && !this.at(index),
    )
    return refused >= 0 ? refused : Math.max(this.#slots.length, this.#soundIndex + 1)
  }
}

/** Our direction towards our party, which is the other party's. */
function shownDirection(side: Side): Direction {
  return side.shown.section.direction
}

function common(a: Direction, b: Direction): Direction {
  return directionOf(sends(a) && sends(b), receives(a) && receives(b))
}
