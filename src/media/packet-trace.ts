/** A line in the log for each packet of a leg (`uuid_debug_media`). */
import { logger } from '../base/log.ts'
import { markerOf, payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from '../rtp/packet.ts'

const log = logger('media/packet')

/** Who asks for it wants to see it, whatever else is left out. */
const consoleLevel = 0

/** Tells of a packet that was received (`read`) from, or is sent (`write`) to, an address. */
export function tracePacket(
  direction: 'read' | 'write',
  packet: Buffer,
  address: string,
  port: number,
  uuid: string,
): void {
  const way = direction === 'read' ? 'R from' : 'W to'
  const marker = markerOf(packet) ? ' marker' : ''
  log.at(
    consoleLevel,
    `${way} ${address}:${port} ${packet.length} octets pt=${payloadTypeOf(packet)} seq=${sequenceOf(packet)} ts=${timestampOf(packet)} ssrc=${ssrcOf(packet)}${marker}`,
    uuid,
  )
}
