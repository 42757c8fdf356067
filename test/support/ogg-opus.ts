/** Opus packets into an Ogg file and out of one (RFC 3533, RFC 7845), as little as other programs need. */

const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

function checksum(page: Buffer): number {
  let crc = 0
  for (const octet of page) crc = ((crc << 8) ^ table[((crc >>> 24) ^ octet) & 0xff]!) >>> 0
  return crc
}

/** A page with one packet, which ends at sample `granule`. */
function page(packet: Uint8Array, number: number, granule: number, flags: number): Buffer {
  const segments = Array.from({ length: Math.floor(packet.length / 255) + 1 }, (_, i) =>
    Math.min(255, packet.length - i * 255),
  )
  const head = Buffer.alloc(27)
  head.write('OggS')
  head[5] = flags
  head.writeBigInt64LE(BigInt(granule), 6)
  head.writeUInt32LE(1, 14)
  head.writeUInt32LE(number, 18)
  head[26] = segments.length
  const whole = Buffer.concat([head, Buffer.from(segments), packet])
  whole.writeUInt32LE(checksum(whole), 22)
  return whole
}

/** A file of packets of `samples` each, at 48 kHz. */
export function oggOf(packets: readonly Uint8Array[], samples: number): Buffer {
  const head = Buffer.from('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0', 'latin1')
  const tags = Buffer.from('OpusTags\0\0\0\0\0\0\0\0', 'latin1')
  const pages = packets.map((packet, i) =>
    page(packet, i + 2, (i + 1) * samples, i === packets.length - 1 ? 4 : 0),
  )
  return Buffer.concat([page(head, 0, 0, 2), page(tags, 1, 0, 0), ...pages])
}

/** The packets of a file, its two headers left out. */
export function packetsOf(file: Buffer): Buffer[] {
  const packets: Buffer[] = []
  let parts: Buffer[] = []
  for (let at = 0; at + 27 <= file.length; ) {
    const count = file[at + 26]!
    let data = at + 27 + count
    for (const length of file.subarray(at + 27, at + 27 + count)) {
      parts.push(file.subarray(data, data + length))
      data += length
      if (length === 255) continue
      packets.push(Buffer.concat(parts))
      parts = []
    }
    at = data
  }
  return packets.slice(2)
}
