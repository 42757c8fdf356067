/** The RTCP of a leg on the wire: reports of the party taken, ours sent where the party is (RFC 3550 section 6). */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import { RtcpNews } from './rtcp-news.ts'
import { RtcpSession } from './rtcp-session.ts'
import type { RtpLeg } from './rtp-leg.ts'

const log = logger('media/leg')

export class LegReports {
  readonly session: RtcpSession
  /** Where the party is; empty: nowhere, or it must not be sent anything. */
  address = ''
  readonly #leg: RtpLeg
  readonly #news: RtcpNews
  #port = 0

  /** `name` is the CNAME of what we send. */
  constructor(leg: RtpLeg, name: string) {
    this.#leg = leg
    this.#news = new RtcpNews(leg)
    this.session = new RtcpSession(name)
  }

  /** Points them to where the leg's latch says that the party is; an empty address: nowhere. */
  aim(address: string): void {
    const { latch, settings } = this.#leg
    const { port, isLearned } = latch
    this.address = address
    if (settings?.rtcpMux) this.#port = port
    else this.#port = isLearned ? port + 1 : (settings?.remoteRtcpPort ?? port + 1)
  }

  /** Takes an RTCP packet of the party. */
  receive(packet: Buffer, from: Source): void {
    const leg = this.#leg
    // Reports are believed from the host that the sound comes from; the port may be any, NATs move it.
    if (from.address !== leg.latch.address && !leg.hasProven(from))
      return leg.host.drop('RTCP source')
    const now = performance.now()
    const { crypto } = leg.sender
    if (crypto !== undefined) {
      const length = crypto.openReport(packet, now)
      if (length < 0) return
      packet = packet.subarray(0, length)
    }
    const own = leg.bundle === undefined ? packet : leg.bundle.rtcp(packet)
    if (own === undefined) return
    const reports = this.session.receive(own, leg.sender, now)
    if (!reports) return leg.host.drop('not RTCP')
    this.#news.received(reports, now)
    if (leg.settings?.latch && !leg.settings.rtcpMux) this.#port = from.port
  }

  /** Sends a report of ours by `socket`; with `bye` the last one. */
  send(socket: MediaSocket | undefined, now: number, bye: boolean): void {
    const { settings, lastInput, sender, reception, uuid } = this.#leg
    if (!settings || !socket || this.address === '' || this.#port === 0) return
    const clock = lastInput?.clock ?? settings.receive[0]?.clockRate ?? 8000
    const plain = this.session.report(sender, reception, clock, now, bye)
    this.#news.sent(plain)
    const { crypto } = sender
    const packet = crypto === undefined ? plain : crypto.sealReport(plain)
    if (packet === undefined) return
    try {
      socket.send(packet, this.#port, this.address)
    } catch (thrown) {
      log.warning(`a report could not be sent: ${reasonOf(thrown)}`, uuid)
    }
  }
}
