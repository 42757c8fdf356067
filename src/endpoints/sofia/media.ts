/**
 * The sound of one SIP leg: offers and answers on one side, the media leg on the other. A codec is agreed when the offer is
 * read; the port is opened when sound is needed.
 */

import { SwitchError } from '../../base/errors.ts'
import type { Channel } from '../../core/channel.ts'
import { codecListOf, negotiationOf, sharedCodecText } from '../../core/codec-choice.ts'
import {
  agreedDigitWay,
  type DigitWay,
  digitWayOf,
  isLiberal,
  legSettings,
  suppressesNoise,
} from '../../core/leg-settings.ts'
import { showCodec, showRemote, showTerms } from '../../core/media-variables.ts'
import { isTrue } from '../../core/variables.ts'
import { type LocalPort, webRtcHabits } from '../../core/webrtc-side.ts'
import type { LegCrypto, LegSettings, MediaLeg, MediaStream } from '../../media/engine.ts'
import { acceptAnswer } from '../../sdp/accept-answer.ts'
import { answer } from '../../sdp/answer.ts'
import type { Direction, MediaSection, SessionDescription } from '../../sdp/description.ts'
import { commonCodecs, eventsFor } from '../../sdp/match.ts'
import { makeOffer } from '../../sdp/offer.ts'
import { parseSdp } from '../../sdp/parse.ts'
import { passDescription, withDirection } from '../../sdp/pass.ts'
import type { AnswerSettings, LocalSide, MediaTerms, Offer } from '../../sdp/terms.ts'
import { isDtls } from '../../sdp/webrtc.ts'
import { MediaCrypto } from './media-crypto.ts'
import { MediaWays } from './media-ways.ts'
import type { Profile } from './profile.ts'

type LegSecurity = Pick<LegSettings, 'crypto' | 'ice' | 'dtls'>

export class CallMedia extends MediaWays {
  #offer: Offer | undefined
  /** Whether it asks for DTLS. */
  #offersDtls = false
  /** The offer that was answered last. */
  #answered: Offer | undefined
  /** Fax in the place of the sound, on the same ports; and how often it was. */
  fax: MediaStream | undefined
  faxCount = 0
  /** The payload type of telephone-event that the other leg has, so that both are the same. */
  #eventNumber: number | undefined
  /** Our direction: `sendonly` while we hold the far end. */
  #direction: Direction = 'sendrecv'
  readonly #crypto: MediaCrypto
  /** Keys, ICE and DTLS as the leg has them. */
  #security: LegSecurity = {}

  constructor(profile: Profile, channel: Channel) {
    super(profile, channel)
    this.#crypto = new MediaCrypto(profile, channel)
    channel.variables.set('video_media_flow', 'disabled')
    channel.variables.set('text_media_flow', 'disabled')
  }

  /** How digits go to the party. */
  get digitWay(): DigitWay {
    return digitWayOf(this.profile, this.channel)
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
    this.theirText = text
    this.theirs = remote
    const { variables } = this.channel
    const list = codecListOf(this.profile, this.channel)
    const codecs = this.profile.sw.codecs.choose(list)
    variables.setForeign('switch_r_sdp', text)
    this.sides.noteLines(remote)
    variables.set('ep_codec_string', sharedCodecText(remote, codecs, this.profile.sw.codecs))
    variables.set('rtp_use_codec_string', list)
    variables.set('remote_video_media_flow', 'inactive')
    variables.set('remote_text_media_flow', 'inactive')
    const section = remote.media.find(
      (media) =>
        media.kind === 'audio' &&
        media.port !== 0 &&
        media.address !== undefined &&
        (isDtls(media) || this.#crypto.accept(media) !== undefined),
    )
    if (isLate) {
      this.#eventNumber = section && eventsFor(section, 8000)?.payloadType
      return true
    }
    if (!section) return false
    const agreed = commonCodecs(section, codecs, negotiationOf(this.profile, this.channel))
    const codec = agreed[0]
    if (!codec) return false
    showRemote(this.channel, section)
    variables.set('audio_media_flow', 'sendrecv')
    this.#crypto.show(section)
    showCodec(this.channel, codec)
    this.#eventNumber = eventsFor(section, codec.clockRate)?.payloadType
    this.#showDigitWay(this.#eventNumber !== undefined)
    return true
  }

  /** A caller without telephone-event is taken to send its digits by INFO. */
  #showDigitWay(hasEvents: boolean): void {
    const mayHave = hasEvents || isLiberal(this.profile, this.channel)
    const way = agreedDigitWay(this.channel, this.digitWay, mayHave)
    this.channel.variables.set('dtmf_type', way)
  }

