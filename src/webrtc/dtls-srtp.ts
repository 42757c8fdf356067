/** DTLS-SRTP (RFC 5764): which suites of SRTP a handshake can settle on, and the keys that it gives. */
import { type SrtpSuiteName, srtpSuites } from '../rtp/srtp-suite.ts'
import { type DtlsSuite, prf } from './dtls-keys.ts'

/**
 * Protection profiles (RFC 5764 section 4.1.2, RFC 7714 section 14.2), in order of preference: the first is what everybody
 * has, and costs a third less here than GCM.
 */
const profiles: ReadonlyMap<number, SrtpSuiteName> = new Map([
  [0x0001, 'AES_CM_128_HMAC_SHA1_80'],
  [0x0007, 'AEAD_AES_128_GCM'],
  [0x0008, 'AEAD_AES_256_GCM'],
  [0x0002, 'AES_CM_128_HMAC_SHA1_32'],
])
export const profileIds: readonly number[] = [...profiles.keys()]

export function profileName(id: number): SrtpSuiteName | undefined {
  return profiles.get(id)
}

/** Master keys and salts, one behind the other, of what each side sends. */
export interface DtlsSrtpKeys {
  readonly suite: SrtpSuiteName
  readonly client: Uint8Array
  readonly server: Uint8Array
}

/** Section 4.2: both keys, then both salts. */
export function exportKeys(
  suite: SrtpSuiteName,
  dtls: DtlsSuite,
  master: Buffer,
  clientRandom: Buffer,
  serverRandom: Buffer,
): DtlsSrtpKeys {
  const { keyLength, saltLength } = srtpSuites[suite]
  const seed = Buffer.concat([clientRandom, serverRandom])
  const octets = 2 * (keyLength + saltLength)
  const block = prf(dtls.hash, master, 'EXTRACTOR-dtls_srtp', seed, octets)
  const part = (key: number, salt: number) =>
    Uint8Array.from([
      ...block.subarray(key * keyLength, (key + 1) * keyLength),
      ...block.subarray(2 * keyLength + salt * saltLength, 2 * keyLength + (salt + 1) * saltLength),
    ])
  return { suite, client: part(0, 0), server: part(1, 1) }
}
