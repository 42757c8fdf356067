/** The keys of a DTLS 1.2 connection: suites, key exchange, signatures, and what is derived of them (RFC 5246, RFC 8422, RFC 5288). */
import {
  constants,
  createECDH,
  createHash,
  createHmac,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { DtlsIdentity } from './dtls-identity.ts'
import { alerts, DtlsFault } from './dtls-octets.ts'
import type { RecordKey } from './dtls-record.ts'

export interface DtlsSuite {
  readonly id: number
  readonly name: string
  /** Of the server's certificate. */
  readonly kind: 'ec' | 'rsa'
  readonly hash: 'sha256' | 'sha384'
  readonly keyOctets: 16 | 32
}

/** In order of preference. All have forward secrecy and AEAD; whatever speaks WebRTC has them. */
export const dtlsSuites: readonly DtlsSuite[] = [
  { id: 0xc02b, name: 'ECDHE-ECDSA-AES128-GCM-SHA256', kind: 'ec', hash: 'sha256', keyOctets: 16 },
  { id: 0xc02f, name: 'ECDHE-RSA-AES128-GCM-SHA256', kind: 'rsa', hash: 'sha256', keyOctets: 16 },
  { id: 0xc02c, name: 'ECDHE-ECDSA-AES256-GCM-SHA384', kind: 'ec', hash: 'sha384', keyOctets: 32 },
  { id: 0xc030, name: 'ECDHE-RSA-AES256-GCM-SHA384', kind: 'rsa', hash: 'sha384', keyOctets: 32 },
]

/** Named groups, in order of preference: P-256 costs less here, for node:crypto has a shorter way to it. */
export const groups = { p256: 23, x25519: 29, p384: 24 } as const
export const groupIds: readonly number[] = [groups.p256, groups.x25519, groups.p384]

/** The start of a public key of X25519 as SubjectPublicKeyInfo (RFC 8410). */
const x25519Head = Buffer.from('302a300506032b656e032100', 'hex')
const curveNames: Readonly<Record<number, string>> = {
  [groups.p256]: 'prime256v1',
  [groups.p384]: 'secp384r1',
}

/** One side's half of the key exchange. */
export class KeyShare {
  readonly group: number
  /** As it is sent. */
  readonly publicOctets: Buffer
  readonly #secretWith: (theirs: Buffer) => Buffer

  constructor(group: number) {
    this.group = group
    const curve = curveNames[group]
    if (curve) {
      const exchange = createECDH(curve)
      this.publicOctets = exchange.generateKeys()
      this.#secretWith = (theirs) => exchange.computeSecret(theirs)
    } else {
      const { publicKey, privateKey } = generateKeyPairSync('x25519')
      const der = publicKey.export({ type: 'spki', format: 'der' })
      this.publicOctets = der.subarray(x25519Head.length)
      this.#secretWith = (theirs) => {
        const key = Buffer.concat([x25519Head, theirs])
        const other = createPublicKey({ key, type: 'spki', format: 'der' })
        return diffieHellman({ privateKey, publicKey: other })
      }
    }
  }

  /** The secret that both sides have now. Throws DtlsFault for what is no public key of the group. */
  secretWith(theirs: Buffer): Buffer {
    try {
      // Points of curves uncompressed alone (RFC 8422 section 5.4.1): all have our length.
      if (theirs.length !== this.publicOctets.length) throw new Error(`${theirs.length} octets`)
      return this.#secretWith(theirs)
    } catch {
      throw new DtlsFault(
        alerts.illegalParameter,
        'their half of the key exchange is no point of the curve',
      )
    }
  }
}

interface Scheme {
  readonly hash: string | undefined
  readonly key: 'ec' | 'rsa' | 'ed25519'
  readonly isPss?: true
}

/** SignatureScheme numbers, in order of preference (RFC 8446 section 4.2.3); those of SHA-1 are not among them. */
const schemes: ReadonlyMap<number, Scheme> = new Map([
  [0x0403, { hash: 'sha256', key: 'ec' }],
  [0x0503, { hash: 'sha384', key: 'ec' }],
  [0x0603, { hash: 'sha512', key: 'ec' }],
  [0x0804, { hash: 'sha256', key: 'rsa', isPss: true }],
  [0x0401, { hash: 'sha256', key: 'rsa' }],
  [0x0805, { hash: 'sha384', key: 'rsa', isPss: true }],
  [0x0501, { hash: 'sha384', key: 'rsa' }],
  [0x0806, { hash: 'sha512', key: 'rsa', isPss: true }],
  [0x0601, { hash: 'sha512', key: 'rsa' }],
  [0x0807, { hash: undefined, key: 'ed25519' }],
])
export const schemeIds: readonly number[] = [...schemes.keys()]

function padding(scheme: Scheme) {
  if (!scheme.isPss) return {}
  return {
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  }
}

/** The first scheme of ours that they take and our key can do; undefined: none. */
export function schemeFor(identity: DtlsIdentity, offered: readonly number[]): number | undefined {
  return schemeIds.find((id) => schemes.get(id)?.key === identity.kind && offered.includes(id))
}

export function signWith(identity: DtlsIdentity, scheme: number, data: Buffer): Buffer {
  const known = schemes.get(scheme)
  if (!known) throw new DtlsFault(alerts.internalError, 'no signature scheme in common')
  return sign(known.hash, data, { key: identity.key, ...padding(known) })
}

/** Whether `key` signed it. A scheme that we did not offer, or that is of another kind of key, is wrong too. */
export function isSigned(key: KeyObject, scheme: number, data: Buffer, signature: Buffer): boolean {
  const known = schemes.get(scheme)
  if (!known || key.asymmetricKeyType !== known.key) return false
  try {
    return verify(known.hash, data, { key, ...padding(known) }, signature)
  } catch {
    return false
  }
}

/** The pseudo-random function of TLS 1.2 (RFC 5246 section 5). */
export function prf(
  hash: DtlsSuite['hash'],
  secret: Buffer,
  label: string,
  seed: Buffer,
  octets: number,
): Buffer {
  const text = Buffer.concat([Buffer.from(label), seed])
  const hmac = (...parts: Buffer[]) => {
    const mac = createHmac(hash, secret)
    for (const part of parts) mac.update(part)
    return mac.digest()
  }
  const blocks: Buffer[] = []
  let a = text
  for (let length = 0; length < octets; length += blocks.at(-1)?.length ?? 0) {
    a = hmac(a)
    blocks.push(hmac(a, text))
  }
  return Buffer.concat(blocks).subarray(0, octets)
}

/** The two directions' keys (RFC 5246 section 6.3). */
export function recordKeys(
  suite: DtlsSuite,
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): { readonly client: RecordKey; readonly server: RecordKey } {
  const { hash, keyOctets } = suite
  const seed = Buffer.concat([serverRandom, clientRandom])
  const block = prf(hash, master, 'key expansion', seed, 2 * keyOctets + 8)
  const salt = 2 * keyOctets
  return {
    client: { key: block.subarray(0, keyOctets), salt: block.subarray(salt, salt + 4) },
    server: { key: block.subarray(keyOctets, salt), salt: block.subarray(salt + 4, salt + 8) },
  }
}

export function transcriptHash(hash: DtlsSuite['hash'], messages: readonly Buffer[]): Buffer {
  const digest = createHash(hash)
  for (const message of messages) digest.update(message)
  return digest.digest()
}
