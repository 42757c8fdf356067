/**
 * The sound of one SIP leg: offers and answers on one side, the media leg on the other. A codec is agreed when the offer is
 * read; the port is opened when sound is needed.
 */

import { randomInt } from 'node:crypto'
import { SwitchError } from '../../base/errors.ts'
import type { Channel } from '../../core/channel.ts'
import { detachMedia } from '../../core/channel-streams.ts'
import { isTrue } from '../../core/variables.ts'
import type { LegCrypto, MediaLeg, MediaStream } from '../../media/engine.ts'
import type { Direction, SessionDescription } from '../../sdp/description.ts'
import { commonCodecs, eventsFor } from '../../sdp/match.ts'
import { acceptAnswer, answer, makeOffer } from '../../sdp/offer-answer.ts'
import { parseSdp } from '../../sdp/parse.ts'
import {
  passDescription,
  proxyDescription,
  withDirection,
  withFormats,
  withSections,
} from '../../sdp/pass.ts'
import type { AnswerSettings, LocalSide, MediaTerms, Offer } from '../../sdp/terms.ts'
import { type AnySection, SdpOrigin } from '../../sdp/write.ts'
import { codecListOf, negotiationOf, sharedCodecText } from './codec-choice.ts'
import { MediaCrypto } from './media-crypto.ts'
import { ProxyPorts } from './media-proxy.ts'
import {
  agreedDigitWay,
  type DigitWay,
  digitWayOf,
  isLiberal,
  legSettings,
} from './media-settings.ts'
import { Sides } from './media-sides.ts'
import { showCodec, showProxy, showRemote, showTerms, soundOf } from './media-variables.ts'
import type { Profile } from './profile.ts'

/**
 * own: the sound is ours, offered and answered in our words. past: each party has the other's description, and nothing
 * passes here (`bypass_media`). proxy: the same, but for our addresses, and packets pass untouched (`proxy_media`).
 */
export type MediaWay = 'own' | 'past' | 'proxy'

export class CallMedia {
  readonly #profile: Profile
  readonly #channel: Channel
  readonly #origin: SdpOrigin
  /** The other side's description as it came last, and taken apart. */
  #remoteText = ''
  #remote: SessionDescription | undefined
  #offer: Offer | undefined
  #terms: MediaTerms | undefined
  #leg: MediaLeg | undefined
  #opening: Promise<MediaLeg> | undefined
  #ssrc = 0
  /** What we said last. */
  #localText = ''
  #way: MediaWay = 'own'
  /** The other leg, whose description our party has unless the way is our own. */
  #other: CallMedia | undefined
  /** That leg's answer, which our party's offer waits for. */
  #passed: string | undefined
  /** The m= lines, and what runs beside the sound. */
  readonly sides: Sides
  readonly #proxy: ProxyPorts
  /** A re-INVITE that concerns both legs is under way. */
  isMoving = false
  /** Fax in the place of the sound, on the same ports; and how often it was. */
  fax: MediaStream | undefined
  faxCount = 0
  /** The payload type of telephone-event that the other leg has, so that both are the same. */
  #eventNumber: number | undefined
  /** Our direction: `sendonly` while we hold the far end. */
  #direction: Direction = 'sendrecv'
  readonly #crypto: MediaCrypto
  #keys: LegCrypto | undefined

  constructor(profile: Profile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
    this.#origin = new SdpOrigin()
    this.sides = new Sides(profile, channel)
    this.#proxy = new ProxyPorts(profile, channel)
    this.#crypto = new MediaCrypto(profile, channel)
    channel.variables.set('video_media_flow', 'disabled')
    channel.variables.set('text_media_flow', 'disabled')
  }

