/** RTCP sender and receiver reports, SDES and BYE: writing our own, reading theirs (RFC 3550 section 6). */
import { read32, write32 } from './packet.ts'

const senderReport = 200
const receiverReport = 201
const sourceDescription = 202
const goodbye = 203
const extendedReport = 207
/** An XR block with VoIP metrics, and its length in words behind the first. */
const voipBlock = 7
const voipWords = 8

/** Seconds between 1900 (NTP) and 1970. */
const ntpOffset = 2208988800

/** What one report block says of a stream (section 6.4.1). */
export interface ReportBlock {
  readonly ssrc: number
  /** Loss of the last interval in 1/256. */
  readonly fraction: number
  readonly lost: number
  readonly highest: number
  /** In units of the stream's clock. */
  readonly jitter: number
  /** Middle 32 bits of the last sender report's NTP time, and the delay since it in 1/65536 s. */
  readonly lastReport: number
  readonly delay: number
}

/** The sender information of a report (section 6.4.1). */
export interface SenderReport {
  /** Its NTP time: seconds since 1900, and 1/2^32 s. */
  readonly ntpSeconds: number
  readonly ntpFraction: number
  readonly timestamp: number
  readonly packets: number
  readonly octets: number
}

/** How a party itself judges what it hears (RFC 3611 section 4.7); null where it does not say. */
export interface VoipMetrics {
  /** The stream that it hears. */
  readonly ssrc: number
  /** Share of packets that were lost, and that came too late for its jitter buffer; 0 to 1. */
  readonly loss: number
  readonly discarded: number
  /** Its score for the sound, and for the conversation with its delay. */
  readonly mosListening: number | null
  readonly mosConversation: number | null
  /** Its jitter buffer, ms. */
  readonly buffer: number
}

/** What a compound packet held that matters to us. */
export interface Reports {
  /** Middle 32 bits of the NTP time when it began with a sender report. */
  readonly senderTime: number | undefined
  /** What the sender tells of its own stream, in a sender report. */
  readonly sender: SenderReport | undefined
  readonly senderSsrc: number
  readonly blocks: readonly ReportBlock[]
  /** Of extended reports (XR); undefined where there were none. */
  readonly voip: VoipMetrics | undefined
  readonly bye: boolean
}

/** What we tell when we have sent since the last report. */
export interface SenderInfo {
  /** ms since the epoch. */
  readonly time: number
  readonly timestamp: number
  readonly packets: number
  readonly octets: number
}

/** Middle 32 bits of the NTP time of `time`, ms since the epoch. */
export function compactNtp(time: number): number {
  const seconds = Math.floor(time / 1000) + ntpOffset
  const fraction = Math.floor(((time % 1000) / 1000) * 65536)
  return (((seconds & 0xffff) << 16) | fraction) >>> 0
}

/** A compound packet: SR or RR with at most one block, SDES with the CNAME, BYE when asked (section 6.1). */
export function writeReports(
  ssrc: number,
  cname: string,
  sender: SenderInfo | undefined,
  block: ReportBlock | undefined,
  bye: boolean,
): Uint8Array {
  const name = Buffer.from(cname).subarray(0, 255)
  const reportLength = 8 + (sender ? 20 : 0) + (block ? 24 : 0)
  // Section 6.5: the item list ends with at least one zero and is padded to 32 bits.
  const chunkLength = (4 + 2 + name.length + 1 + 3) & ~3
  const packet = Buffer.alloc(reportLength + 4 + chunkLength + (bye ? 8 : 0))
  packet[0] = 0x80 | (block ? 1 : 0)
  packet[1] = sender ? senderReport : receiverReport
  packet.writeUInt16BE(reportLength / 4 - 1, 2)
  write32(packet, 4, ssrc)
  let at = 8
  if (sender) {
    write32(packet, at, Math.floor(sender.time / 1000) + ntpOffset)
    write32(packet, at + 4, Math.floor(((sender.time % 1000) / 1000) * 0x100000000))
    write32(packet, at + 8, sender.timestamp)
    write32(packet, at + 12, sender.packets)
    write32(packet, at + 16, sender.octets)
    at += 20
  }
  if (block) {
    write32(packet, at, block.ssrc)
    // Section 6.4.1: the cumulative loss is a signed 24-bit number.
    write32(packet, at + 4, (block.fraction << 24) | (Math.min(block.lost, 0x7fffff) & 0xffffff))
    write32(packet, at + 8, block.highest)
    write32(packet, at + 12, block.jitter)
    write32(packet, at + 16, block.lastReport)
    write32(packet, at + 20, block.delay)
    at += 24
  }
  packet[at] = 0x81
  packet[at + 1] = sourceDescription
  packet.writeUInt16BE(chunkLength / 4, at + 2)
  write32(packet, at + 4, ssrc)
  packet[at + 8] = 1
  packet[at + 9] = name.length
  name.copy(packet, at + 10)
  at += 4 + chunkLength
  if (bye) {
    packet[at] = 0x81
    packet[at + 1] = goodbye
    packet.writeUInt16BE(1, at + 2)
    write32(packet, at + 4, ssrc)
  }
  return packet
}

