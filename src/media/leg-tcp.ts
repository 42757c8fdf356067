/** A leg as its way by TCP connections sees it. */
import type { TcpWayOwner } from './ice-tcp-way.ts'
import type { Source } from './media-socket.ts'
import type { RtpLeg } from './rtp-leg.ts'

export class LegTcp implements TcpWayOwner {
  readonly #leg: RtpLeg
  readonly tcpEnded: (from: Source) => void

  constructor(leg: RtpLeg, ended: (from: Source) => void) {
    this.#leg = leg
    this.tcpEnded = ended
  }

  get uuid(): string {
    return this.#leg.uuid
  }

  rtp(packet: Buffer, from: Source): void {
    this.#leg.rtp(packet, from)
  }

  drop(reason: string): void {
    this.#leg.host.drop(reason)
  }
}
