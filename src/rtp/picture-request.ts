/** Asking for whole pictures by RTCP: Picture Loss Indication (RFC 4585 section 6.3.1). */
import { write32 } from './packet.ts'

/** A compound packet (RFC 3550 section 6.1): an empty receiver report of `sender`, and the PLI for the stream `media`. */
export function writePictureRequest(sender: number, media: number): Buffer {
  const packet = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 0, 0x81, 206, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0])
  write32(packet, 4, sender)
  write32(packet, 12, sender)
  write32(packet, 16, media)
  return packet
}
