/** The RTP header, read and written in place in the octets that came or go (RFC 3550 section 5.1). */

/** Octets of a header without CSRC list and extension. */
export const headerLength = 12

/** Whether the octets can be RTP at all: long enough, and version 2. */
export function isRtp(packet: Uint8Array): boolean {
  return packet.length >= headerLength && (packet[0]! & 0xc0) === 0x80
}

/** Whether a packet that came to a shared port is RTCP: packet types 192 to 223 (RFC 5761 section 4). */
export function isRtcp(packet: Uint8Array): boolean {
  return packet.length >= 8 && (packet[0]! & 0xc0) === 0x80 && packet[1]! >= 192 && packet[1]! < 224
}

export function payloadTypeOf(packet: Uint8Array): number {
  return packet[1]! & 0x7f
}

export function markerOf(packet: Uint8Array): boolean {
  return packet[1]! >= 0x80
}

export function sequenceOf(packet: Uint8Array): number {
  return (packet[2]! << 8) | packet[3]!
}

/** The timestamp, unsigned, in units of the payload's clock. */
export function timestampOf(packet: Uint8Array): number {
  return read32(packet, 4)
}

export function ssrcOf(packet: Uint8Array): number {
  return read32(packet, 8)
}

/** Writes a whole 12-octet header: version 2, no padding, extension or CSRC. */
export function writeHeader(
  packet: Uint8Array,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[0] = 0x80
  rewriteHeader(packet, marker, payloadType, sequence, timestamp, ssrc)
}

/** Puts new values into a header whose first octet (CSRC count, extension, padding) stays as it came. */
export function rewriteHeader(
  packet: Uint8Array,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  packet[1] = marker ? payloadType | 0x80 : payloadType
  packet[2] = sequence >>> 8
  packet[3] = sequence
  write32(packet, 4, timestamp)
  write32(packet, 8, ssrc)
}

/** Where the payload starts, behind CSRC list and extension (section 5.3.1); -1 when the header is longer than the packet. */
export function payloadStart(packet: Uint8Array): number {
  const first = packet[0]!
  let start = headerLength + (first & 0x0f) * 4
  if ((first & 0x10) !== 0) {
    if (start + 4 > packet.length) return -1
    start += 4 + ((packet[start + 2]! << 8) | packet[start + 3]!) * 4
  }
  return start > packet.length ? -1 : start
}

/** Where the payload ends, before the padding; -1 when the padding count is nonsense. */
export function payloadEnd(packet: Uint8Array, start: number): number {
  if ((packet[0]! & 0x20) === 0) return packet.length
  const end = packet.length - packet[packet.length - 1]!
  return end < start || end === packet.length ? -1 : end
}

export function read32(octets: Uint8Array, at: number): number {
  return (
    ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0
  )
}

export function write32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24
  octets[at + 1] = value >>> 16
  octets[at + 2] = value >>> 8
  octets[at + 3] = value
}

/** `a - b` of two sequence numbers, from -32768 to 32767. */
export function sequenceGap(a: number, b: number): number {
  return ((a - b) << 16) >> 16
}

/** `a - b` of two timestamps, from -2^31 to 2^31 - 1. */
export function timestampGap(a: number, b: number): number {
  return (a - b) | 0
}
