/** Keys of a phone as telephone-events, and those that arrived at one. */
import { digitOf, eventOf } from '../../src/rtp/telephone-event.ts'
import type { RtpPeer } from './rtp-peer.ts'

/** Presses keys one after the other, 100 ms each, as fast as they can be sent. */
export async function pressKeys(peer: RtpPeer, keys: string, payloadType = 101): Promise<void> {
  for (const key of keys) {
    const event = eventOf(key)
    for (let i = 1; i <= 4; i++) await peer.event(event, false, i * 160, payloadType, i === 1)
    for (let i = 0; i < 3; i++) await peer.event(event, true, 800, payloadType)
    peer.timestamp = (peer.timestamp + 1600) >>> 0
  }
}

/** The keys whose events arrived. */
export function keysAt(peer: RtpPeer, payloadType = 101): string {
  let keys = ''
  let last = -1
  for (const packet of peer.arrived) {
    if (packet.payloadType !== payloadType || packet.timestamp === last) continue
    last = packet.timestamp
    keys += digitOf(packet.payload[0]!) ?? ''
  }
  return keys
}
