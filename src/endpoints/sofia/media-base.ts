/** What every leg's media has, whoever makes its descriptions: what both sides said last, the m= lines, the media leg. */
import { randomInt } from 'node:crypto'
import { SwitchError } from '../../base/errors.ts'
import type { Channel } from '../../core/channel.ts'
import { detachMedia } from '../../core/channel-streams.ts'
import { LegWebRtc, wantsWebRtc } from '../../core/sides/leg-webrtc.ts'
import type { MediaWay, SidedMedia } from '../../core/sides/sided-leg.ts'
import { Sides } from '../../core/sides/sides.ts'
import { relayOf } from '../../core/turn-relay.ts'
import { watchWebRtc } from '../../core/webrtc-watch.ts'
import type { MediaLeg } from '../../media/engine.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import type { MediaTerms } from '../../sdp/terms.ts'
import { type AnySection, SdpOrigin } from '../../sdp/write.ts'
import type { Profile } from './profile.ts'

export abstract class MediaBase implements SidedMedia {
  protected readonly profile: Profile
  protected readonly channel: Channel
  protected readonly origin = new SdpOrigin()
  /** The other side's description as it came last, and taken apart. */
  protected theirText = ''
  protected theirs: SessionDescription | undefined
  protected agreed: MediaTerms | undefined
  protected leg: MediaLeg | undefined
  protected ssrc = 0
  /** What we said last. */
  protected ourText = ''
  /** The m= lines, and what runs beside the sound. */
  readonly sides: Sides
  protected readonly webrtc: LegWebRtc
  /** A re-INVITE that concerns both legs is under way. */
  isMoving = false
  /** Whoever is dialled for our party now is to have its description, and it theirs. */
  isPromised = false
  #opening: Promise<MediaLeg> | undefined

  constructor(profile: Profile, channel: Channel) {
    this.profile = profile
    this.channel = channel
    this.webrtc = new LegWebRtc(profile, channel)
    this.sides = new Sides(profile, channel, this.webrtc)
  }

  abstract get way(): MediaWay

  /** Forgets an offer that came to nothing, so that the old terms stay. */
  abstract withdrawOffer(): void

  get terms(): MediaTerms | undefined {
    return this.agreed
  }

  get localText(): string {
    return this.ourText
  }

  get remoteText(): string {
    return this.theirText
  }

  /** What the other side said last. */
  get remote(): SessionDescription | undefined {
    return this.theirs
  }

  /** Beside which leg another one opens. */
  get near(): MediaLeg | undefined {
    return this.leg
  }

  /** Opens the port of a leg that has none (after `comeBack`). */
  open(near: MediaLeg | undefined): Promise<MediaLeg> {
    return this.openNear(near)
  }

  /** A description of ours with other sections than sound. */
  describe(sections: readonly AnySection[]): string {
    this.ourText = this.origin.write({ address: this.advertised(), sections })
    return this.ourText
  }

  /** Fax was agreed on: their description, in which the sound has no part. */
  takeFax(remote: SessionDescription, text: string): void {
    this.noteRemote(remote, text)
    this.sides.noteLines(remote)
  }

  protected detach(): void {
    this.leg = undefined
    this.webrtc.relay = undefined
    this.webrtc.tcpPort = 0
    this.#opening = undefined
    this.agreed = undefined
    detachMedia(this.channel)
  }

  protected noteRemote(remote: SessionDescription, text: string): void {
    this.theirs = remote
    this.theirText = text
    this.channel.variables.setForeign('switch_r_sdp', text)
  }

  protected advertised(): string {
    return this.channel.variables.get('rtp_advertise_ip') ?? this.profile.externalRtpIp
  }

  protected openNear(near: MediaLeg | undefined): Promise<MediaLeg> {
    if (this.leg && !this.#opening) return Promise.resolve(this.leg)
    this.#opening ??= this.#openLeg(near).finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  /** Whether the description that comes next speaks of ICE. */
  get #hasIce(): boolean {
    if (this.theirs) return this.theirs.media.some(({ iceUfrag }) => iceUfrag !== undefined)
    return wantsWebRtc(this.channel)
  }

  async #openLeg(near: MediaLeg | undefined): Promise<MediaLeg> {
    const channel = this.channel
    const { media } = channel.sw
    const ssrc = randomInt(1, 0xffffffff)
    const leg = await media.openLeg({
      uuid: channel.uuid,
      address: this.profile.rtpIp,
      near,
      ssrc,
      iceTcp: this.#hasIce ? this.profile.iceTcp : undefined,
    })
    if (!channel.isUp) {
      // Hung up meanwhile: nobody else would give the port back.
      void leg.close()
      throw new SwitchError('MEDIA_TOO_LATE', 'the call ended before its sound was open')
    }
    this.leg = leg
    this.webrtc.tcpPort = leg.tcpPort
    this.ssrc = ssrc
    channel.attachMedia(leg)
    watchWebRtc(channel, leg)
    if (this.#hasIce) {
      const relay = await relayOf(leg, this.profile, channel)
      if (this.leg === leg) this.webrtc.relay = relay
      if (!channel.isUp)
        throw new SwitchError('MEDIA_TOO_LATE', 'the call ended before its sound was open')
    }
    return leg
  }

  protected showLocal(leg: MediaLeg): void {
    const { variables } = this.channel
    variables.set('local_media_ip', this.profile.rtpIp)
    variables.set('local_media_port', String(leg.localPort))
    variables.set('advertised_media_ip', this.advertised())
    if (!variables.has('audio_media_flow')) variables.set('audio_media_flow', 'sendrecv')
  }
}
