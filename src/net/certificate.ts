/**
 * Certificates of our own: self-signed ones (RFC 5280) for DTLS and for a web server that has no other, and the files in which
 * they are kept from the first start on.
 */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname } from 'node:path'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { addressOctets } from './address-octets.ts'

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export interface CertificateWish {
  readonly commonName: string
  /** Host names and addresses that it is for; default none. */
  readonly names?: readonly string[]
  /** Default 10 years. */
  readonly days?: number
}

/** Object identifiers. */
const oid = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  alternativeName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13],
  extendedKeyUsage: [0x55, 0x1d, 0x25],
  serverAuthentication: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
  clientAuthentication: [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
} as const

const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  text: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

function der(type: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Uint8Array.from(part)))
  const { length } = body
  const head =
    length < 0x80
      ? [type, length]
      : length < 0x100
        ? [type, 0x81, length]
        : [type, 0x82, length >>> 8, length & 0xff]
  return Buffer.concat([Uint8Array.from(head), body])
}

/** RFC 5280 section 4.1.2.5: two digits for the year until 2049. */
function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050
    ? der(tag.utcTime, Buffer.from(text.slice(2)))
    : der(tag.generalizedTime, Buffer.from(text))
}

function extension(id: readonly number[], value: Buffer, isCritical = false): Buffer {
  return der(
    tag.sequence,
    der(tag.objectIdentifier, id),
    isCritical ? der(tag.boolean, [0xff]) : [],
    der(tag.octetString, value),
  )
}

function alternativeNames(names: readonly string[]): Buffer {
  return der(
    tag.sequence,
    ...names.map((name) =>
      isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, addressOctets(name)),
    ),
  )
}

/** A fresh self-signed certificate with an ECDSA key on P-256, valid from yesterday on (clocks differ). */
export function makeCertificate({ commonName, names = [], days = 3650 }: CertificateWish): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = der(tag.sequence, der(tag.objectIdentifier, oid.ecdsaWithSha256))
  const name = der(
    tag.sequence,
    der(
      tag.set,
      der(
        tag.sequence,
        der(tag.objectIdentifier, oid.commonName),
        der(tag.text, Buffer.from(commonName)),
      ),
    ),
  )
  const day = 86_400_000
  const serial = randomBytes(16)
  // A positive number that needs no leading zero.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const usages = [oid.serverAuthentication, oid.clientAuthentication]
  const extensions = [
    extension(oid.basicConstraints, der(tag.sequence), true),
    extension(
      oid.extendedKeyUsage,
      der(tag.sequence, ...usages.map((usage) => der(tag.objectIdentifier, usage))),
    ),
    ...(names.length > 0 ? [extension(oid.alternativeName, alternativeNames(names))] : []),
  ]
  const body = der(
    tag.sequence,
    der(0xa0, der(tag.integer, [2])),
    der(tag.integer, serial),
    algorithm,
    name,
    der(tag.sequence, time(new Date(Date.now() - day)), time(new Date(Date.now() + days * day))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(tag.sequence, ...extensions)),
  )
  const signature = der(tag.bitString, [0], sign('sha256', body, privateKey))
  return {
    certificate: pem('CERTIFICATE', der(tag.sequence, body, algorithm, signature)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function pem(word: string, octets: Buffer): string {
  const lines = octets.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${word}-----\n${lines.join('\n')}\n-----END ${word}-----\n`
}

/**
 * Takes a certificate (the first one) and its key out of the text of one PEM file, in any order. Throws SwitchError
 * CERTIFICATE_BAD, naming `file`, when one is missing or the two do not belong together.
 */
export function readKeyPair(text: string, file: string): KeyPair {
  const bad = (why: string) => new SwitchError('CERTIFICATE_BAD', `${file}: ${why}`)
  const part = (word: string) =>
    new RegExp(`-----BEGIN ${word}-----[^-]*-----END ${word}-----`).exec(text)?.[0]
  const certificate = part('CERTIFICATE')
  const key = part('(?:RSA |EC )?PRIVATE KEY')
  if (!certificate) throw bad('there is no CERTIFICATE in it')
  if (!key) throw bad('there is no PRIVATE KEY in it')
  let belongs = false
  try {
    belongs = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch (thrown) {
    throw bad(reasonOf(thrown))
  }
  if (!belongs) throw bad('the key is not that of the certificate')
  return { certificate: `${certificate}\n`, key: `${key}\n` }
}

/**
 * The pair that is kept in a file; made when there is no such file, for its owner alone. Throws SwitchError CERTIFICATE_BAD or
 * CERTIFICATE_NOT_KEPT.
 */
export function keptCertificate(file: string, wish: CertificateWish): KeyPair {
  if (existsSync(file)) return readKeyPair(readFileSync(file, 'utf8'), file)
  const made = makeCertificate(wish)
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 })
    writeFileSync(file, made.certificate + made.key, { mode: 0o600 })
  } catch (thrown) {
    throw new SwitchError('CERTIFICATE_NOT_KEPT', `${file}: ${reasonOf(thrown)}`)
  }
  return made
}

/** `AB:CD:…`: a hash of the certificate as SDP writes it (RFC 8122). Undefined for a hash that is unknown or too weak. */
export function fingerprintOf(certificate: X509Certificate, algorithm: string): string | undefined {
  const name = algorithm.toLowerCase().replace('-', '')
  if (!['sha1', 'sha224', 'sha256', 'sha384', 'sha512'].includes(name)) return undefined
  const digest = createHash(name).update(certificate.raw).digest('hex').toUpperCase()
  return (digest.match(/../g) ?? []).join(':')
}

/** `sha-256 AB:CD:…`, the value of a=fingerprint. */
export function fingerprintText(certificatePem: string): string {
  return `sha-256 ${fingerprintOf(new X509Certificate(certificatePem), 'sha-256')}`
}
