/**
 * The sound of one SIP leg: offers and answers on one side, the media leg on the other. A codec is agreed when the offer is
 * read; the port is opened when sound is needed.
 */

import { randomInt } from 'node:crypto'
import { SwitchError } from '../../base/errors.ts'
import { findCodec } from '../../codecs/index.ts'
import type { Channel } from '../../core/channel.ts'
import { isTrue } from '../../core/variables.ts'
import type { LegCrypto, MediaLeg } from '../../media/engine.ts'
import type { Direction, SessionDescription } from '../../sdp/description.ts'
import { commonCodecs, eventsFor } from '../../sdp/match.ts'
import { acceptAnswer, answer, makeOffer } from '../../sdp/offer-answer.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { AgreedCodec, AnswerSettings, LocalSide, MediaTerms, Offer } from '../../sdp/terms.ts'
import { SdpOrigin } from '../../sdp/write.ts'
import { codecListOf, negotiationOf, sharedCodecText } from './codec-choice.ts'
import { MediaCrypto } from './media-crypto.ts'
import { type DigitWay, digitWayOf, legSettings } from './media-settings.ts'
import type { Profile } from './profile.ts'

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
  /** Whose description we offer instead of our own (`bypass_media`). */
  #passing: CallMedia | undefined
  /** The far end's description that our party is answered with. */
  #passed: string | undefined
  /** The payload type of telephone-event that the other leg has, so that both are the same. */
  #eventNumber: number | undefined
  /** Our direction: `sendonly` while we hold the far end. */
  #direction: Direction = 'sendrecv'
  readonly digitWay: DigitWay
  readonly #crypto: MediaCrypto

  constructor(profile: Profile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
    this.#origin = new SdpOrigin()
    this.digitWay = digitWayOf(profile, channel)
    this.#crypto = new MediaCrypto(profile, channel)
    channel.variables.set('video_media_flow', 'disabled')
    channel.variables.set('text_media_flow', 'disabled')
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
    variables.set('remote_audio_media_flow', section.direction)
    variables.set('audio_media_flow', 'sendrecv')
    variables.set('remote_media_ip', section.address)
    variables.set('remote_media_port', String(section.port))
    this.#crypto.show(section)
    this.#showCodec(codec)
    this.#eventNumber = eventsFor(section, codec.clockRate)?.payloadType
    this.#showDigitWay(this.#eventNumber !== undefined)
    return true
  }

  /** A caller without telephone-event is taken to send its digits by INFO. */
  #showDigitWay(hasEvents: boolean): void {
    const isLacking = this.digitWay === 'rfc2833' && !hasEvents
    this.#channel.variables.set('dtmf_type', isLacking ? 'info' : this.digitWay)
  }

  /** Another offer inside the call; the codec is settled by `makeAnswer`. */
  takeOffer(text: string): SessionDescription {
    const remote = parseSdp(text)
    this.#remote = remote
    this.#remoteText = text
    this.#channel.variables.set('switch_r_sdp', text)
    return remote
  }

  /** Answers the offer read last: opens the port where there is none yet, and configures it. Undefined: nothing in common. */
  async makeAnswer(near?: MediaLeg): Promise<string | undefined> {
    if (this.#passed !== undefined) return this.#passed
    const leg = await this.#open(near)
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
    }
    const made = answer(remote, settings)
    if (made === 'no common codec') return undefined
    this.#localText = made.text
    const { variables } = this.#channel
    if (!variables.has('dtmf_type')) this.#showDigitWay(made.terms.eventSend !== undefined)
    if (!variables.has('remote_media_ip')) {
      variables.set('remote_audio_media_flow', made.terms.section.direction)
      variables.set('remote_media_ip', made.terms.remoteAddress)
      variables.set('remote_media_port', String(made.terms.remotePort))
    }
    this.#apply(leg, made.terms, this.#crypto.answered(made.terms.section))
    return made.text
  }

  /** Offers what this leg may speak. Throws SwitchError MEDIA_NO_CODEC or MEDIA_NO_PORTS. */
  async makeOffer(near?: MediaLeg): Promise<string> {
    if (this.#passing) {
      this.#localText = this.#passing.remoteText
      this.#channel.variables.set('bypass_media', 'true')
      return this.#localText
    }
    return this.offerNow(await this.#open(near))
  }

  /** The same when the port is open already (a re-INVITE of ours). */
  offerNow(leg: MediaLeg | undefined = this.#leg): string {
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
      rtcp: isTrue(this.#channel.variables.get('rtcp_audio_interval_msec')),
    })
    this.#localText = this.#offer.text
    const { variables } = this.#channel
    variables.set('rtp_use_codec_string', list)
    variables.set('rtp_local_sdp_str', this.#localText)
    variables.set('video_media_flow', 'inactive')
    this.#showLocal(leg)
    return this.#localText
  }

  /** Reads the answer to our offer. Throws SDP_BAD. */
  readAnswer(text: string): 'agreed' | 'no common codec' | 'refused' {
    if (this.#passing) {
      this.#remote = parseSdp(text)
      this.#remoteText = text
      this.#channel.variables.set('switch_r_sdp', text)
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
    this.#remote = remote
    this.#remoteText = text
    const { variables } = this.#channel
    variables.set('switch_r_sdp', text)
    if (!variables.has('ep_codec_string') || this.#channel.direction === 'outbound') {
      variables.set(
        'ep_codec_string',
        sharedCodecText(remote, offer.codecs, this.#profile.sw.codecs),
      )
    }
    variables.set('remote_video_media_flow', 'inactive')
    variables.set('remote_text_media_flow', 'inactive')
    variables.set('remote_audio_media_flow', terms.section.direction)
    variables.set('remote_media_ip', terms.remoteAddress)
    variables.set('remote_media_port', String(terms.remotePort))
    variables.set('dtmf_type', this.digitWay)
    this.#apply(leg, terms, keys)
    return 'agreed'
  }

  /** Uses the same numbers as the leg for whose sake this one is dialled. */
  resemble(other: CallMedia): void {
    this.#eventNumber = other.#eventNumber
  }

  /** Offers the other party's own description: the sound goes past us. */
  passOffer(other: CallMedia): void {
    this.#passing = other
  }

  /** Whether this leg has no sound of ours. */
  get isPassing(): boolean {
    return this.#passing !== undefined
  }

  /** Answers with the far end's own description. */
  passAnswer(text: string): void {
    this.#passed = text
    this.#localText = text
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
    leg.configure({ ...legSettings(this.#profile, this.#channel, terms, this.digitWay), crypto })
    this.#showCodec(terms.send)
    const { variables } = this.#channel
    variables.set('audio_media_flow', terms.direction)
    variables.set('rtp_local_sdp_str', this.#localText)
    if (this.#remoteText !== '') variables.set('switch_m_sdp', this.#remoteText)
    variables.set('rtp_use_pt', String(terms.send.payloadType))
    variables.set('rtp_use_ssrc', String(this.#ssrc))
    variables.set('rtp_use_timer_name', 'soft')
    if (terms.eventSend !== undefined) {
      variables.set('rtp_2833_send_payload', String(terms.eventSend))
    }
    if (terms.eventReceive !== undefined) {
      variables.set('rtp_2833_recv_payload', String(terms.eventReceive))
    }
    this.#showLocal(leg)
  }

  #showLocal(leg: MediaLeg): void {
    const { variables } = this.#channel
    variables.set('local_media_ip', this.#profile.rtpIp)
    variables.set('local_media_port', String(leg.localPort))
    variables.set('advertised_media_ip', this.#advertised())
    if (!variables.has('audio_media_flow')) variables.set('audio_media_flow', 'sendrecv')
  }

  #showCodec(codec: AgreedCodec): void {
    const channel = this.#channel
    const known = findCodec(codec.name, codec.clockRate, codec.channels)
    const face = {
      name: codec.name,
      rate: known?.sampleRate ?? codec.clockRate,
      bitRate: known?.bitRate ?? 0,
    }
    if (channel.readCodec?.name === face.name && channel.readCodec.rate === face.rate) return
    channel.readCodec = face
    channel.writeCodec = face
    const { variables } = channel
    const rate = String(face.rate)
    variables.set('rtp_audio_recv_pt', String(codec.payloadType))
    variables.set('rtp_use_codec_name', codec.name)
    variables.set('rtp_use_codec_rate', String(codec.clockRate))
    variables.set('rtp_use_codec_ptime', String(codec.ptime))
    variables.set('rtp_use_codec_channels', String(codec.channels))
    if (codec.fmtp) variables.set('rtp_use_codec_fmtp', codec.fmtp)
    variables.set(
      'rtp_last_audio_codec_string',
      `${codec.name}@${codec.clockRate}h@${codec.ptime}i@${codec.channels}c`,
    )
    if (!variables.has('original_read_codec')) {
      variables.set('original_read_codec', codec.name)
      variables.set('original_read_rate', rate)
    }
    variables.set('read_codec', codec.name)
    variables.set('read_rate', rate)
    variables.set('write_codec', codec.name)
    variables.set('write_rate', rate)
  }
}
