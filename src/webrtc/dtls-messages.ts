/** The handshake messages after the hellos (RFC 5246 section 7.4, RFC 8422 section 5). */
import { type KeyObject, X509Certificate } from 'node:crypto'
import { fingerprintOf } from '../net/certificate.ts'
import { groups, schemeIds } from './dtls-keys.ts'
import { alerts, DtlsFault, list, Reader, u8, u16 } from './dtls-octets.ts'
import { versions } from './dtls-record.ts'

/** Their certificate has to be announced in signalling (RFC 8122); the names within mean nothing. */
export interface Fingerprint {
  /** `sha-256`. */
  readonly algorithm: string
  /** `AB:CD:…`. */
  readonly value: string
}

/** RFC 6347 section 4.2.1: always with the version of DTLS 1.0, for those who expect it. */
export function writeHelloVerify(cookie: Buffer): Buffer {
  return Buffer.concat([u16(versions.dtls10), list(1, cookie)])
}

export function readHelloVerify(body: Buffer): Buffer {
  const reader = new Reader(body, 'HelloVerifyRequest')
  reader.number(2)
  return Buffer.from(reader.list(1))
}

export function writeCertificate(der: Buffer): Buffer {
  return list(3, list(3, der))
}

/** The first certificate of the chain; undefined: there is none. Throws DtlsFault. */
export function readCertificate(body: Buffer): X509Certificate | undefined {
  const chain = new Reader(new Reader(body, 'Certificate').list(3), 'the chain of certificates')
  if (chain.left === 0) return undefined
  try {
    return new X509Certificate(chain.list(3))
  } catch (thrown) {
    if (thrown instanceof DtlsFault) throw thrown
    throw new DtlsFault(alerts.badCertificate, 'their certificate cannot be read')
  }
}

/** Strongest first. */
const hashes = ['sha-512', 'sha-384', 'sha-256', 'sha-224', 'sha-1']

/**
 * Throws DtlsFault unless the certificate is one of those that were announced. Of several hashes the strongest that we know decides
 * (RFC 8122 section 5): a weaker one that fits is no way around it.
 */
export function checkFingerprint(
  certificate: X509Certificate,
  announced: readonly Fingerprint[],
): void {
  const isOf = (hash: string) => (one: Fingerprint) => one.algorithm.toLowerCase() === hash
  const hash = hashes.find((one) => announced.some(isOf(one)))
  const theirs = hash && fingerprintOf(certificate, hash)
  if (
    hash &&
    announced.filter(isOf(hash)).some(({ value }) => value.trim().toUpperCase() === theirs)
  )
    return
  throw new DtlsFault(
    alerts.badCertificate,
    hash
      ? `their certificate has another fingerprint than was announced: it is ${hash} ${theirs}`
      : 'no fingerprint was announced that their certificate could be compared with',
  )
}

/** The certificate's key. Throws DtlsFault for one that cannot be used. */
export function publicKeyOf(certificate: X509Certificate): KeyObject {
  try {
    return certificate.publicKey
  } catch {
    throw new DtlsFault(
      alerts.unsupportedCertificate,
      'the key of their certificate is of no kind that can be used',
    )
  }
}

/** The part of ServerKeyExchange that is signed, after the two randoms. */
export function keyExchangePart(group: number, publicOctets: Buffer): Buffer {
  return Buffer.concat([u8(3), u16(group), list(1, publicOctets)])
}

export function writeServerKeyExchange(part: Buffer, scheme: number, signature: Buffer): Buffer {
  return Buffer.concat([part, u16(scheme), list(2, signature)])
}

export interface ServerKeyExchange {
  readonly group: number
  readonly publicOctets: Buffer
  readonly part: Buffer
  readonly scheme: number
  readonly signature: Buffer
}

export function readServerKeyExchange(body: Buffer): ServerKeyExchange {
  const reader = new Reader(body, 'ServerKeyExchange')
  if (reader.number(1) !== 3)
    throw new DtlsFault(alerts.illegalParameter, 'ServerKeyExchange has no named curve')
  const group = reader.number(2)
  if (!(Object.values(groups) as number[]).includes(group))
    throw new DtlsFault(
      alerts.illegalParameter,
      'ServerKeyExchange has a curve that we did not offer',
    )
  const publicOctets = Buffer.from(reader.list(1))
  const part = Buffer.from(body.subarray(0, body.length - reader.left))
  const scheme = reader.number(2)
  const signature = Buffer.from(reader.list(2))
  reader.end()
  return { group, publicOctets, part, scheme, signature }
}

/** ecdsa_sign and rsa_sign, any authority: certificates are self-signed. */
export function writeCertificateRequest(): Buffer {
  return Buffer.concat([list(1, u8(64), u8(1)), list(2, ...schemeIds.map(u16)), list(2)])
}

/** The signature schemes that they take. */
export function readCertificateRequest(body: Buffer): number[] {
  const reader = new Reader(body, 'CertificateRequest')
  reader.list(1)
  return reader.numbers(2)
}

export function writeClientKeyExchange(publicOctets: Buffer): Buffer {
  return list(1, publicOctets)
}

export function readClientKeyExchange(body: Buffer): Buffer {
  const reader = new Reader(body, 'ClientKeyExchange')
  const octets = Buffer.from(reader.list(1))
  reader.end()
  return octets
}

export function writeCertificateVerify(scheme: number, signature: Buffer): Buffer {
  return Buffer.concat([u16(scheme), list(2, signature)])
}

export function readCertificateVerify(body: Buffer): { scheme: number; signature: Buffer } {
  const reader = new Reader(body, 'CertificateVerify')
  const scheme = reader.number(2)
  const signature = Buffer.from(reader.list(2))
  reader.end()
  return { scheme, signature }
}
