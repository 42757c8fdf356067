/** What a codec is to the rest of the program: a descriptor that negotiation reads and a coder that a media worker runs. */

/** One direction pair of a running codec. Fills the caller's buffer, allocates nothing, returns how much it wrote. */
export interface Coder {
  /** Samples in, octets out; returns the octets written. */
  encode(pcm: Int16Array, into: Uint8Array): number
  /** Octets in, samples out (interleaved when there are two channels); returns the samples written. */
  decode(payload: Uint8Array, into: Int16Array): number
  /** Makes up `into.length` samples for a lost packet. */
  conceal?(into: Int16Array): number
}

export interface Codec {
  /** The encoding name of SDP, as RFC 3551 or its own RFC spells it: `PCMU`, `opus`. */
  readonly name: string
  /** The static payload type of RFC 3551 section 6, where it has one. */
  readonly payloadType?: number
  /** The clock of RTP timestamps in Hz, which SDP shows (8000 for G722 though it samples at 16000). */
  readonly clockRate: number
  /** The rate of its sound in Hz. */
  readonly sampleRate: number
  readonly channels: 1 | 2
  /** The packet time it uses unless told otherwise, in ms. */
  readonly ptime: number
  /** Bits a second at that packet time, as `show channels` prints it. */
  readonly bitRate: number
  open(fmtp: string): Coder
}
