/** What TURN adds to STUN (RFC 8656): numbers, long-term credentials, and the two ways in which data travels. */
import { createHash } from 'node:crypto'
import { stunAttribute, writeStun, xorAddress } from '../net/stun-message.ts'

/** The type of a request; `success` and `error` make those of its answers. */
export const turnMethod = {
  allocate: 0x0003,
  refresh: 0x0004,
  createPermission: 0x0008,
  channelBind: 0x0009,
} as const

export type TurnMethod = (typeof turnMethod)[keyof typeof turnMethod]

const success = 0x0100
const error = 0x0110

export const isSuccessOf = (method: TurnMethod, type: number) => type === (method | success)
export const isErrorOf = (method: TurnMethod, type: number) => type === (method | error)

/** Data to a peer, and from one. */
export const indication = { send: 0x0016, data: 0x0017 } as const

export const turnAttribute = {
  channelNumber: 0x000c,
  lifetime: 0x000d,
  xorPeerAddress: 0x0012,
  data: 0x0013,
  realm: 0x0014,
  nonce: 0x0015,
  xorRelayedAddress: 0x0016,
  requestedAddressFamily: 0x0017,
  requestedTransport: 0x0019,
} as const

/** Channels are numbered from here on (section 12), and there are so many. */
export const firstChannel = 0x4000
export const channelCount = 0x1000
export const channelHead = 4

/** The key of MESSAGE-INTEGRITY with long-term credentials (RFC 8489 section 9.2.2; the password as it is, without SASLprep). */
export function longTermKey(username: string, realm: string, password: string): Buffer {
  return createHash('md5').update(`${username}:${realm}:${password}`).digest()
}

/** An attribute of one number of 32 bits. */
export function numberAttribute(type: number, value: number): Buffer {
  const octets = Buffer.alloc(4)
  octets.writeUInt32BE(value >>> 0, 0)
  return stunAttribute(type, octets)
}

/** Data for a peer without a channel (section 11.1). */
export function sendIndication(
  transaction: Buffer,
  packet: Uint8Array,
  port: number,
  address: string,
): Buffer {
  return writeStun(indication.send, transaction, [
    xorAddress(turnAttribute.xorPeerAddress, address, port, transaction),
    stunAttribute(turnAttribute.data, Buffer.from(packet)),
  ])
}

/** Data for the peer that a channel is bound to (section 12.4); over UDP it needs no padding. */
export function channelData(channel: number, packet: Uint8Array): Buffer {
  const octets = Buffer.allocUnsafe(channelHead + packet.length)
  octets.writeUInt16BE(channel, 0)
  octets.writeUInt16BE(packet.length, 2)
  octets.set(packet, channelHead)
  return octets
}

/** Whether a packet from a TURN server is data by a channel, told by its first octet (RFC 7983). */
export function isChannelData(packet: Uint8Array): boolean {
  return packet.length >= channelHead && (packet[0] ?? 0) >> 4 === 4
}
