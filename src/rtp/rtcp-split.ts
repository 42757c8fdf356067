/** Compound RTCP of several streams on one port, told apart by the SSRCs that its packets name (RFC 3550 section 6, RFC 9143 section 9.2). */
import { read32, write32 } from './packet.ts'

const senderReport = 200
const receiverReport = 201
const feedback = 205
const payloadFeedback = 206

/** Octets of one report block, and of a sender report before its blocks. */
const blockLength = 24
const senderLength = 28

/** Where the SSRCs begin that name the media inside feedback whose own field says 0, by packet type and format. */
const insideFeedback: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  // RFC 5104 sections 4.2.1 and 4.2.2.
  [feedback]: { 3: 12, 4: 12 },
  // Section 4.3.1, and REMB as browsers have it.
  [payloadFeedback]: { 4: 12, 15: 20 },
}

interface Piece<T> {
  /** Undefined: nothing in it is known. */
  readonly owner: T | undefined
  readonly octets: Buffer
}

/**
 * Shares a compound packet out among the owners of the SSRCs in it; `undefined` gets what nobody is known for. What concerns one
 * owner alone stays whole, as it came; else each part begins with a report, as RFC 3550 section 6.1 wants it. Undefined when the
 * packet does not keep the rules of appendix A.2.
 */
export function splitReports<T>(
  packet: Buffer,
  ownerOf: (ssrc: number) => T | undefined,
): Map<T | undefined, Buffer> | undefined {
  const pieces = piecesOf(packet, ownerOf)
  if (!pieces) return undefined
  const owners = new Set(pieces.flatMap(({ owner }) => (owner === undefined ? [] : [owner])))
  const [first] = owners
  if (owners.size < 2) return new Map([[first, packet]])
  const parts = new Map<T | undefined, Buffer>()
  const sender = read32(packet, 4)
  for (const owner of owners) {
    // What says nothing of its own goes with the first.
    const own = pieces.filter((piece) => (piece.owner ?? first) === owner)
    const octets = own.map((piece) => piece.octets)
    const isReport = octets[0]![1] === senderReport || octets[0]![1] === receiverReport
    parts.set(owner, Buffer.concat(isReport ? octets : [emptyReport(sender), ...octets]))
  }
  return parts
}

function piecesOf<T>(
  packet: Buffer,
  ownerOf: (ssrc: number) => T | undefined,
): Piece<T>[] | undefined {
  const pieces: Piece<T>[] = []
  let at = 0
  while (at + 8 <= packet.length) {
    const end = at + 4 + ((packet[at + 2]! << 8) | packet[at + 3]!) * 4
    if ((packet[at]! & 0xc0) !== 0x80 || end < at + 8 || end > packet.length) return undefined
    const octets = packet.subarray(at, end)
    const type = packet[at + 1]!
    if (type === senderReport || type === receiverReport)
      pieces.push(...reportPieces(octets, ownerOf))
    else pieces.push({ owner: ownerInside(octets, ownerOf), octets })
    at = end
  }
  return at === packet.length && at > 0 ? pieces : undefined
}

/** A report, and those of its blocks that are about somebody else's streams as reports of their own. */
function reportPieces<T>(report: Buffer, ownerOf: (ssrc: number) => T | undefined): Piece<T>[] {
  const isSender = report[1] === senderReport && report.length >= senderLength
  const start = isSender ? senderLength : 8
  const count = Math.min(report[0]! & 0x1f, Math.floor((report.length - start) / blockLength))
  const blocks = Array.from({ length: count }, (_, i) => {
    const octets = report.subarray(start + i * blockLength, start + (i + 1) * blockLength)
    return { owner: ownerOf(read32(octets, 0)), octets }
  })
  const sender = ownerOf(read32(report, 4))
  const main = isSender
    ? sender
    : (blocks.find(({ owner }) => owner !== undefined)?.owner ?? sender)
  const others = blocks.filter(({ owner }) => owner !== undefined && owner !== main)
  if (others.length === 0) return [{ owner: main, octets: report }]
  const own = blocks.filter((block) => !others.includes(block))
  const tail = report.subarray(start + count * blockLength)
  const rest = reportOf(report.subarray(0, start), own, tail)
  const apart = [...new Set(others.map(({ owner }) => owner))].map((owner) => {
    const theirs = others.filter((block) => block.owner === owner)
    return { owner, octets: reportOf(emptyReport(read32(report, 4)), theirs) }
  })
  return [{ owner: main, octets: rest }, ...apart]
}

function reportOf(
  head: Buffer,
  blocks: readonly { readonly octets: Buffer }[],
  tail: Buffer = Buffer.alloc(0),
): Buffer {
  const report = Buffer.concat([head, ...blocks.map(({ octets }) => octets), tail])
  report[0] = (report[0]! & 0xe0) | blocks.length
  report.writeUInt16BE(report.length / 4 - 1, 2)
  return report
}

/** Whoever a packet other than SR and RR is about: the media that feedback names, else its sender. */
function ownerInside<T>(packet: Buffer, ownerOf: (ssrc: number) => T | undefined): T | undefined {
  const type = packet[1]!
  if (type === feedback || type === payloadFeedback) {
    const named = packet.length >= 12 ? ownerOf(read32(packet, 8)) : undefined
    if (named !== undefined) return named
    const at = insideFeedback[type]?.[packet[0]! & 0x1f] ?? 0
    if (at > 0 && packet.length >= at + 4) {
      const inside = ownerOf(read32(packet, at))
      if (inside !== undefined) return inside
    }
  }
  // SDES and BYE name their first source in the same place.
  return ownerOf(read32(packet, 4))
}

/** A receiver report without blocks. */
function emptyReport(sender: number): Buffer {
  const report = Buffer.from([0x80, receiverReport, 0, 1, 0, 0, 0, 0])
  write32(report, 4, sender)
  return report
}
