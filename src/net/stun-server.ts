/**
 * Answers connectivity checks of ICE on a port that belongs to something else (RFC 8445 with ICE-lite, RFC 5389): binding
 * requests whose integrity the password shows.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv6 } from 'node:net'

const bindingRequest = 0x0001
const bindingSuccess = 0x0101
const bindingError = 0x0111
const magicCookie = 0x2112a442
const headerLength = 20
const integrityLength = 20

const attribute = {
  userName: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  xorMappedAddress: 0x0020,
  useCandidate: 0x0025,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
} as const

/** What both sides told each other in their descriptions. */
export interface IceCredentials {
  readonly ufrag: string
  readonly password: string
  /** Theirs; undefined accepts any. */
  readonly remoteUfrag?: string | undefined
}

export interface BindingAnswer {
  /** To be sent back to where the request came from. */
  readonly response: Buffer
  /** The check was good. */
  readonly isGood: boolean
  /** The other side settles on this pair of addresses. */
  readonly isNominated: boolean
}

/** Whether a packet is STUN: its first two bits are 0 and the cookie is there (RFC 7983, RFC 5389 section 6). */
export function isStun(packet: Uint8Array): boolean {
  if (packet.length < headerLength || ((packet[0] ?? 0) & 0xc0) !== 0) return false
  return packet[4] === 0x21 && packet[5] === 0x12 && packet[6] === 0xa4 && packet[7] === 0x42
}

/** What to answer a packet from `address` and `port`; undefined: nothing (it is no request, or makes no sense). */
export function answerBinding(
  packet: Buffer,
  address: string,
  port: number,
  credentials: IceCredentials,
): BindingAnswer | undefined {
  if (!isStun(packet) || packet.readUInt16BE(0) !== bindingRequest) return undefined
  const length = packet.readUInt16BE(2)
  if (length % 4 !== 0 || headerLength + length !== packet.length) return undefined
  const found = attributesOf(packet)
  if (!found) return undefined
  const { values, integrityAt } = found
  const print = values.get(attribute.fingerprint)
  if (print && print.readUInt32BE(0) !== fingerprintOf(packet.subarray(0, packet.length - 8)))
    return undefined
  const refuse = (code: number, reason: string): BindingAnswer => ({
    response: errorResponse(packet, code, reason),
    isGood: false,
    isNominated: false,
  })
  const name = values.get(attribute.userName)?.toString()
  const integrity = values.get(attribute.integrity)
  if (name === undefined || integrity === undefined) return refuse(400, 'Bad Request')
  const [ours, theirs] = name.split(':')
  const isKnown =
    ours === credentials.ufrag &&
    (credentials.remoteUfrag === undefined || theirs === credentials.remoteUfrag)
  const expected = integrityOf(packet.subarray(0, integrityAt), credentials.password)
  if (!isKnown || integrity.length !== integrityLength || !timingSafeEqual(integrity, expected))
    return refuse(401, 'Unauthorized')
  // We are the lite side and always controlled (RFC 8445 section 6.1.1).
  if (values.has(attribute.iceControlled)) return refuse(487, 'Role Conflict')
  const mapped = xorAddress(address, port, packet)
  const response = signed(bindingSuccess, packet, [mapped], credentials.password)
  return { response, isGood: true, isNominated: values.has(attribute.useCandidate) }
}

interface Found {
  readonly values: ReadonlyMap<number, Buffer>
  /** Where MESSAGE-INTEGRITY begins; 0: there is none. */
  readonly integrityAt: number
}

function attributesOf(packet: Buffer): Found | undefined {
  const values = new Map<number, Buffer>()
  let integrityAt = 0
  for (let at = headerLength; at < packet.length; ) {
    if (at + 4 > packet.length) return undefined
    const type = packet.readUInt16BE(at)
    const length = packet.readUInt16BE(at + 2)
    const end = at + 4 + length
    if (end > packet.length) return undefined
    // Behind the integrity only the fingerprint counts (RFC 5389 section 15.4).
    const counts = integrityAt === 0 || type === attribute.fingerprint
    if (counts && !values.has(type)) values.set(type, packet.subarray(at + 4, end))
    if (type === attribute.integrity && integrityAt === 0) integrityAt = at
    at = end + ((4 - (length % 4)) % 4)
  }
  const print = values.get(attribute.fingerprint)
  if (print && print.length !== 4) return undefined
  return { values, integrityAt }
}

/** The HMAC over what stands before the attribute, with the length as if the message ended behind it. */
function integrityOf(before: Buffer, password: string): Buffer {
  const text = Buffer.from(before)
  text.writeUInt16BE(before.length - headerLength + 4 + integrityLength, 2)
  return createHmac('sha1', password).update(text).digest()
}

function fingerprintOf(before: Buffer): number {
  return (checksum(before) ^ 0x5354554e) >>> 0
}

/** CRC-32 of ISO 3309; a check comes every few seconds, which needs no table. */
function checksum(data: Buffer): number {
  let crc = 0xffffffff
  for (const octet of data) {
    crc ^= octet
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

function attributeText(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
  padded.writeUInt16BE(type, 0)
  padded.writeUInt16BE(value.length, 2)
  value.copy(padded, 4)
  return padded
}

/** XOR-MAPPED-ADDRESS (RFC 5389 section 15.2). */
function xorAddress(address: string, port: number, request: Buffer): Buffer {
  const octets = isIPv6(address) ? octetsOfIPv6(address) : address.split('.').map(Number)
  const value = Buffer.alloc(4 + octets.length)
  value[1] = octets.length === 16 ? 2 : 1
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2)
  octets.forEach((octet, i) => {
    value[4 + i] = octet ^ (request[4 + i] ?? 0)
  })
  return attributeText(attribute.xorMappedAddress, value)
}

function octetsOfIPv6(address: string): number[] {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((g) => Number.parseInt(g, 16))
  const before = groups(head)
  const behind = tail === undefined ? [] : groups(tail)
  const zeros = Array<number>(8 - before.length - behind.length).fill(0)
  return [...before, ...zeros, ...behind].flatMap((group) => [group >>> 8, group & 0xff])
}

/** A message of `type` to that request, with integrity and fingerprint. */
function signed(type: number, request: Buffer, parts: readonly Buffer[], password: string): Buffer {
  const plain = message(type, request, parts)
  const integrity = attributeText(attribute.integrity, integrityOf(plain, password))
  return withFingerprint(Buffer.concat([plain, integrity]))
}

function errorResponse(request: Buffer, code: number, reason: string): Buffer {
  const text = Buffer.from(reason)
  const value = Buffer.alloc(4 + text.length)
  value[2] = Math.floor(code / 100)
  value[3] = code % 100
  text.copy(value, 4)
  return withFingerprint(
    message(bindingError, request, [attributeText(attribute.errorCode, value)]),
  )
}

function message(type: number, request: Buffer, parts: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(headerLength)
  head.writeUInt16BE(type, 0)
  request.copy(head, 4, 4, headerLength)
  return Buffer.concat([head, ...parts])
}

function withFingerprint(text: Buffer): Buffer {
  text.writeUInt16BE(text.length - headerLength + 8, 2)
  const value = Buffer.alloc(4)
  value.writeUInt32BE(fingerprintOf(text), 0)
  return Buffer.concat([text, attributeText(attribute.fingerprint, value)])
}
