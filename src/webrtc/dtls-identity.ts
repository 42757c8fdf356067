/** Who we are in DTLS: one certificate for all handshakes of a process. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { fingerprintText } from '../net/certificate.ts'

export interface DtlsIdentity {
  readonly key: KeyObject
  /** `rsa` or `ec` (P-256, P-384 …): decides which suites and signatures can be offered. */
  readonly kind: 'rsa' | 'ec'
  /** The certificate, DER. */
  readonly certificate: Buffer
  /** `sha-256 AB:CD:…`. */
  readonly fingerprint: string
}

/** Both PEM. Throws what node:crypto throws for keys that it cannot read. */
export function dtlsIdentity(pair: { certificate: string; key: string }): DtlsIdentity {
  const key = createPrivateKey(pair.key)
  return {
    key,
    kind: key.asymmetricKeyType === 'ec' ? 'ec' : 'rsa',
    certificate: new X509Certificate(pair.certificate).raw,
    fingerprint: fingerprintText(pair.certificate),
  }
}
