/** The digits that one leg's party sends as events: told once each, and their packets passed on where the peer takes them. */
import { payloadStart } from '../rtp/packet.ts'
import { EventReceiver, eventLength, type FinishedEvent } from '../rtp/telephone-event.ts'
import type { Input } from './leg-input.ts'
import type { RtpLeg } from './rtp-leg.ts'

export class IncomingEvents {
  /** Packets of events that came. */
  packets = 0
  readonly #leg: RtpLeg
  readonly #receiver = new EventReceiver()
  /** Whether the packets of the event under way are passed on, so that the digit itself is not. */
  #isPassed = false
  /** The event under way is a digit that was heard as a tone before. */
  #isRepeat = false

  constructor(leg: RtpLeg) {
    this.#leg = leg
  }

  packet(
    packet: Buffer,
    input: Input,
    timestamp: number,
    isRelayed: boolean,
    isNewRun: boolean,
    now: number,
  ): void {
    const leg = this.#leg
    const receiver = this.#receiver
    this.packets++
    const start = payloadStart(packet)
    if (start < 0 || start + eventLength > packet.length) return leg.host.drop('bad header')
    const former = receiver.isBusy ? receiver.digit : ''
    const { begun } = receiver
    const finished = receiver.packet(packet, start, timestamp, input.clock, now)
    let next = 0
    if (receiver.begun !== begun) {
      // The end of the one before was lost: it is over now that another begins.
      if (former !== '') this.#finished(finished[next++], now)
      this.#isRepeat = leg.digitPairing.isSecond(receiver.digit, 'RTP', now, true)
      // Whether an event's packets pass on is settled by its first packet.
      this.#isPassed = !this.#isRepeat && this.#mayPass(input)
    }
    for (; next < finished.length; next++) this.#finished(finished[next], now)
    if (!this.#isPassed || !this.#mayPass(input)) return
    const { sender } = leg.peer as RtpLeg
    const { ssrc } = leg.reception
    sender.relayEvent(packet, leg, ssrc, input.relayAs, isRelayed, isNewRun, now)
  }

  /** Ends a digit whose end never came. */
  expire(now: number): void {
    if (this.#receiver.isBusy) this.#finished(this.#receiver.expire(now), now)
  }

  /** The stream begins anew. */
  restart(now: number): void {
    this.#finished(this.#receiver.restart(), now)
  }

  #finished(event: FinishedEvent | undefined, now: number): void {
    if (!event) return
    const leg = this.#leg
    leg.digitPairing.ended('RTP', now)
    if (this.#isRepeat) return leg.host.drop('repeated digit')
    // pass_rfc2833: in a bridge the events are the parties' own affair.
    if (this.#isPassed && leg.settings?.passesEvents === true) return
    leg.digitFromParty({ ...event, source: 'RTP' }, this.#isPassed)
  }

  #mayPass(input: Input): boolean {
    const { peer, passesDtmf, tonesForDigits } = this.#leg
    if (!passesDtmf || tonesForDigits === 'read' || input.relayAs < 0 || peer === undefined)
      return false
    return !peer.hasFloorTaken && !peer.dropsDigits && peer.tonesForDigits !== 'write'
  }
}