  /** Another offer inside the call; the codec is settled by `makeAnswer`. */
  takeOffer(text: string): SessionDescription {
    const remote = parseSdp(text)
    this.noteRemote(remote, text)
    this.sides.noteLines(remote)
    return remote
  }

  /** Answers the offer read last: opens the port where there is none yet, and configures it. Undefined: nothing in common. */
  async makeAnswer(near?: MediaLeg): Promise<string | undefined> {
    if (this.passed !== undefined && this.theirs) {
      const text = await this.passedText(this.passed)
      this.takePassed(this.theirs)
      return text
    }
    const leg = await this.openNear(near)
    await this.sides.openPlanned(leg)
    return this.answerNow(leg)
  }

  /** The same when the port is open already. */
  answerNow(leg: MediaLeg | undefined = this.leg): string | undefined {
    const remote = this.theirs
    if (!remote || !leg) return undefined
    const local = this.#localPort(leg)
    const settings: AnswerSettings = {
      ...this.#side(leg),
      sessionAttributes: this.webrtc.sessionAttributes(remote),
      codecs: this.profile.sw.codecs.choose(codecListOf(this.profile, this.channel)),
      negotiation: negotiationOf(this.profile, this.channel),
      accept: (section) => {
        const webrtc = this.webrtc.answer(section, remote, local)
        if (isDtls(section)) return webrtc
        const crypto = this.#crypto.accept(section)
        return crypto && [...crypto, ...(webrtc ?? [])]
      },
      beside: (section, index) => this.sides.answerAt(section, index, this.#direction, remote),
    }
    const made = answer(remote, settings)
    if (made === 'no common codec') return undefined
    this.ourText = made.text
    this.sides.noteLines(remote, made.terms.sectionIndex)
    const { variables } = this.channel
    if (!variables.has('dtmf_type')) this.#showDigitWay(made.terms.eventSend !== undefined)
    showRemote(this.channel, made.terms.section)
    const { section } = made.terms
    const crypto = isDtls(section) ? undefined : this.#crypto.answered(section)
    this.#apply(leg, made.terms, { crypto, ...this.webrtc.settings(made.terms.transport, remote) })
    return made.text
  }

  /** Offers what this leg may speak. Throws SwitchError MEDIA_NO_CODEC or MEDIA_NO_PORTS. */
  async makeOffer(near?: MediaLeg): Promise<string> {
    if (this.currentWay !== 'own' && this.followed) return this.passedText(this.followed.remoteText)
    return this.offerNow(await this.openNear(near))
  }

  /** The same when the port is open already (a re-INVITE of ours). */
  offerNow(leg: MediaLeg | undefined = this.leg): string {
    // A refresh, or a hold: what our party has already.
    if (this.currentWay !== 'own') {
      const text = withDirection(this.ourText, this.#direction)
      return passDescription(text, this.origin, this.advertised())
    }
    if (!leg) throw new SwitchError('MEDIA_NOT_OPEN', 'the leg has no port yet')
    const list = codecListOf(this.profile, this.channel)
    const codecs = this.profile.sw.codecs.choose(list)
    if (codecs.length === 0) {
      throw new SwitchError('MEDIA_NO_CODEC', `none of "${list}" is a codec of this switch`)
    }
    const side = this.#side(leg)
    const webrtc = this.webrtc.offer(
      this.agreed?.section,
      this.#localPort(leg),
      this.sides.soundIndex,
    )
    this.#offersDtls = webrtc !== undefined
    this.#offer = makeOffer({
      ...side,
      ...(webrtc
        ? { ...webrtc, attributes: [...webrtc.attributes, ...(side.attributes ?? [])] }
        : this.#crypto.offer()),
      codecs,
      // Browsers refuse numbers that have meant something else.
      known: webrtc && this.agreed?.section.codecs,
      layout: this.sides.layout(this.#direction, webrtc !== undefined),
      rtcp: isTrue(this.channel.variables.get('rtcp_audio_interval_msec')),
    })
    this.ourText = this.#offer.text
    const { variables } = this.channel
    variables.set('rtp_use_codec_string', list)
    variables.set('rtp_local_sdp_str', this.ourText)
    if (this.sides.all.length === 0) variables.set('video_media_flow', 'inactive')
    this.showLocal(leg)
    return this.ourText
  }

  /** Reads the answer to our offer. Throws SDP_BAD. */
  readAnswer(text: string): 'agreed' | 'no common codec' | 'refused' {
    if (this.currentWay !== 'own') {
      this.takePassed(parseSdp(text), text)
      return 'agreed'
    }
    const offer = this.#offer
    const leg = this.leg
    if (!offer || !leg) return 'refused'
    // A repeated answer (183, then 200) says nothing new.
    if (text === this.theirText && offer === this.#answered) return 'agreed'
    const remote = parseSdp(text)
    const terms = acceptAnswer(offer, remote)
    if (terms === 'no common codec' || terms === 'refused') return terms
    const crypto = this.#keysOf(terms.section)
    this.#answered = offer
    this.noteRemote(remote, text)
    const { variables } = this.channel
    if (!variables.has('ep_codec_string') || this.channel.direction === 'outbound') {
      variables.set(
        'ep_codec_string',
        sharedCodecText(remote, offer.codecs, this.profile.sw.codecs),
      )
    }
    variables.set('remote_video_media_flow', 'inactive')
    variables.set('remote_text_media_flow', 'inactive')
    showRemote(this.channel, terms.section)
    // Of two m= lines for the same sound (RTP/SAVP, RTP/AVP) one was taken.
    this.sides.noteLines(remote, offer.settings.plainBeside ? terms.sectionIndex : undefined)
    this.sides.takeAnswer(remote)
    this.#showDigitWay(terms.eventSend !== undefined)
    this.#apply(leg, terms, { crypto, ...this.webrtc.settings(terms.transport, remote) })
    return 'agreed'
  }

  /** Uses the same numbers as the leg for whose sake this one is dialled. */
  resemble(other: CallMedia): void {
    this.#eventNumber = other.#eventNumber
  }

  override follow(other: MediaWays, way: 'past' | 'proxy'): void {
    super.follow(other, way)
    this.#crypto.leave()
  }

  /** The leg neither speaks nor listens until the next terms. */
  rest(): void {
    if (!this.leg || !this.agreed) return
    this.leg.configure({
      ...legSettings(this.profile, this.channel, this.agreed, this.digitWay),
      ...this.#security,
      sends: false,
      receives: false,
      timeoutSeconds: 0,
      holdTimeoutSeconds: 0,
      rtcpIntervalMs: 0,
    })
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
    const { values } = this.profile
    const payloadType = this.#eventNumber ?? Number(values.text('rfc2833-pt'))
    const isSuppressed = suppressesNoise(this.profile, this.channel)
    return {
      origin: this.origin,
      address: this.advertised(),
      port: leg.localPort,
      telephoneEvent: this.digitWay === 'rfc2833' ? payloadType || 101 : undefined,
      comfortNoise: isSuppressed ? undefined : 13,
      ...(isSuppressed ? { attributes: ['silenceSupp:off - - - -'] } : {}),
      direction: this.#direction,
    }
  }

  #localPort(leg: MediaLeg): LocalPort {
    return {
      address: this.advertised(),
      inside: this.profile.rtpIp,
      port: leg.localPort,
      relay: this.webrtc.relay,
      tcpPort: this.webrtc.tcpPort,
      ssrc: this.ssrc,
    }
  }

  /** The keys of an answer, unless they are to come by DTLS. Throws SDP_NOT_SECURE and SDP_BAD_CRYPTO. */
  #keysOf(section: MediaSection): LegCrypto | undefined {
    if (!this.#offersDtls) return this.#crypto.readAnswer(section)
    if (isDtls(section)) return undefined
    throw new SwitchError('SDP_NOT_SECURE', `the answer is ${section.protocol}, DTLS was offered`, {
      status: 488,
    })
  }

  #apply(leg: MediaLeg, terms: MediaTerms, security: LegSecurity): void {
    this.agreed = terms
    this.#security = security
    const settings = legSettings(this.profile, this.channel, terms, this.digitWay)
    leg.configure({ ...settings, ...webRtcHabits(settings, security), ...security })
    showCodec(this.channel, terms.send)
    const { variables } = this.channel
    variables.set('rtp_local_sdp_str', this.ourText)
    if (this.theirText !== '') variables.set('switch_m_sdp', this.theirText)
    showTerms(this.channel, terms, this.ssrc)
    this.showLocal(leg)
  }
}