  /** How digits go to the party. */
  get digitWay(): DigitWay {
    return digitWayOf(this.#profile, this.#channel)
  }

  get terms(): MediaTerms | undefined {
    return this.#terms
  }

  get hasRemote(): boolean {
    return this.#remote !== undefined
  }

  get localText(): string {
    return this.#localText
  }

  get remoteText(): string {
    return this.#remoteText
  }

  /** Why the offer read last could not be taken, for the log. */
  get refusal(): string {
    return (
      this.#crypto.refusal ??
      'no codec in common: see inbound-codec-prefs, outbound-codec-prefs and the offer'
    )
  }

  get direction(): Direction {
    return this.#direction
  }

  get way(): MediaWay {
    return this.#way
  }

  /** What the other side said last. */
  get remote(): SessionDescription | undefined {
    return this.#remote
  }

  /** Whose description our party has, unless the way is our own. */
  get other(): CallMedia | undefined {
    return this.#other
  }

  /**
   * Reads the first offer of a call and agrees on a codec, without opening a port. False: there is none in common. Throws
   * SDP_BAD for what is no session description. With `isLate` the codec is chosen when sound is needed.
   */
  readOffer(text: string, isLate = false): boolean {
    const remote = parseSdp(text)
    this.#remoteText = text
    this.#remote = remote
    const { variables } = this.#channel
    const list = codecListOf(this.#profile, this.#channel)
    const codecs = this.#profile.sw.codecs.choose(list)
    variables.set('switch_r_sdp', text)
    this.sides.noteLines(remote)
    variables.set('ep_codec_string', sharedCodecText(remote, codecs, this.#profile.sw.codecs))
    variables.set('rtp_use_codec_string', list)
    variables.set('remote_video_media_flow', 'inactive')
    variables.set('remote_text_media_flow', 'inactive')
    const section = remote.media.find(
      (media) =>
        media.kind === 'audio' &&
        media.port !== 0 &&
        media.address !== undefined &&
        this.#crypto.accept(media) !== undefined,
    )
    if (isLate) {
      this.#eventNumber = section && eventsFor(section, 8000)?.payloadType
      return true
    }
    if (!section) return false
    const agreed = commonCodecs(section, codecs, negotiationOf(this.#profile, this.#channel))
    const codec = agreed[0]
    if (!codec) return false
    showRemote(this.#channel, section)
    variables.set('audio_media_flow', 'sendrecv')
    this.#crypto.show(section)
    showCodec(this.#channel, codec)
    this.#eventNumber = eventsFor(section, codec.clockRate)?.payloadType
    this.#showDigitWay(this.#eventNumber !== undefined)
    return true
  }

  /** A caller without telephone-event is taken to send its digits by INFO. */
  #showDigitWay(hasEvents: boolean): void {
    const mayHave = hasEvents || isLiberal(this.#profile, this.#channel)
    const way = agreedDigitWay(this.#channel, this.digitWay, mayHave)
    this.#channel.variables.set('dtmf_type', way)
  }

  /** Another offer inside the call; the codec is settled by `makeAnswer`. */
  takeOffer(text: string): SessionDescription {
    const remote = parseSdp(text)
    this.#noteRemote(remote, text)
    this.sides.noteLines(remote)
    return remote
  }

  #noteRemote(remote: SessionDescription, text: string): void {
    this.#remote = remote
    this.#remoteText = text
    this.#channel.variables.set('switch_r_sdp', text)
  }

  /** Answers the offer read last: opens the port where there is none yet, and configures it. Undefined: nothing in common. */
  async makeAnswer(near?: MediaLeg): Promise<string | undefined> {
    if (this.#passed !== undefined && this.#remote) {
      const text = await this.passedText(this.#passed)
      this.takePassed(this.#remote)
      return text
    }
    const leg = await this.#open(near)
    await this.sides.openPlanned(leg)
    return this.answerNow(leg)
  }

  /** The same when the port is open already. */
  answerNow(leg: MediaLeg | undefined = this.#leg): string | undefined {
    const remote = this.#remote
    if (!remote || !leg) return undefined
    const settings: AnswerSettings = {
      ...this.#side(leg),
      codecs: this.#profile.sw.codecs.choose(codecListOf(this.#profile, this.#channel)),
      negotiation: negotiationOf(this.#profile, this.#channel),
      accept: (section) => this.#crypto.accept(section),
      beside: (section, index) => this.sides.answerAt(section, index, this.#direction),
    }
    const made = answer(remote, settings)
    if (made === 'no common codec') return undefined
    this.#localText = made.text
    this.sides.noteLines(remote, made.terms.sectionIndex)
    const { variables } = this.#channel
    if (!variables.has('dtmf_type')) this.#showDigitWay(made.terms.eventSend !== undefined)
    showRemote(this.#channel, made.terms.section)
    this.#apply(leg, made.terms, this.#crypto.answered(made.terms.section))
    return made.text
  }

  /** Offers what this leg may speak. Throws SwitchError MEDIA_NO_CODEC or MEDIA_NO_PORTS. */
  async makeOffer(near?: MediaLeg): Promise<string> {
    if (this.#way !== 'own' && this.#other) return this.passedText(this.#other.remoteText)
    return this.offerNow(await this.#open(near))
  }

  /** The same when the port is open already (a re-INVITE of ours). */
  offerNow(leg: MediaLeg | undefined = this.#leg): string {
    // A refresh, or a hold: what our party has already.
    if (this.#way !== 'own') {
      const text = withDirection(this.#localText, this.#direction)
      return passDescription(text, this.#origin, this.#advertised())
    }
    if (!leg) throw new SwitchError('MEDIA_NOT_OPEN', 'the leg has no port yet')
    const list = codecListOf(this.#profile, this.#channel)
    const codecs = this.#profile.sw.codecs.choose(list)
    if (codecs.length === 0) {
      throw new SwitchError('MEDIA_NO_CODEC', `none of "${list}" is a codec of this switch`)
    }
    this.#offer = makeOffer({
      ...this.#side(leg),
      ...this.#crypto.offer(),
      codecs,
      layout: this.sides.layout(this.#direction),
      rtcp: isTrue(this.#channel.variables.get('rtcp_audio_interval_msec')),
    })
    this.#localText = this.#offer.text
    const { variables } = this.#channel
    variables.set('rtp_use_codec_string', list)
    variables.set('rtp_local_sdp_str', this.#localText)
    if (this.sides.all.length === 0) variables.set('video_media_flow', 'inactive')
    this.#showLocal(leg)
    return this.#localText
  }

  /** Reads the answer to our offer. Throws SDP_BAD. */
  readAnswer(text: string): 'agreed' | 'no common codec' | 'refused' {
    if (this.#way !== 'own') {
      this.takePassed(parseSdp(text), text)
      return 'agreed'
    }
    const offer = this.#offer
    const leg = this.#leg
    if (!offer || !leg) return 'refused'
    // A repeated answer (183, then 200) says nothing new.
    if (text === this.#remoteText && this.#terms) return 'agreed'
    const remote = parseSdp(text)
    const terms = acceptAnswer(offer, remote)
    if (terms === 'no common codec' || terms === 'refused') return terms
    const keys = this.#crypto.readAnswer(terms.section)
    this.#noteRemote(remote, text)
    const { variables } = this.#channel
    if (!variables.has('ep_codec_string') || this.#channel.direction === 'outbound') {
      variables.set(
        'ep_codec_string',
        sharedCodecText(remote, offer.codecs, this.#profile.sw.codecs),
      )
    }
    variables.set('remote_video_media_flow', 'inactive')
    variables.set('remote_text_media_flow', 'inactive')
    showRemote(this.#channel, terms.section)
    // Of two m= lines for the same sound (RTP/SAVP, RTP/AVP) one was taken.
    this.sides.noteLines(remote, offer.settings.plainBeside ? terms.sectionIndex : undefined)
    this.sides.takeAnswer(remote)
    this.#showDigitWay(terms.eventSend !== undefined)
    this.#apply(leg, terms, keys)
    return 'agreed'
  }

  /** Uses the same numbers as the leg for whose sake this one is dialled. */
  resemble(other: CallMedia): void {
    this.#eventNumber = other.#eventNumber
  }

  /** From now on our party has the description of the other one's, until `comeBack`. */
  follow(other: CallMedia, way: 'past' | 'proxy'): void {
    this.#way = way
    this.#other = other
    this.#offer = undefined
    this.sides.dropAll()
    this.#crypto.leave()
    if (way === 'past') this.#detach()
    else showProxy(this.#channel)
  }

  /** The sound is to be ours again, if our party agrees: then `cameBack`, else the function that is given. */
  comeBack(): () => void {
    const before = { way: this.#way, other: this.#other, text: this.#localText }
    this.#way = 'own'
    this.#other = undefined
    this.#passed = undefined
    this.#terms = undefined
    return () => {
      this.#way = before.way
      this.#other = before.other
      this.#localText = before.text
      this.#offer = undefined
      if (before.way === 'past') this.#detach()
    }
  }

  /** Our party sends to us again. */
  cameBack(): void {
    this.#proxy.close()
  }

  /** What our party said last, for somebody who is to send to it directly; `bypass_keep_codec`: with the codec in use only. */
  directText(): string {
    const { variables } = this.#channel
    const codec = this.#terms?.send
    if (!codec || !isTrue(variables.get('bypass_keep_codec'))) return this.#remoteText
    const events = this.#terms?.eventSend
    const kept = events === undefined ? [codec.payloadType] : [codec.payloadType, events]
    return withFormats(this.#remoteText, 'audio', kept.map(String))
  }

  /** Offers our party what another one said; our m= lines stay as many as they are. */
  foreignOffer(text: string): string {
    const fitted = withSections(text, this.sides.lines, false)
    this.#localText = passDescription(fitted, this.#origin, this.#advertised())
    return this.#localText
  }

  /** Answers an offer of our party with what another one said. */
  foreignAnswer(text: string, offer: SessionDescription): string {
    this.sides.noteLines(offer)
    const fitted = withSections(text, this.sides.lines.slice(0, offer.media.length), true)
    this.#localText = passDescription(fitted, this.#origin, this.#advertised())
    return this.#localText
  }

  /** The other leg's answer, with which our party's first offer is answered. */
  passAnswer(text: string, from: CallMedia): void {
    if (from.way === 'own') return
    this.follow(from, from.way)
    // Another answer than the one that early sound had.
    if (text !== this.#passed) this.#localText = ''
    this.#passed = text
  }

  /** What our party is shown of a description of the other one; opens ports where they are ours. Throws SDP_BAD. */
  async passedText(text: string): Promise<string> {
    const address = this.#advertised()
    if (this.#way === 'past') this.#localText = passDescription(text, this.#origin, address)
    else {
      const remote = parseSdp(text)
      const leg = await this.#open(this.#other?.near)
      const ports = await this.#proxy.open(remote, leg)
      this.#localText = proxyDescription(text, this.#origin, address, ports)
      this.#showLocal(leg)
    }
    this.#channel.variables.set('rtp_local_sdp_str', this.#localText)
    return this.#localText
  }

  /** Takes a description of our party that is passed on: packets go where it says. */
  takePassed(remote: SessionDescription, text = this.#remoteText): void {
    this.#noteRemote(remote, text)
    this.sides.noteLines(remote)
    showRemote(this.#channel, soundOf(remote))
    if (this.#way !== 'proxy') return
    this.#proxy.configure(remote)
    if (this.#other?.way === 'proxy') this.#proxy.join(this.#other.#proxy)
  }

  /** A description of ours with other sections than sound. */
  describe(sections: readonly AnySection[]): string {
    this.#localText = this.#origin.write({ address: this.#advertised(), sections })
    return this.#localText
  }

  /** Fax was agreed on: their description, in which the sound has no part. */
  takeFax(remote: SessionDescription, text: string): void {
    this.#noteRemote(remote, text)
    this.sides.noteLines(remote)
  }

  /** The leg neither speaks nor listens until the next terms. */
  rest(): void {
    if (!this.#leg || !this.#terms) return
    this.#leg.configure({
      ...legSettings(this.#profile, this.#channel, this.#terms, this.digitWay),
      crypto: this.#keys,
      sends: false,
      receives: false,
      timeoutSeconds: 0,
      holdTimeoutSeconds: 0,
      rtcpIntervalMs: 0,
    })
  }

  /** Beside which leg another one opens. */
  get near(): MediaLeg | undefined {
    return this.#leg
  }

  /** Opens the port of a leg that has none (after `comeBack`). */
  open(near: MediaLeg | undefined): Promise<MediaLeg> {
    return this.#open(near)
  }

  #detach(): void {
    this.#leg = undefined
    this.#opening = undefined
    this.#terms = undefined
    detachMedia(this.#channel)
  }

  /** Forgets an offer that came to nothing, so that the old terms stay. */
  withdrawOffer(): void {
    this.#offer = undefined
  }

  /** Our direction in what is said next. */
  setDirection(direction: Direction): void {
    this.#direction = direction
  }

  #side(leg: MediaLeg): LocalSide {
    const { values } = this.#profile
    const { variables } = this.#channel
    const payloadType = this.#eventNumber ?? Number(values.text('rfc2833-pt'))
    return {
      origin: this.#origin,
      address: this.#advertised(),
      port: leg.localPort,
      telephoneEvent: this.digitWay === 'rfc2833' ? payloadType || 101 : undefined,
      comfortNoise: isTrue(variables.get('suppress_cng')) ? undefined : 13,
      direction: this.#direction,
    }
  }

  #advertised(): string {
    return this.#channel.variables.get('rtp_advertise_ip') ?? this.#profile.externalRtpIp
  }

  #open(near: MediaLeg | undefined): Promise<MediaLeg> {
    if (this.#leg) return Promise.resolve(this.#leg)
    this.#opening ??= this.#openLeg(near)
    return this.#opening
  }

  async #openLeg(near: MediaLeg | undefined): Promise<MediaLeg> {
    const channel = this.#channel
    const { media } = channel.sw
    const ssrc = randomInt(1, 0xffffffff)
    const leg = await media.openLeg({
      uuid: channel.uuid,
      address: this.#profile.rtpIp,
      near,
      ssrc,
    })
    if (!channel.isUp) {
      // Hung up meanwhile: nobody else would give the port back.
      void leg.close()
      throw new SwitchError('MEDIA_TOO_LATE', 'the call ended before its sound was open')
    }
    this.#leg = leg
    this.#ssrc = ssrc
    channel.attachMedia(leg)
    return leg
  }

  #apply(leg: MediaLeg, terms: MediaTerms, crypto: LegCrypto | undefined): void {
    this.#terms = terms
    this.#keys = crypto
    leg.configure({ ...legSettings(this.#profile, this.#channel, terms, this.digitWay), crypto })
    showCodec(this.#channel, terms.send)
    const { variables } = this.#channel
    variables.set('rtp_local_sdp_str', this.#localText)
    if (this.#remoteText !== '') variables.set('switch_m_sdp', this.#remoteText)
    showTerms(this.#channel, terms, this.#ssrc)
    this.#showLocal(leg)
  }

  #showLocal(leg: MediaLeg): void {
    const { variables } = this.#channel
    variables.set('local_media_ip', this.#profile.rtpIp)
    variables.set('local_media_port', String(leg.localPort))
    variables.set('advertised_media_ip', this.#advertised())
    if (!variables.has('audio_media_flow')) variables.set('audio_media_flow', 'sendrecv')
  }
}
