/** STUN messages (RFC 8489, and RFC 5389 where it is older): taken apart, checked, written. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { addressOctets, addressText } from './address-octets.ts'

const magicCookie = 0x2112a442
export const headerLength = 20
const integrityLength = 20

export const messageType = {
  bindingRequest: 0x0001,
  bindingIndication: 0x0011,
  bindingSuccess: 0x0101,
  bindingError: 0x0111,
} as const

export const attribute = {
  mappedAddress: 0x0001,
  userName: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const

export interface StunMessage {
  readonly type: number
  readonly packet: Buffer
  /** Magic cookie and transaction id: what addresses are XORed with. */
  readonly transaction: Buffer
  readonly values: ReadonlyMap<number, Buffer>
  /** Where MESSAGE-INTEGRITY begins; 0: there is none. */
  readonly integrityAt: number
}

/** Whether a packet is STUN: its first two bits are 0 and the cookie is there (RFC 7983, RFC 5389 section 6). */
export function isStun(packet: Uint8Array): boolean {
  if (packet.length < headerLength || ((packet[0] ?? 0) & 0xc0) !== 0) return false
  return packet[4] === 0x21 && packet[5] === 0x12 && packet[6] === 0xa4 && packet[7] === 0x42
}

/** Undefined for what is no STUN message, is cut short, or has a wrong fingerprint. */
export function readStun(packet: Buffer): StunMessage | undefined {
  if (!isStun(packet)) return undefined
  const length = packet.readUInt16BE(2)
  if (length % 4 !== 0 || headerLength + length !== packet.length) return undefined
  const values = new Map<number, Buffer>()
  let integrityAt = 0
  for (let at = headerLength; at < packet.length; ) {
    if (at + 4 > packet.length) return undefined
    const type = packet.readUInt16BE(at)
    const size = packet.readUInt16BE(at + 2)
    const end = at + 4 + size
    if (end > packet.length) return undefined
    // Behind the integrity only the fingerprint counts (RFC 5389 section 15.4).
    const counts = integrityAt === 0 || type === attribute.fingerprint
    if (counts && !values.has(type)) values.set(type, packet.subarray(at + 4, end))
    if (type === attribute.integrity && integrityAt === 0) integrityAt = at
    at = end + ((4 - (size % 4)) % 4)
  }
  const print = values.get(attribute.fingerprint)
  if (print) {
    if (print.length !== 4) return undefined
    if (print.readUInt32BE(0) !== fingerprintOf(packet.subarray(0, packet.length - 8)))
      return undefined
  }
  const type = packet.readUInt16BE(0)
  return { type, packet, transaction: packet.subarray(4, headerLength), values, integrityAt }
}

/** Whether MESSAGE-INTEGRITY is there and made with the key. */
export function isAuthentic({ packet, values, integrityAt }: StunMessage, key: string | Buffer) {
  const integrity = values.get(attribute.integrity)
  if (integrity?.length !== integrityLength || integrityAt === 0) return false
  return timingSafeEqual(integrity, integrityOf(packet.subarray(0, integrityAt), key))
}

/** A message with the given attributes; with `key` it is signed, and always has a fingerprint. */
export function writeStun(
  type: number,
  transaction: Buffer,
  parts: readonly Buffer[],
  key?: string | Buffer,
): Buffer {
  const head = Buffer.alloc(headerLength)
  head.writeUInt16BE(type, 0)
  transaction.copy(head, 4)
  const plain = Buffer.concat([head, ...parts])
  if (key === undefined) return withFingerprint(plain)
  const integrity = stunAttribute(attribute.integrity, integrityOf(plain, key))
  return withFingerprint(Buffer.concat([plain, integrity]))
}

/** Cookie and a transaction id of 12 octets. */
export function transactionOf(id: Buffer): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(magicCookie, 0)
  return Buffer.concat([head, id])
}

export function stunAttribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  padded.writeUInt16BE(type, 0)
  padded.writeUInt16BE(value.length, 2)
  value.copy(padded, 4)
  return padded
}

/** An address XORed with the transaction (RFC 5389 section 15.2). */
export function xorAddress(
  type: number,
  address: string,
  port: number,
  transaction: Buffer,
): Buffer {
  const octets = addressOctets(address)
  const value = Buffer.alloc(4 + octets.length)
  value[1] = octets.length === 16 ? 2 : 1
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2)
  octets.forEach((octet, i) => {
    value[4 + i] = octet ^ (transaction[i] ?? 0)
  })
  return stunAttribute(type, value)
}

/** An address as a server or a peer sees it. */
export interface MappedAddress {
  readonly address: string
  readonly port: number
}

/** An address attribute; with `key` (magic cookie and transaction id) it is XORed (RFC 5389 §15.2). */
export function readAddress(value: Buffer, key: Buffer | undefined): MappedAddress | undefined {
  const length = value[1] === 1 ? 4 : 16
  if (value.length < 4 + length || (value[1] !== 1 && value[1] !== 2)) return undefined
  const bytes = Buffer.from(value.subarray(2, 4 + length))
  if (key) {
    for (let at = 0; at < 2; at++) bytes[at] = (bytes[at] ?? 0) ^ (key[at] ?? 0)
    for (let at = 0; at < length; at++) bytes[at + 2] = (bytes[at + 2] ?? 0) ^ (key[at] ?? 0)
  }
  return { address: addressText(bytes.subarray(2)), port: bytes.readUInt16BE(0) }
}

/** 401 and the like; 0: none. */
export function errorCodeOf({ values }: StunMessage): number {
  const value = values.get(attribute.errorCode)
  return value && value.length >= 4 ? ((value[2] ?? 0) & 7) * 100 + (value[3] ?? 0) : 0
}

export function errorCode(code: number, reason: string): Buffer {
  const text = Buffer.from(reason)
  const value = Buffer.alloc(4 + text.length)
  value[2] = Math.floor(code / 100)
  value[3] = code % 100
  text.copy(value, 4)
  return stunAttribute(attribute.errorCode, value)
}

/** The HMAC over what stands before the attribute, with the length as if the message ended behind it. */
function integrityOf(before: Buffer, key: string | Buffer): Buffer {
  const text = Buffer.from(before)
  text.writeUInt16BE(before.length - headerLength + 4 + integrityLength, 2)
  return createHmac('sha1', key).update(text).digest()
}

function fingerprintOf(before: Buffer): number {
  return (checksum(before) ^ 0x5354554e) >>> 0
}

/** Of each octet: a flood of what is no check of ours must not cost the time of calls. */
const checksums = Int32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  return crc
})

/** CRC-32 of ISO 3309. */
function checksum(data: Buffer): number {
  let crc = 0xffffffff
  for (let at = 0; at < data.length; at++)
    crc = (crc >>> 8) ^ (checksums[(crc ^ (data[at] ?? 0)) & 0xff] ?? 0)
  return (crc ^ 0xffffffff) >>> 0
}

function withFingerprint(text: Buffer): Buffer {
  text.writeUInt16BE(text.length - headerLength + 8, 2)
  const value = Buffer.alloc(4)
  value.writeUInt32BE(fingerprintOf(text), 0)
  return Buffer.concat([text, stunAttribute(attribute.fingerprint, value)])
}
