/** A leg as its way through a TURN server sees it. */
import type { Source } from './media-socket.ts'
import type { RtpLeg } from './rtp-leg.ts'
import type { TurnOwner } from './turn-way.ts'

export class LegTurn implements TurnOwner {
  readonly #leg: RtpLeg
  readonly turnAllocated: () => void

  constructor(leg: RtpLeg, allocated: () => void) {
    this.#leg = leg
    this.turnAllocated = allocated
  }

  get uuid(): string {
    return this.#leg.uuid
  }

  rtp(packet: Buffer, from: Source): void {
    // Also for as long as the ports of a closed leg rest.
    if (this.#leg.isClosed) this.#leg.host.drop('no leg')
    else this.#leg.rtp(packet, from)
  }

  rtcp(packet: Buffer, from: Source): void {
    if (this.#leg.isClosed) this.#leg.host.drop('no leg')
    else this.#leg.rtcp(packet, from)
  }

  drop(reason: string): void {
    this.#leg.host.drop(reason)
  }
}
