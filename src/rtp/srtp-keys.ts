/** From the master key that signalling agreed on to the keys that packets are made with (RFC 3711 section 4.3). */
import { createCipheriv } from 'node:crypto'
import type { SrtpSuite } from './srtp-suite.ts'

/** Keys of one direction of RTP, or of its RTCP. */
export interface SrtpSessionKeys {
  readonly encryption: Uint8Array
  readonly salt: Uint8Array
  /** 20 octets; empty for suites that sign with the cipher itself. */
  readonly authentication: Uint8Array
}

/** The labels of RFC 3711 section 4.3.1: encryption, authentication and salt, for RTP and three further on for RTCP. */
const labels = { encryption: 0, authentication: 1, salt: 2 } as const
const rtcpLabels = 3

/** The HMAC-SHA1 key of every suite that has one (RFC 3711 section 5.2). */
const authenticationKeyLength = 20

/** `masterKey` and `masterSalt` as long as the suite says. Keys are derived once: the derivation rate is always 0. */
export function deriveSessionKeys(
  suite: SrtpSuite,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  isRtcp: boolean,
): SrtpSessionKeys {
  const shift = isRtcp ? rtcpLabels : 0
  const part = (label: number, length: number) =>
    deriveKey(masterKey, masterSalt, label + shift, length)
  return {
    encryption: part(labels.encryption, suite.keyLength),
    salt: part(labels.salt, suite.saltLength),
    authentication:
      suite.cipher === 'gcm'
        ? new Uint8Array(0)
        : part(labels.authentication, authenticationKeyLength),
  }
}

/**
 * `length` octets of the pseudo-random function of RFC 3711 section 4.3.3, with the AES size of the master key
 * (RFC 6188 section 3). A salt of 12 octets stands left in the 14 (RFC 7714 section 11).
 */
export function deriveKey(
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  label: number,
  length: number,
): Uint8Array {
  const start = new Uint8Array(16)
  start.set(masterSalt)
  start[7]! ^= label
  const cipher = createCipheriv(`aes-${masterKey.length * 8}-ctr`, masterKey, start)
  return new Uint8Array(cipher.update(new Uint8Array(length)))
}
