/** Records and handshake messages of DTLS as octets, for tests that forge them. */

/** A record in the clear, or with an epoch of its own. */
export function recordOf(type: number, content: Buffer, epoch = 0, sequence = 100): Buffer {
  const head = Buffer.alloc(13)
  head[0] = type
  head.writeUInt16BE(0xfefd, 1)
  head.writeUInt16BE(epoch, 3)
  head.writeUIntBE(sequence, 5, 6)
  head.writeUInt16BE(content.length, 11)
  return Buffer.concat([head, content])
}

/** A handshake message, or a piece of it from `offset` on, as long as `body`. */
export function handshakeOf(
  type: number,
  sequence: number,
  body: Buffer,
  length = body.length,
  offset = 0,
): Buffer {
  const head = Buffer.alloc(12)
  head[0] = type
  head.writeUIntBE(length, 1, 3)
  head.writeUInt16BE(sequence, 4)
  head.writeUIntBE(offset, 6, 3)
  head.writeUIntBE(body.length, 9, 3)
  return Buffer.concat([head, body])
}

/** The records of a datagram. */
export function recordsOf(packet: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at + 13 <= packet.length; ) {
    const end = at + 13 + packet.readUInt16BE(at + 11)
    records.push(packet.subarray(at, end))
    at = end
  }
  return records
}
