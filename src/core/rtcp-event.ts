/** RECV_RTCP_MESSAGE and SEND_RTCP_MESSAGE: what both sides report of a channel's sound, with FreeSWITCH's headers. */
import type { RtcpReport } from '../media/engine.ts'
import type { Channel } from './channel.ts'

function ssrcText(ssrc: number): string {
  return ssrc.toString(16).padStart(8, '0')
}

/** Fires the event if anybody wants it. */
export function announceRtcp(channel: Channel, report: RtcpReport): void {
  const name = report.direction === 'received' ? 'RECV_RTCP_MESSAGE' : 'SEND_RTCP_MESSAGE'
  channel.sw.events.announce(name, (event) => {
    const { sender } = report
    const add = (header: string, value: string | number) => event.add(header, String(value))
    add('Unique-ID', channel.uuid)
    add('SSRC', ssrcText(report.ssrc))
    add('NTP-Most-Significant-Word', sender?.ntpSeconds ?? 0)
    add('NTP-Least-Significant-Word', sender?.ntpFraction ?? 0)
    add('RTP-Timestamp', sender?.timestamp ?? 0)
    add('Sender-Packet-Count', sender?.packets ?? 0)
    // So FreeSWITCH spells it.
    add('Octect-Packet-Count', sender?.octets ?? 0)
    add('Last-RTP-Timestamp', report.lastTimestamp)
    add('RTP-Rate', report.clockRate)
    add('Capture-Time', Date.now() * 1000)
    for (const [index, block] of report.blocks.entries()) {
      const source = `Source${index}`
      add(`${source}-SSRC`, ssrcText(block.ssrc))
      add(`${source}-Fraction`, block.fraction)
      add(`${source}-Lost`, block.lost)
      add(`${source}-Highest-Sequence-Number-Received`, block.highest)
      add(`${source}-Jitter`, block.jitter)
      add(`${source}-LSR`, block.lastReport)
      add(`${source}-DLSR`, block.delay)
      // Seconds, as a newer FreeSWITCH has it.
      if (report.direction === 'received' && report.roundTripMs !== null)
        add(`Rtt${index}-Avg`, (report.roundTripMs / 1000).toFixed(6))
    }
  })
}
