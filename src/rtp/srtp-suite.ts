/** The cipher suites of SRTP: what each asks of its keys and adds to a packet (RFC 3711, RFC 6188, RFC 7714). */

/** How a suite encrypts and signs. Lengths in octets. */
export interface SrtpSuite {
  readonly cipher: 'counter mode' | 'gcm'
  /** Master key and session key alike; the AES key size follows from it. */
  readonly keyLength: 16 | 24 | 32
  /** Master salt and session salt alike. */
  readonly saltLength: 12 | 14
  /** What the tag adds to an RTP and to an RTCP packet; 0: not signed. */
  readonly tagLength: number
  readonly rtcpTagLength: number
}

/** Strongest first, which is also the order in which they are offered. */
export const srtpSuites = {
  AEAD_AES_256_GCM_8: gcm(32, 8),
  AEAD_AES_256_GCM: gcm(32, 16),
  AEAD_AES_128_GCM_8: gcm(16, 8),
  AEAD_AES_128_GCM: gcm(16, 16),
  AES_CM_256_HMAC_SHA1_80: counterMode(32, 10),
  AES_CM_192_HMAC_SHA1_80: counterMode(24, 10),
  AES_CM_128_HMAC_SHA1_80: counterMode(16, 10),
  AES_CM_256_HMAC_SHA1_32: counterMode(32, 4),
  AES_CM_192_HMAC_SHA1_32: counterMode(24, 4),
  AES_CM_128_HMAC_SHA1_32: counterMode(16, 4),
  AES_CM_128_NULL_AUTH: { ...counterMode(16, 0), rtcpTagLength: 0 },
} as const satisfies Readonly<Record<string, SrtpSuite>>

export type SrtpSuiteName = keyof typeof srtpSuites

/** RFC 7714 section 12; tags of 8 octets are of its drafts, and those who have them use them for RTCP too. */
function gcm(keyLength: 16 | 32, tagLength: 8 | 16): SrtpSuite {
  return { cipher: 'gcm', keyLength, saltLength: 12, tagLength, rtcpTagLength: tagLength }
}

/** RFC 4568 section 6.2.2: a short tag is for RTP alone, RTCP keeps its 80 bits. */
function counterMode(keyLength: 16 | 24 | 32, tagLength: 0 | 4 | 10): SrtpSuite {
  return { cipher: 'counter mode', keyLength, saltLength: 14, tagLength, rtcpTagLength: 10 }
}
