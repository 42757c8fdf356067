/**
 * The m= lines of one leg, in the order that they keep for the whole call (RFC 3264 section 8), and what runs in those
 * beside the sound: video, text and fax, passed untouched to the other leg, whose words they are described in.
 */

import type { MediaLeg, MediaStream, StreamSettings } from '../../media/engine.ts'
import {
  type Direction,
  type MediaSection,
  reversed,
  type SessionDescription,
} from '../../sdp/description.ts'
import type { PassedSection, RefusedSection } from '../../sdp/write.ts'
import type { Channel } from '../channel.ts'
import { attachStream, dropStream, type StreamKind } from '../channel-streams.ts'
import { codecListOf } from '../codec-choice.ts'
import { showSide } from '../media-variables.ts'
import type { LocalPort } from '../webrtc-side.ts'
import type { LegWebRtc } from './leg-webrtc.ts'
import { MediaLines } from './media-lines.ts'
import { SharedPort } from './shared-port.ts'
import {
  common,
  describe,
  directionFor,
  isAlike,
  joinTwo,
  part,
  plainFor,
  type Side,
  shownDirection,
  takesPictureRequests,
} from './side.ts'
import { midAnswer, midOf, midOffer } from './side-bundle.ts'
import { payloadTypesBetween, videoCodecsOf } from './side-formats.ts'
import {
  acceptedOf,
  foreseenAnswer,
  isRead,
  isWider,
  offersOf,
  type PlannedSide,
  type SideOffer,
} from './side-offer.ts'
import { followsSource, streamSettings } from './side-settings.ts'
import type { SideProfile } from './sided-leg.ts'

/** What has a port of its own is reached there alone. */
const noOtherWays = { relay: undefined, tcpPort: 0 } as const

/** All that may pass; an endpoint may have less. */
const everyKind: ReadonlySet<string> = new Set<StreamKind>(['video', 'text', 'image'])

export class Sides {
  readonly #profile: SideProfile
  readonly #channel: Channel
  readonly #webrtc: LegWebRtc
  readonly #kinds: ReadonlySet<string>
  readonly #lines = new MediaLines()
  readonly #port: SharedPort
  /** The description of our party that was looked at last. */
  #remote: SessionDescription | undefined
  #sides: Side[] = []
  #planned: readonly PlannedSide[] = []
  /** What of our party's open offer another party has been offered, whose answer is not there yet. */
  #passedOn: readonly SideOffer[] = []
  #isPaused = false
  /** Our next offer is the first one of a new connection. */
  #isAnew = false

