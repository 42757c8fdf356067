/** The RTCP of one leg: reports out at random intervals, reports in, round trip (RFC 3550 sections 6.2 to 6.4). */
import type { Reception } from '../rtp/reception.ts'
import {
  compactNtp,
  type ReportBlock,
  type Reports,
  readReports,
  type VoipMetrics,
  writeReports,
} from '../rtp/rtcp.ts'
import type { Sender } from './sender.ts'

export class RtcpSession {
  packets = 0
  octets = 0
  roundTripMs: number | null = null
  farLossFraction: number | null = null
  farJitterMs: number | null = null
  /** All that it misses of what we sent. */
  farLost: number | null = null
  /** How it judges what it hears of us. */
  farVoip: VoipMetrics | undefined
  readonly #cname: string
  #intervalMs = 0
  #dueAt = 0
  #sentPackets = 0
  /** Middle 32 bits of their last sender report's time, and when it came. */
  #theirReport = 0
  #theirReportAt = 0

  constructor(cname: string) {
    this.#cname = cname
  }

  /** 0 sends none. */
  setInterval(ms: number, now: number): void {
    if (ms === this.#intervalMs) return
    this.#intervalMs = ms
    this.#plan(now)
  }

  isDue(now: number): boolean {
    return this.#intervalMs > 0 && now >= this.#dueAt
  }

  /** A compound packet that tells of both directions; `bye` ends the stream. */
  report(
    sender: Sender,
    reception: Reception,
    clock: number,
    now: number,
    bye: boolean,
  ): Uint8Array {
    this.#plan(now)
    const time = Date.now()
    const hasSent = sender.packets > this.#sentPackets
    this.#sentPackets = sender.packets
    const info = hasSent
      ? {
          time,
          // What the timestamp would be at this very moment (section 6.4.1).
          timestamp:
            (sender.lastTimestamp +
              Math.round(((now - sender.lastSentAt) * sender.clock) / 1000)) >>>
            0,
          packets: sender.packets,
          octets: sender.octets,
        }
      : undefined
    return writeReports(
      sender.ssrc,
      this.#cname,
      info,
      reception.ssrc < 0 ? undefined : this.#block(reception, clock, now),
      bye,
    )
  }

  /** Takes a packet of theirs; undefined when it is not RTCP. */
  receive(packet: Uint8Array, sender: Sender, now: number): Reports | undefined {
    const reports = readReports(packet)
    if (!reports) return undefined
    this.packets++
    this.octets += packet.length
    if (reports.senderTime !== undefined) {
      this.#theirReport = reports.senderTime
      this.#theirReportAt = now
    }
    if (reports.voip?.ssrc === sender.ssrc) this.farVoip = reports.voip
    for (const block of reports.blocks) {
      if (block.ssrc !== sender.ssrc) continue
      this.farLossFraction = block.fraction / 256
      this.farLost = block.lost
      this.farJitterMs = (block.jitter * 1000) / sender.clock
      if (block.lastReport === 0) continue
      // Section 6.4.1: A - LSR - DLSR, all in 1/65536 s.
      const trip = (compactNtp(Date.now()) - block.lastReport - block.delay) | 0
      if (trip >= 0 && trip < 65536 * 60) this.roundTripMs = (trip * 1000) / 65536
    }
    return reports
  }

  /** Section 6.2: between half and one and a half of the interval, so that reports do not fall in step. */
  #plan(now: number): void {
    this.#dueAt = now + this.#intervalMs * (0.5 + Math.random())
  }

  #block(reception: Reception, clock: number, now: number): ReportBlock {
    return {
      ssrc: reception.ssrc,
      fraction: reception.takeFraction(),
      lost: reception.lost,
      highest: reception.extendedHighest,
      jitter: Math.round((reception.jitter * clock) / 1000),
      lastReport: this.#theirReport,
      delay: this.#theirReport === 0 ? 0 : Math.round(((now - this.#theirReportAt) * 65536) / 1000),
    }
  }
}
