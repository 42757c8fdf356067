/** Header extensions of RTP packets (RFC 8285): elements that descriptions give numbers to (`a=extmap`). */
import { headerLength } from './packet.ts'

/** What elements are written behind: RFC 8285 section 4.2 (heads of one octet), and 4.3 (two). */
const shortProfile = 0xbede
const longProfile = 0x1000

/** The text of an element; undefined where the packet has none under that number. */
export function extensionText(packet: Uint8Array, id: number): string | undefined {
  const first = packet[0] ?? 0
  let at = headerLength + (first & 0x0f) * 4
  if ((first & 0x10) === 0 || at + 4 > packet.length) return undefined
  const profile = (packet[at]! << 8) | packet[at + 1]!
  const end = at + 4 + ((packet[at + 2]! << 8) | packet[at + 3]!) * 4
  if (end > packet.length) return undefined
  at += 4
  const isLong = (profile & 0xfff0) === longProfile
  if (!isLong && profile !== shortProfile) return undefined
  while (at < end) {
    const head = packet[at]!
    if (head === 0) {
      at++ // padding
      continue
    }
    const number = isLong ? head : head >> 4
    if (!isLong && number === 15) return undefined // the end of all
    const start = at + (isLong ? 2 : 1)
    const length = isLong ? (packet[at + 1] ?? 0) : (head & 0x0f) + 1
    if (start + length > end) return undefined
    if (number === id) return Buffer.from(packet.subarray(start, start + length)).toString('utf8')
    at = start + length
  }
  return undefined
}

/**
 * Writes the packet with one more element into `into`; gives the new length. -1: there is no room, the number or text fits no head
 * of one octet (1 to 14; 16 octets), or the packet has an extension of another kind.
 */
export function addExtension(
  packet: Uint8Array,
  id: number,
  text: Uint8Array,
  into: Uint8Array,
): number {
  const first = packet[0] ?? 0
  const head = headerLength + (first & 0x0f) * 4
  const hasSome = (first & 0x10) !== 0
  if (packet.length < head + (hasSome ? 4 : 0)) return -1
  if (id < 1 || id > 14 || text.length < 1 || text.length > 16) return -1
  const profile = hasSome ? (packet[head]! << 8) | packet[head + 1]! : shortProfile
  const isLong = (profile & 0xfff0) === longProfile
  if (!isLong && profile !== shortProfile) return -1
  const before = hasSome ? (packet[head + 2]! << 8) | packet[head + 3]! : 0
  const end = hasSome ? head + 4 + before * 4 : head
  const size = (isLong ? 2 : 1) + text.length
  const words = before + Math.ceil(size / 4)
  const start = head + 4 + before * 4
  const behind = head + 4 + words * 4
  const length = behind + packet.length - end
  if (end > packet.length || words > 0xffff || length > into.length) return -1
  into.set(packet.subarray(0, end))
  into.fill(0, start, behind)
  into[0] = first | 0x10
  into[head] = profile >>> 8
  into[head + 1] = profile
  into[head + 2] = words >>> 8
  into[head + 3] = words
  into[start] = isLong ? id : (id << 4) | (text.length - 1)
  if (isLong) into[start + 1] = text.length
  into.set(text, start + size - text.length)
  into.set(packet.subarray(end), behind)
  return length
}
