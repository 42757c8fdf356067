/** Whose descriptions the party of a leg has: ours, or those of the other party, which is met past this server or through it. */
import type { Channel } from '../../core/channel.ts'
import { showProxy, showRemote, soundOf } from '../../core/media-variables.ts'
import type { MediaWay } from '../../core/sides/sided-leg.ts'
import { isTrue } from '../../core/variables.ts'
import type { SessionDescription } from '../../sdp/description.ts'
import { parseSdp } from '../../sdp/parse.ts'
import { passDescription, proxyDescription, withFormats, withSections } from '../../sdp/pass.ts'
import { MediaBase } from './media-base.ts'
import { ProxyPorts } from './media-proxy.ts'
import type { Profile } from './profile.ts'

export abstract class MediaWays extends MediaBase {
  protected currentWay: MediaWay = 'own'
  /** The other leg, whose description our party has unless the way is our own. */
  protected followed: MediaWays | undefined
  /** That leg's answer, which our party's offer waits for. */
  protected passed: string | undefined
  protected readonly proxy: ProxyPorts

  constructor(profile: Profile, channel: Channel) {
    super(profile, channel)
    this.proxy = new ProxyPorts(profile, channel)
  }

  get way(): MediaWay {
    return this.currentWay
  }

  /** Whose description our party has, unless the way is our own. */
  get other(): MediaWays | undefined {
    return this.followed
  }

  /** From now on our party has the description of the other one's, until `comeBack`. */
  follow(other: MediaWays, way: 'past' | 'proxy'): void {
    this.currentWay = way
    this.followed = other
    this.withdrawOffer()
    this.sides.dropAll()
    if (way === 'past') this.detach()
    else showProxy(this.channel)
  }

  /** The sound is to be ours again, if our party agrees: then `cameBack`, else the function that is given. */
  comeBack(): () => void {
    const before = { way: this.currentWay, other: this.followed, text: this.ourText }
    this.currentWay = 'own'
    this.followed = undefined
    this.passed = undefined
    this.agreed = undefined
    return () => {
      this.currentWay = before.way
      this.followed = before.other
      this.ourText = before.text
      this.withdrawOffer()
      if (before.way === 'past') this.detach()
    }
  }

  /** Our party sends to us again. */
  cameBack(): void {
    this.proxy.close()
  }

  /** What our party said last, for somebody who is to send to it directly; `bypass_keep_codec`: with the codec in use only. */
  directText(): string {
    const { variables } = this.channel
    const codec = this.agreed?.send
    if (!codec || !isTrue(variables.get('bypass_keep_codec'))) return this.theirText
    const events = this.agreed?.eventSend
    const kept = events === undefined ? [codec.payloadType] : [codec.payloadType, events]
    return withFormats(this.theirText, 'audio', kept.map(String))
  }

  /** Offers our party what another one said; our m= lines stay as many as they are. */
  foreignOffer(text: string): string {
    const fitted = withSections(text, this.sides.lines, false)
    this.ourText = passDescription(fitted, this.origin, this.advertised())
    return this.ourText
  }

  /** Answers an offer of our party with what another one said. */
  foreignAnswer(text: string, offer: SessionDescription): string {
    this.sides.noteLines(offer)
    const fitted = withSections(text, this.sides.lines.slice(0, offer.media.length), true)
    this.ourText = passDescription(fitted, this.origin, this.advertised())
    return this.ourText
  }

  /** The other leg's answer, with which our party's first offer is answered. */
  passAnswer(text: string, from: MediaWays): void {
    if (from.way === 'own') return
    if (this.followed !== from)
      from.channel.signals.once('hangup', () => {
        if (this.followed === from) this.lose()
      })
    this.follow(from, from.way)
    // Another answer than the one that early sound had.
    if (text !== this.passed) this.ourText = ''
    this.passed = text
  }

  /** The other leg is gone. A party that is not answered yet gets our own sound instead. */
  protected lose(): void {
    if (this.channel.isAnswered || !this.channel.isUp) return
    this.comeBack()
    this.cameBack()
    this.ourText = ''
  }

  /** What our party is shown of a description of the other one; opens ports where they are ours. Throws SDP_BAD. */
  async passedText(text: string): Promise<string> {
    const address = this.advertised()
    if (this.currentWay === 'past') this.ourText = passDescription(text, this.origin, address)
    else {
      const remote = parseSdp(text)
      const leg = await this.openNear(this.followed?.near)
      const ports = await this.proxy.open(remote, leg)
      this.ourText = proxyDescription(text, this.origin, address, ports)
      this.showLocal(leg)
    }
    this.channel.variables.set('rtp_local_sdp_str', this.ourText)
    return this.ourText
  }

  /** Takes a description of our party that is passed on: packets go where it says. */
  takePassed(remote: SessionDescription, text = this.theirText): void {
    this.noteRemote(remote, text)
    this.sides.noteLines(remote)
    showRemote(this.channel, soundOf(remote))
    if (this.currentWay !== 'proxy') return
    this.proxy.configure(remote)
    if (this.followed?.way === 'proxy') this.proxy.join(this.followed.proxy)
  }
}
