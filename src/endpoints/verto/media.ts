/** The sound of one call with a browser, and its video: its descriptions, and what the media engine is told of them. */
import { randomInt } from 'node:crypto'
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import { codecListOf, negotiationOf, sharedCodecText } from '../../core/codec-choice.ts'
import { digitWayOf, legSettings } from '../../core/leg-settings.ts'
import { showCodec, showRemote, showTerms, soundOf } from '../../core/media-variables.ts'
import { LegWebRtc } from '../../core/sides/leg-webrtc.ts'
import type { SidedMedia } from '../../core/sides/sided-leg.ts'
import { Sides } from '../../core/sides/sides.ts'
import { relayOf } from '../../core/turn-relay.ts'
import { webRtcHabits } from '../../core/webrtc-side.ts'
import type { MediaLeg } from '../../media/engine.ts'
import { acceptAnswer } from '../../sdp/accept-answer.ts'
import { answer } from '../../sdp/answer.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { commonCodecs } from '../../sdp/match.ts'
import { makeOffer } from '../../sdp/offer.ts'
import { parseSdp } from '../../sdp/parse.ts'
import type { LocalSide, MediaTerms, Offer } from '../../sdp/terms.ts'
import { isDtls } from '../../sdp/webrtc.ts'
import { SdpOrigin } from '../../sdp/write.ts'
import type { VertoProfile } from './profile.ts'
import { inUsualOrder } from './sdp-order.ts'

const log = logger('verto/media')

/** What a browser may have beside its sound. */
const kinds: ReadonlySet<string> = new Set(['video'])

export class VertoMedia implements SidedMedia {
  readonly #profile: VertoProfile
  readonly #channel: Channel
  readonly #origin = new SdpOrigin()
  readonly #webrtc: LegWebRtc
  readonly sides: Sides
  readonly way = 'own'
  #leg: MediaLeg | undefined
  #opening: Promise<MediaLeg> | undefined
  #ssrc = 0
  #theirs: SessionDescription | undefined
  #theirText = ''
  #offer: Offer | undefined
  #terms: MediaTerms | undefined
  #isHolding = false
  #isResting = false
  isMoving = false
  /** DTLS has given the keys. */
  isSecured = false
  /** What we said last. */
  localText = ''

