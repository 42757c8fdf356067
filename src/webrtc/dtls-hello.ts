/** ClientHello and ServerHello with the extensions that DTLS-SRTP needs (RFC 5246 section 7.4.1, RFC 5764, RFC 7627, RFC 5746). */
import { groupIds, schemeIds } from './dtls-keys.ts'
import { alerts, DtlsFault, list, Reader, u8, u16 } from './dtls-octets.ts'
import { versions } from './dtls-record.ts'

export const messageType = {
  clientHello: 1,
  serverHello: 2,
  helloVerify: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const

const messageNames: Readonly<Record<number, string>> = {
  0: 'HelloRequest',
  1: 'ClientHello',
  2: 'ServerHello',
  3: 'HelloVerifyRequest',
  4: 'NewSessionTicket',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
  20: 'Finished',
}

export function messageName(type: number): string {
  return messageNames[type] ?? `message ${type}`
}

const extension = {
  groups: 10,
  pointFormats: 11,
  signatures: 13,
  useSrtp: 14,
  extendedMaster: 23,
  renegotiation: 0xff01,
} as const

/** Stands in the list of suites for an empty renegotiation_info (RFC 5746 section 3.3). */
const renegotiationSuite = 0x00ff

export interface ClientHello {
  readonly version: number
  readonly random: Buffer
  readonly cookie: Buffer
  readonly suites: readonly number[]
  readonly groups: readonly number[]
  readonly schemes: readonly number[]
  /** Undefined: no use_srtp. */
  readonly profiles: readonly number[] | undefined
  readonly hasExtendedMaster: boolean
  readonly hasRenegotiation: boolean
  /** Whether they speak of the forms of points, so that we may. */
  readonly hasPointFormats: boolean
}

/** Extensions by number; the first of a number counts. */
function readExtensions(reader: Reader): Map<number, Buffer> {
  const extensions = new Map<number, Buffer>()
  if (reader.left === 0) return extensions
  const all = new Reader(reader.list(2), 'the extensions')
  while (all.left > 0) {
    const type = all.number(2)
    const value = all.list(2)
    if (!extensions.has(type)) extensions.set(type, value)
  }
  return extensions
}

/** `mki` is the identifier of master keys. */
function readSrtp(value: Buffer): { readonly profiles: number[]; readonly mki: Buffer } {
  const reader = new Reader(value, 'use_srtp')
  const profiles = reader.numbers(2)
  const mki = reader.list(1)
  reader.end()
  return { profiles, mki }
}

/** There is no connection before ours that this one could follow (RFC 5746 sections 3.4 and 3.6). */
function refuseRenegotiation(extensions: ReadonlyMap<number, Buffer>): void {
  const value = extensions.get(extension.renegotiation)
  if (value && !(value.length === 1 && value[0] === 0))
    throw new DtlsFault(alerts.handshakeFailure, 'they want to renegotiate a connection')
}

/** Throws DtlsFault. */
export function readClientHello(body: Buffer): ClientHello {
  const reader = new Reader(body, 'ClientHello')
  const version = reader.number(2)
  const random = Buffer.from(reader.octets(32))
  reader.list(1) // A session to resume: there are none here.
  const cookie = Buffer.from(reader.list(1))
  const suites = reader.numbers(2)
  if (!reader.list(1).includes(0))
    throw new DtlsFault(alerts.illegalParameter, 'ClientHello allows no plain compression')
  const extensions = readExtensions(reader)
  reader.end()
  refuseRenegotiation(extensions)
  const numbers = (type: number) => {
    const value = extensions.get(type)
    return value && new Reader(value, `extension ${type}`).numbers(2)
  }
  const srtp = extensions.get(extension.useSrtp)
  return {
    version,
    random,
    cookie,
    suites,
    groups: numbers(extension.groups) ?? groupIds,
    schemes: numbers(extension.signatures) ?? [],
    // Whatever identifier of master keys they offer: we choose none (RFC 5764 section 4.1.3).
    profiles: srtp && readSrtp(srtp).profiles,
    hasExtendedMaster: extensions.has(extension.extendedMaster),
    hasRenegotiation:
      extensions.has(extension.renegotiation) || suites.includes(renegotiationSuite),
    hasPointFormats: extensions.has(extension.pointFormats),
  }
}

function extensionText(type: number, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat([u16(type), list(2, ...parts)])
}

export function writeClientHello(
  random: Buffer,
  cookie: Buffer,
  suites: readonly number[],
  profiles: readonly number[],
): Buffer {
  return Buffer.concat([
    u16(versions.dtls12),
    random,
    list(1),
    list(1, cookie),
    list(2, ...suites.map(u16)),
    list(1, u8(0)),
    list(
      2,
      extensionText(extension.renegotiation, list(1)),
      extensionText(extension.extendedMaster),
      extensionText(extension.groups, list(2, ...groupIds.map(u16))),
      extensionText(extension.pointFormats, list(1, u8(0))),
      extensionText(extension.signatures, list(2, ...schemeIds.map(u16))),
      extensionText(extension.useSrtp, list(2, ...profiles.map(u16)), list(1)),
    ),
  ])
}

export interface ServerHello {
  readonly version: number
  readonly random: Buffer
  readonly suite: number
  readonly profile: number | undefined
  readonly hasExtendedMaster: boolean
}

/** Throws DtlsFault. */
export function readServerHello(body: Buffer): ServerHello {
  const reader = new Reader(body, 'ServerHello')
  const version = reader.number(2)
  const random = Buffer.from(reader.octets(32))
  reader.list(1)
  const suite = reader.number(2)
  if (reader.number(1) !== 0)
    throw new DtlsFault(alerts.illegalParameter, 'ServerHello chooses a compression')
  const extensions = readExtensions(reader)
  reader.end()
  refuseRenegotiation(extensions)
  const value = extensions.get(extension.useSrtp)
  const srtp = value && readSrtp(value)
  if (srtp && srtp.profiles.length !== 1)
    throw new DtlsFault(alerts.illegalParameter, 'ServerHello chooses no single profile of SRTP')
  // RFC 5764 section 4.1.3: it may send back what we offered, which is none.
  if (srtp && srtp.mki.length > 0)
    throw new DtlsFault(alerts.illegalParameter, 'ServerHello has an MKI that we did not offer')
  return {
    version,
    random,
    suite,
    profile: srtp?.profiles[0],
    hasExtendedMaster: extensions.has(extension.extendedMaster),
  }
}

export function writeServerHello(
  random: Buffer,
  suite: number,
  profile: number,
  hello: ClientHello,
): Buffer {
  return Buffer.concat([
    u16(versions.dtls12),
    random,
    list(1),
    u16(suite),
    u8(0),
    list(
      2,
      ...(hello.hasRenegotiation ? [extensionText(extension.renegotiation, list(1))] : []),
      ...(hello.hasExtendedMaster ? [extensionText(extension.extendedMaster)] : []),
      ...(hello.hasPointFormats ? [extensionText(extension.pointFormats, list(1, u8(0)))] : []),
      extensionText(extension.useSrtp, list(2, u16(profile)), list(1)),
    ),
  ])
}