/** Reads a compound packet; undefined when it does not keep the rules of RFC 3550 appendix A.2. */
export function readReports(packet: Uint8Array): Reports | undefined {
  if (packet.length < 8 || (packet[0]! & 0xe0) !== 0x80) return undefined
  if (packet[1] !== senderReport && packet[1] !== receiverReport) return undefined
  const blocks: ReportBlock[] = []
  let senderTime: number | undefined
  let sender: SenderReport | undefined
  let voip: VoipMetrics | undefined
  let bye = false
  let at = 0
  while (at + 4 <= packet.length) {
    const first = packet[at]!
    const type = packet[at + 1]!
    const end = at + 4 + ((packet[at + 2]! << 8) | packet[at + 3]!) * 4
    if ((first & 0xc0) !== 0x80 || end > packet.length) return undefined
    if (type === senderReport && end - at >= 28) {
      senderTime = ((read32(packet, at + 8) << 16) | (read32(packet, at + 12) >>> 16)) >>> 0
      sender = {
        ntpSeconds: read32(packet, at + 8),
        ntpFraction: read32(packet, at + 12),
        timestamp: read32(packet, at + 16),
        packets: read32(packet, at + 20),
        octets: read32(packet, at + 24),
      }
      readBlocks(packet, at + 28, end, first & 0x1f, blocks)
    } else if (type === receiverReport) readBlocks(packet, at + 8, end, first & 0x1f, blocks)
    else if (type === goodbye) bye = true
    else if (type === extendedReport) voip = readMetrics(packet, at + 8, end) ?? voip
    at = end
  }
  return at === packet.length
    ? { senderTime, sender, senderSsrc: read32(packet, 4), blocks, voip, bye }
    : undefined
}

/** The VoIP metrics among the blocks of an extended report (RFC 3611 section 3). */
function readMetrics(packet: Uint8Array, start: number, end: number): VoipMetrics | undefined {
  for (let at = start; at + 4 <= end; ) {
    const words = (packet[at + 2]! << 8) | packet[at + 3]!
    const next = at + 4 + words * 4
    if (next > end) return undefined
    if (packet[at] === voipBlock && words === voipWords)
      return {
        ssrc: read32(packet, at + 4),
        loss: packet[at + 8]! / 256,
        discarded: packet[at + 9]! / 256,
        mosListening: scoreOf(packet[at + 26]!),
        mosConversation: scoreOf(packet[at + 27]!),
        buffer: (packet[at + 30]! << 8) | packet[at + 31]!,
      }
    at = next
  }
  return undefined
}

/** Tenths from 10 to 50; all else, 127 above all, says nothing. */
function scoreOf(tenths: number): number | null {
  return tenths >= 10 && tenths <= 50 ? tenths / 10 : null
}

function readBlocks(
  packet: Uint8Array,
  start: number,
  end: number,
  count: number,
  into: ReportBlock[],
): void {
  for (let i = 0, at = start; i < count && at + 24 <= end; i++, at += 24) {
    const loss = read32(packet, at + 4)
    into.push({
      ssrc: read32(packet, at),
      fraction: loss >>> 24,
      lost: (loss << 8) >> 8,
      highest: read32(packet, at + 8),
      jitter: read32(packet, at + 12),
      lastReport: read32(packet, at + 16),
      delay: read32(packet, at + 20),
    })
  }
}
