/** Tells the core of the RTCP of a leg (RECV_RTCP_MESSAGE, SEND_RTCP_MESSAGE). */
import { type Reports, readReports } from '../rtp/rtcp.ts'
import type { RtpLeg } from './rtp-leg.ts'

/** Reports come every few seconds; more than so many a second, in ms between them, are somebody's mischief. */
const leastMs = 200

export class RtcpNews {
  readonly #leg: RtpLeg
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(leg: RtpLeg) {
    this.#leg = leg
  }

  received(reports: Reports, now: number): void {
    if (now - this.#toldAt < leastMs) return
    this.#toldAt = now
    this.#tell('received', reports)
  }

  /** `packet` as it stands before it is sealed. */
  sent(packet: Uint8Array): void {
    const reports = readReports(packet)
    if (reports) this.#tell('sent', reports)
  }

  #tell(direction: 'received' | 'sent', { senderSsrc, sender, blocks }: Reports): void {
    const { id, host, reception, rtcpSession, lastInput, settings } = this.#leg
    host.tell({
      tell: 'rtcp',
      leg: id,
      report: {
        direction,
        ssrc: senderSsrc,
        sender,
        blocks,
        lastTimestamp: reception.lastTimestamp,
        clockRate: lastInput?.clock ?? settings?.receive[0]?.clockRate ?? 8000,
        roundTripMs: rtcpSession.roundTripMs,
      },
    })
  }
}