  constructor(
    profile: SideProfile,
    channel: Channel,
    webrtc: LegWebRtc,
    kinds: ReadonlySet<string> = everyKind,
  ) {
    this.#profile = profile
    this.#channel = channel
    this.#webrtc = webrtc
    this.#port = new SharedPort(channel)
    this.#kinds = kinds
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get all(): readonly Side[] {
    return this.#sides
  }

  at(index: number): Side | undefined {
    return this.#sides.find((side) => side.index === index)
  }

  /** The place of the sound among the m= lines. */
  get soundIndex(): number {
    return this.#lines.soundIndex
  }

  /** Remembers the m= lines of a description of either side; they are never fewer afterwards. */
  noteLines(description: SessionDescription, soundIndex?: number): void {
    this.#remote = description
    this.#lines.note(description, soundIndex)
  }

  /** The m= lines that the session has by now. */
  get lines(): readonly RefusedSection[] {
    return this.#lines.all
  }

  /** What the party has said of its sections that may pass to another leg, described by `text`. */
  passable(remote: SessionDescription, text: string, video: ReadonlySet<string>): SideOffer[] {
    this.#remote = remote
    return offersOf(remote, text, video).filter(({ section }) => this.#kinds.has(section.kind))
  }

  /** The video encodings that the leg may have; none after `novideo`. */
  get video(): ReadonlySet<string> {
    if (this.#channel.refusesVideo) return new Set()
    return videoCodecsOf(codecListOf(this.#profile, this.#channel))
  }

  /** Opens a stream for each of the other leg's sections, so that they can be offered. */
  async offer(offers: readonly SideOffer[], near: MediaLeg | MediaStream | undefined) {
    for (const shown of offers) {
      if (!this.#kinds.has(shown.section.kind)) continue
      const present = this.#sides.find((side) => side.otherIndex === shown.index)
      if (present) {
        const { theirs } = present
        const before = present.shown
        present.isNews =
          !theirs ||
          !isRead(theirs, before, shown.section) ||
          isWider(shown.section, before.section)
        present.shown = shown
        continue
      }
      const index = this.#freeLine(shown.section.kind)
      this.#lines.set(index, shown.section, shown.formats)
      await this.#open(shown, index, near)
    }
  }

  /** What our party has accepted, as the other leg is to answer its own with it; `text` is what our party said. */
  accepted(text: string): PlannedSide[] {
    return acceptedOf(this.#sides, text)
  }

  /** Plans what the party's open offer is answered with beside the sound. */
  plan(answers: readonly PlannedSide[]): void {
    this.#planned = answers
    this.#passedOn = []
  }

  /** Notes what of our party's open offer another party is offered. */
  notePassedOn(offers: readonly SideOffer[]): void {
    this.#passedOn = offers
  }

  /**
   * Opens the streams of what is planned. `foresees`: what another party was offered and has not answered yet is taken to be
   * accepted, for a party that cannot be offered it later without beginning anew.
   */
  async openPlanned(near: MediaLeg | MediaStream | undefined, foresees = false): Promise<void> {
    const foreseen = foresees ? this.#passedOn.map(foreseenAnswer) : []
    const planned = [...this.#planned, ...foreseen]
    this.#planned = []
    this.#passedOn = []
    for (const { index, shown } of planned) {
      const present = this.at(index)
      if (present) {
        present.shown = shown
        continue
      }
      const place = this.#port.placeFor(this.#remote, index, shown.formats)
      if (place === 'own') await this.#open(shown, index, near)
      else if (place !== 'nowhere') await this.#open(shown, index, near, place)
    }
  }

  /** What an offer of theirs is answered with at `index`. */
  answerAt(
    section: MediaSection,
    index: number,
    ours: Direction,
    session: SessionDescription,
  ): PassedSection | undefined {
    const side = this.at(index)
    if (!side || section.port === 0 || section.kind !== side.kind) return undefined
    if (!this.#port.keeps(side, section, session)) {
      this.#drop(side)
      return undefined
    }
    // First the words, which settle who begins with DTLS, then what the engine is told.
    const attributes = this.#webrtc.answer(section, session, this.#place(side))
    this.#agree(side, section, session)
    const direction = directionFor(side, section, ours)
    const { protocol } = section
    const { isBundled } = side.stream
    const described = { ...describe(side, ours, protocol), direction, isBundled }
    if (!attributes) return described
    const mid =
      isBundled && isAlike(side, this.#sides) ? midAnswer(section, side.shown.section) : undefined
    const own = [...(section.rtcpMux ? ['rtcp-mux'] : []), ...(mid ? [mid] : [])]
    return { ...described, attributes: [...own, ...attributes] }
  }

  /** The kinds of which our first answer says nothing are shown as unused. */
  showUnused(): void {
    for (const kind of ['video', 'text'])
      if (!this.#sides.some((side) => side.kind === kind))
        this.#channel.variables.set(`${kind}_media_flow`, 'inactive')
  }

  /** Our party is reached by a new connection from now on, which need not have what was refused at the end of the old one. */
  beginAnew(): void {
    this.#lines.cut(Math.max(0, ...this.#sides.map(({ index }) => index)))
    this.#isAnew = true
    for (const side of this.#sides) part(side)
  }

  /** Nothing passes in either direction for as long as it is on; ended by another `join`. */
  pause(on: boolean): void {
    this.#isPaused = on
    if (on) for (const side of this.#sides) part(side)
  }

  /** Asks our party for a whole picture, if it takes such wishes by RTCP from us. */
  askForPicture(): boolean {
    const asked = this.#sides.filter(takesPictureRequests)
    for (const { stream } of asked) stream.askForPicture()
    return asked.length > 0
  }

  /** Our m= lines for an offer. */
  layout(ours: Direction, isForBrowser: boolean): ('sound' | PassedSection | RefusedSection)[] {
    return Array.from({ length: this.#lines.count }, (_, index) => {
      if (index === this.soundIndex) return 'sound'
      const side = this.at(index)
      return side ? this.#offered(side, ours, isForBrowser) : this.#lines.at(index)
    })
  }

  /** Our m= lines with one section in use. */
  only(index: number, kind: string, section: PassedSection): (PassedSection | RefusedSection)[] {
    const count = Math.max(this.#lines.all.length, index + 1)
    return Array.from({ length: count }, (_, at) =>
      at === index ? section : this.#lines.at(at, kind),
    )
  }

  /** Where a section of the kind stands: in the place of the sound, or in one of its own. */
  lineFor(kind: string, takesPlace: boolean): number {
    return takesPlace ? this.soundIndex : this.#freeLine(kind)
  }

  /** Takes what the answer says of our sections; those that it refuses are closed. */
  takeAnswer(answer: SessionDescription): void {
    this.#isAnew = false
    for (const side of [...this.#sides]) {
      const section = answer.media[side.index]
      const isTaken =
        section?.kind === side.kind && section.port !== 0 && section.address !== undefined
      if (isTaken && this.#port.takes(side, answer)) this.#agree(side, section, answer)
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
    this.#passedOn = []
  }

  drop(side: Side): void {
    this.#drop(side)
  }

  /** Joins what both legs have of a kind; what has no counterpart stands alone. */
  join(other: Sides | undefined): void {
    if (this.#isPaused || other?.isPaused) other = undefined
    const free = [...(other?.all ?? [])]
    for (const side of this.#sides) {
      const at = free.findIndex(({ kind, theirs }) => kind === side.kind && theirs !== undefined)
      const match = at < 0 ? undefined : free.splice(at, 1)[0]
      if (!match || !side.theirs || !match.theirs) {
        part(side)
        continue
      }
      // Each sends under the numbers that it was shown.
      side.payloadTypes = payloadTypesBetween(side.shown.section, match.theirs)
      match.payloadTypes = payloadTypesBetween(match.shown.section, side.theirs)
      side.stream.configure(this.#settings(side, side.theirs))
      match.stream.configure(this.#settings(match, match.theirs))
      joinTwo(side, match)
    }
    for (const side of free) part(side)
  }

  async #open(
    shown: SideOffer,
    index: number,
    near: MediaLeg | MediaStream | undefined,
    within?: MediaLeg,
  ) {
    const { kind } = shown.section
    const channel = this.#channel
    const stream = await channel.sw.media.openStream({
      uuid: channel.uuid,
      address: this.#profile.rtpIp,
      near,
      within,
    })
    if (!attachStream(channel, kind as StreamKind, stream)) return
    this.#sides.push({
      kind: kind as StreamKind,
      index,
      otherIndex: shown.index,
      stream,
      shown,
      theirs: undefined,
      isNews: true,
      payloadTypes: undefined,
      security: {},
      peer: undefined,
    })
  }

  #agree(side: Side, section: MediaSection, session: SessionDescription): void {
    side.theirs = section
    side.isNews = false
    side.security = side.stream.isBundled ? {} : this.#webrtc.settings(section, session)
    side.stream.configure(this.#settings(side, section))
    const direction = common(shownDirection(side), reversed(section.direction))
    const port = side.stream.localPort
    const address = this.#profile.rtpIp
    showSide(this.#channel, side.kind, section, { direction, address, port })
  }

  #drop(side: Side): void {
    this.#sides = this.#sides.filter((one) => one !== side)
    part(side, false)
    dropStream(this.#channel, side.stream)
    showSide(this.#channel, side.kind, undefined)
  }

  /** Our port for a side, as its party sees it. */
  #place({ stream, kind, index }: Side): LocalPort {
    const { externalRtpIp, rtpIp } = this.#profile
    // Browsers take no two tracks of one name.
    const isFirst = !this.#sides.some((side) => side.kind === kind && side.index < index)
    const track = isFirst ? kind : `${kind}-${index}`
    const address = this.#channel.variables.get('rtp_advertise_ip') ?? externalRtpIp
    const { relay, tcpPort } = stream.isBundled ? this.#webrtc : noOtherWays
    return { address, inside: rtpIp, port: stream.localPort, relay, tcpPort, track }
  }

  /** The other party's section in an offer of ours. */
  #offered(side: Side, ours: Direction, isForBrowser: boolean): PassedSection {
    const direction = common(shownDirection(side), ours)
    const agreed = this.#isAnew ? undefined : side.theirs
    const offer = isForBrowser ? this.#webrtc.offerSide(agreed, this.#place(side), side) : undefined
    const protocol = offer?.protocol ?? agreed?.protocol ?? plainFor(side.shown.section)
    const described = { ...describe(side, ours, protocol), direction }
    if (!offer) return described
    const isBundled = this.#port.mayTake(side, this.#isAnew)
    const shown = this.#sides.map((one) => one.shown.section)
    const extension =
      isBundled && isAlike(side, this.#sides)
        ? midOffer(shown, this.#remote?.media ?? [])
        : undefined
    const attributes = [...(extension ? [extension] : []), ...offer.attributes]
    return { ...described, mid: offer.mid, attributes, isBundled }
  }

  #settings(side: Side, theirs: MediaSection): StreamSettings {
    const mid = isAlike(side, this.#sides) ? midOf(theirs, side.shown.section) : undefined
    return streamSettings(side, theirs, mid, followsSource(this.#profile, this.#channel))
  }

  /** A refused m= line of the kind, else a new one at the end. */
  #freeLine(kind: string): number {
    return this.#lines.free(kind, (index) => this.at(index) !== undefined)
  }
}