  constructor(profile: VertoProfile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
    this.#webrtc = new LegWebRtc(profile.media, channel)
    this.sides = new Sides(profile.media, channel, this.#webrtc, kinds)
    channel.variables.set('video_media_flow', 'disabled')
    channel.variables.set('text_media_flow', 'disabled')
  }

  get terms(): MediaTerms | undefined {
    return this.#terms
  }

  get remote(): SessionDescription | undefined {
    return this.#theirs
  }

  get remoteText(): string {
    return this.#theirText
  }

  get near(): MediaLeg | undefined {
    return this.#leg
  }

  /** Keeps their offer; the codec is chosen when sound is needed. False: there is nothing in it to agree on. Throws SDP_BAD. */
  readOffer(text: string): boolean {
    const { variables, sw } = this.#channel
    const remote = parseSdp(text)
    this.#note(remote, text)
    const list = codecListOf(this.#profile.media, this.#channel)
    const codecs = sw.codecs.choose(list)
    variables.set('ep_codec_string', sharedCodecText(remote, codecs, sw.codecs))
    variables.set('rtp_use_codec_string', list)
    const section = soundOf(remote)
    if (!section || !isDtls(section)) return false
    const [codec] = commonCodecs(section, codecs, negotiationOf(this.#profile.media, this.#channel))
    if (!codec) return false
    showRemote(this.#channel, section)
    showCodec(this.#channel, codec)
    return true
  }

  /** Answers the offer read last: opens the port where there is none yet. Undefined: nothing in common. */
  async makeAnswer(near: MediaLeg | undefined): Promise<string | undefined> {
    const leg = await this.open(near)
    await this.sides.openPlanned(leg, true)
    return this.#answerNow(leg)
  }

  #answerNow(leg: MediaLeg): string | undefined {
    const remote = this.#theirs
    if (!remote) return undefined
    const local = this.#port(leg)
    const made = answer(remote, {
      ...this.#local(leg),
      sessionAttributes: this.#webrtc.sessionAttributes(remote),
      codecs: this.#channel.sw.codecs.choose(codecListOf(this.#profile.media, this.#channel)),
      negotiation: negotiationOf(this.#profile.media, this.#channel),
      accept: (section) =>
        isDtls(section) ? this.#webrtc.answer(section, remote, local) : undefined,
      beside: (section, index) => this.sides.answerAt(section, index, 'sendrecv', remote),
    })
    if (made === 'no common codec') return undefined
    this.localText = inUsualOrder(made.text, 'answer')
    this.sides.noteLines(remote, made.terms.sectionIndex)
    this.sides.showUnused()
    this.#apply(leg, made.terms, remote)
    return this.localText
  }

  /** Offers our codecs. Throws SwitchError MEDIA_NO_CODEC or MEDIA_NO_PORTS. */
  async makeOffer(near: MediaLeg | undefined): Promise<string> {
    const leg = await this.open(near)
    const { sw, variables } = this.#channel
    const list = codecListOf(this.#profile.media, this.#channel)
    const codecs = sw.codecs.choose(list)
    if (codecs.length === 0)
      throw new SwitchError('MEDIA_NO_CODEC', `none of "${list}" is a codec of this switch`)
    // Each offer of ours is the first of its connection.
    const webrtc = this.#webrtc.offer(undefined, this.#port(leg), this.sides.soundIndex)
    const local = this.#local(leg)
    this.#offer = makeOffer({
      ...local,
      ...webrtc,
      attributes: [...(webrtc?.attributes ?? []), ...(local.attributes ?? [])],
      codecs,
      layout: this.sides.layout('sendrecv', true),
      rtcp: true,
      rtcpMux: true,
      isDirectionShown: true,
    })
    this.localText = inUsualOrder(this.#offer.text, 'offer')
    variables.set('rtp_use_codec_string', list)
    variables.set('rtp_local_sdp_str', this.localText)
    return this.localText
  }

  /** Reads the answer to our offer. Throws SDP_BAD. */
  readAnswer(text: string): 'agreed' | 'no common codec' | 'refused' {
    const offer = this.#offer
    const leg = this.#leg
    if (!offer || !leg) return 'refused'
    const remote = parseSdp(text)
    const terms = acceptAnswer(offer, remote)
    if (terms === 'no common codec' || terms === 'refused') return terms
    if (!isDtls(terms.section)) return 'refused'
    this.#note(remote, text)
    const { variables, sw } = this.#channel
    variables.set('ep_codec_string', sharedCodecText(remote, offer.codecs, sw.codecs))
    this.sides.takeAnswer(remote)
    this.sides.showUnused()
    this.#apply(leg, terms, remote)
    return 'agreed'
  }

  /**
   * Their new description within the call: our answer, or undefined when there is nothing in common (all stays as it was).
   * `prepare` sees to what it has beside the sound before it is answered. Throws SDP_BAD.
   */
  async update(
    text: string,
    prepare: (offer: SessionDescription) => Promise<void>,
  ): Promise<string | undefined> {
    const before = this.#theirs
    const textBefore = this.#theirText
    const remote = parseSdp(text)
    this.#note(remote, text)
    await prepare(remote)
    const made = await this.makeAnswer(undefined)
    if (made === undefined && before) this.#note(before, textBefore)
    return made
  }

  /** Whoever comes back after a lost socket is another one to ICE and DTLS: secrets and keys begin anew. */
  restart(): void {
    this.#webrtc.restart()
    this.sides.beginAnew()
    this.isSecured = false
  }

  /** The browser is gone: it neither speaks nor listens until it has answered again. */
  rest(): void {
    this.#isResting = true
    this.#configure()
  }

  /** The party of the browser is on hold. */
  hold(on: boolean): void {
    this.#isHolding = on
    this.#configure()
  }

  #note(remote: SessionDescription, text: string): void {
    this.#theirs = remote
    this.#theirText = text
    this.sides.noteLines(remote)
    this.#channel.variables.setForeign('switch_r_sdp', text)
  }

  open(near: MediaLeg | undefined): Promise<MediaLeg> {
    if (this.#leg && !this.#opening) return Promise.resolve(this.#leg)
    this.#opening ??= this.#openLeg(near).finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #openLeg(near: MediaLeg | undefined): Promise<MediaLeg> {
    const channel = this.#channel
    this.#ssrc = randomInt(1, 0xffffffff)
    const leg = await channel.sw.media.openLeg({
      uuid: channel.uuid,
      address: this.#profile.rtpIp,
      near,
      ssrc: this.#ssrc,
      iceTcp: this.#profile.media.iceTcp,
    })
    if (!channel.isUp) {
      // Hung up meanwhile: nobody else would give the port back.
      void leg.close()
      throw new SwitchError('MEDIA_TOO_LATE', 'the call ended before its sound was open')
    }
    this.#leg = leg
    this.#webrtc.tcpPort = leg.tcpPort
    leg.events.on('secured', ({ suite, cipher }) => {
      this.isSecured = true
      log.info(`sound is secured by DTLS (${cipher}, ${suite})`, channel.uuid)
      channel.secureType = `dtls:${suite}`
    })
    leg.events.on('security failed', ({ reason }) => {
      log.warning(`no keys for the sound: ${reason}`, channel.uuid)
      channel.variables.set('webrtc_failure', reason)
      if (channel.isAnswered) channel.hangup('DESTINATION_OUT_OF_ORDER')
    })
    channel.attachMedia(leg)
    this.#webrtc.relay = await relayOf(leg, this.#profile.media, channel)
    if (!channel.isUp)
      throw new SwitchError('MEDIA_TOO_LATE', 'the call ended before its sound was open')
    return leg
  }

  #port(leg: MediaLeg) {
    const inside = this.#profile.rtpIp
    const [address, port] = [this.#advertised, leg.localPort]
    const { relay, tcpPort } = this.#webrtc
    return { address, inside, port, relay, tcpPort, ssrc: this.#ssrc }
  }

  get #advertised(): string {
    return this.#channel.variables.get('rtp_advertise_ip') ?? this.#profile.externalRtpIp
  }

  #local(leg: MediaLeg): LocalSide {
    return {
      origin: this.#origin,
      address: this.#advertised,
      port: leg.localPort,
      telephoneEvent: Number(this.#profile.media.values.text('rfc2833-pt')) || 101,
      comfortNoise: undefined,
      attributes: ['silenceSupp:off - - - -'],
      isDirectionShown: true,
    }
  }

  #apply(leg: MediaLeg, terms: MediaTerms, remote: SessionDescription): void {
    const channel = this.#channel
    const { variables } = channel
    this.#terms = terms
    this.#theirs = remote
    this.#isResting = false
    this.#configure()
    showRemote(channel, terms.section)
    showCodec(channel, terms.send)
    showTerms(channel, terms, this.#ssrc)
    variables.set('rtp_local_sdp_str', this.localText)
    variables.set('dtmf_type', 'rfc2833')
    variables.set('local_media_ip', this.#profile.rtpIp)
    variables.set('local_media_port', String(leg.localPort))
    variables.set('advertised_media_ip', this.#advertised)
  }

  #configure(): void {
    const isQuiet = this.#isHolding || this.#isResting
    this.sides.pause(isQuiet)
    const terms = this.#terms
    const leg = this.#leg
    const remote = this.#theirs
    if (!terms || !leg || !remote) return
    const { media } = this.#profile
    const settings = legSettings(media, this.#channel, terms, digitWayOf(media, this.#channel))
    const side = this.#webrtc.settings(terms.transport, remote)
    leg.configure({
      ...settings,
      ...side,
      ...webRtcHabits(settings, side),
      ...(isQuiet ? { sends: false, receives: false } : {}),
      ...(this.#isResting ? { timeoutSeconds: 0, holdTimeoutSeconds: 0, rtcpIntervalMs: 0 } : {}),
    })
  }
}
