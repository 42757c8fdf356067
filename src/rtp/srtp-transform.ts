/** What SRTP does to one packet once its index is known: the part that differs from suite to suite. */

/** RTCP goes in the clear up to the first sender's SSRC (RFC 3711 section 3.4). */
export const rtcpHeaderLength = 8

/** The E bit of the word that ends an SRTCP packet: set when the packet is encrypted (RFC 3711 section 3.4). */
export const encryptedFlag = 0x80000000

/** Works in place. `roc` is the rollover counter, `index` the 31-bit SRTCP index; lengths in octets. */
export interface SrtpTransform {
  /** Octets that sealing adds to RTP, and to RTCP. */
  readonly overhead: number
  readonly rtcpOverhead: number
  /** Encrypts from `start` to `length` and adds tag and MKI, for which there is room; the new length. */
  seal(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): number
  /**
   * Checks and decrypts a packet of `length` with all that was added. False: not authentic, and the packet unchanged.
   * The plain packet is `overhead` shorter; `start` lies within it.
   */
  open(
    packet: Uint8Array,
    start: number,
    length: number,
    ssrc: number,
    roc: number,
    sequence: number,
  ): boolean
  sealRtcp(packet: Uint8Array, length: number, ssrc: number, index: number): number
  /** Where the word with E bit and index stands in an SRTCP packet of `length`. */
  rtcpWordAt(length: number): number
  /** As `open`; `word` is the one with E bit and index. */
  openRtcp(packet: Uint8Array, length: number, ssrc: number, word: number): boolean
}

/** Whether `length` octets of `packet` from `at` on are those of `tag`; takes the same time wherever they differ. */
export function isSame(packet: Uint8Array, at: number, tag: Uint8Array, length: number): boolean {
  let difference = 0
  for (let i = 0; i < length; i++) difference |= packet[at + i]! ^ tag[i]!
  return difference === 0
}
