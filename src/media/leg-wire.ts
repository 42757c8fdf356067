/** ICE and DTLS of a leg: where it sends, and its keys, come from what happens on its port. */
import type { DtlsIdentity } from '../webrtc/dtls-identity.ts'
import type { IceWay } from '../webrtc/ice-terms.ts'
import type { LegCrypto } from './engine.ts'
import type { IceTcpWay } from './ice-tcp-way.ts'
import type { WebRtcNews, WebRtcPort } from './protocol.ts'
import type { RtpLeg } from './rtp-leg.ts'
import type { WireOwner } from './secure-wire.ts'
import type { TurnWay } from './turn-way.ts'

/** What the leg does with it. */
export interface WireUser {
  settled(): void
  consent(isGiven: boolean): void
  secured(keys: LegCrypto): void
}

export class LegWire implements WireOwner {
  readonly #leg: RtpLeg
  readonly #user: WireUser
  readonly here: string

  constructor(leg: RtpLeg, here: string, user: WireUser) {
    this.#leg = leg
    this.#user = user
    this.here = here
  }

  get uuid(): string {
    return this.#leg.uuid
  }

  get identity(): DtlsIdentity {
    return this.#leg.host.identity
  }

  get turn(): TurnWay | undefined {
    return this.#leg.turn
  }

  get tcp(): IceTcpWay | undefined {
    return this.#leg.tcp
  }

  get webRtcPort(): WebRtcPort {
    return { leg: this.#leg.id }
  }

  tell(news: WebRtcNews): void {
    this.#leg.host.tell(news)
  }

  drop(reason: string): void {
    this.#leg.host.drop(reason)
  }

  settled(address: string, port: number, way: IceWay): void {
    const { host, id, latch } = this.#leg
    this.#leg.sendBy(way)
    if (!latch.nominate(address, port)) return
    host.tell({ tell: 'latched', leg: id, address, port })
    this.#user.settled()
  }

  consent(isGiven: boolean): void {
    this.#user.consent(isGiven)
  }

  secured(keys: LegCrypto): void {
    this.#user.secured(keys)
  }
}
