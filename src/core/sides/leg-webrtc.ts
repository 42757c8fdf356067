/**
 * ICE and DTLS of one leg: answered where they are offered, offered to browsers and to whom variables name (`media_webrtc`,
 * `rtp_use_dtls`).
 */

import type { LegSettings } from '../../media/engine.ts'
import type { MediaSection, SessionDescription } from '../../sdp/description.ts'
import { isDtls } from '../../sdp/webrtc.ts'
import type { Channel } from '../channel.ts'
import { isTrue } from '../variables.ts'
import { iceModeOf, type LocalPort, type RelayedPort, WebRtcSide } from '../webrtc-side.ts'
import type { SideProfile } from './sided-leg.ts'

/** Whether a leg that we place is to be offered what browsers take. */
export function wantsWebRtc({ variables }: Channel): boolean {
  return isTrue(variables.get('media_webrtc'))
}

export class LegWebRtc {
  readonly #profile: SideProfile
  readonly #channel: Channel
  /** The address of the sound's port at a TURN server. */
  relay: RelayedPort | undefined
  /** Where the sound's ICE is reached by TCP; 0: nowhere. */
  tcpPort = 0
  #made: WebRtcSide | undefined

  constructor(profile: SideProfile, channel: Channel) {
    this.#profile = profile
    this.#channel = channel
  }

  /** Of a leg that has neither ICE nor DTLS nothing is made. */
  get #side(): WebRtcSide {
    const channel = this.#channel
    const { sw } = channel
    const lists = this.#profile.values.all('apply-candidate-acl')
    this.#made ??= new WebRtcSide({
      uuid: channel.uuid,
      fingerprint: sw.media.dtlsFingerprint,
      mode: iceModeOf(this.#profile, channel),
      ...(lists.length > 0 && {
        mayUse: (address: string) => lists.some((list) => sw.acls.check(address, list).allowed),
      }),
    })
    return this.#made
  }

  /** Whoever answers next is another one to ICE and DTLS: secrets and keys begin anew. */
  restart(): void {
    this.#made = undefined
  }

  /** What our answer says for the whole session. */
  sessionAttributes(offer: SessionDescription): readonly string[] {
    const hasIce = offer.media.some(({ iceUfrag, port }) => port !== 0 && iceUfrag !== undefined)
    return hasIce ? this.#side.sessionAttributes : []
  }

  /** What accepts a section; undefined: there is neither ICE nor DTLS in it. */
  answer(
    section: MediaSection,
    offer: SessionDescription,
    local: LocalPort,
  ): readonly string[] | undefined {
    if (section.iceUfrag === undefined && !isDtls(section)) return undefined
    const made = this.#side.answer(section, offer, local)?.attributes
    if (made && isDtls(section) && section.iceUfrag !== undefined)
      this.#channel.variables.set('media_webrtc', 'true')
    return made
  }

  /** What our next offer says; undefined: neither. `agreed` is the section that holds now, whose habits stay. */
  offer(agreed: MediaSection | undefined, local: LocalPort, index: number) {
    const { variables } = this.#channel
    const hasIce = agreed ? agreed.iceUfrag !== undefined : wantsWebRtc(this.#channel)
    const hasDtls = agreed ? isDtls(agreed) : hasIce || isTrue(variables.get('rtp_use_dtls'))
    if (!hasDtls) return undefined
    const made = this.#side.offer(local, 'audio', hasIce)
    // Browsers know a section again by its name.
    const mid = agreed ? agreed.mid : String(index)
    if (!hasIce) return made
    return { ...made, mid, rtcpMux: true, isDirectionShown: true }
  }

  /** What our next offer says of a section beside the sound. */
  offerSide(
    agreed: MediaSection | undefined,
    local: LocalPort,
    { kind, index }: { kind: string; index: number },
  ) {
    const { protocol, attributes } = this.#side.offer(local, kind)
    const mid = agreed ? agreed.mid : String(index)
    return { protocol, mid, attributes: ['rtcp-mux', ...attributes] }
  }

  /** What the engine is told once a section of theirs is agreed on. */
  settings(section: MediaSection, theirs: SessionDescription): Pick<LegSettings, 'ice' | 'dtls'> {
    if (section.iceUfrag === undefined && !isDtls(section)) return {}
    return this.#side.settings(section, theirs)
  }
}
