/** What a codec is to the rest of the program: a descriptor that negotiation reads and a coder that a media worker runs. */

/** A companding law, both ways. `encode` is indexed by the sample's 16 bits (`sample & 0xffff`), `decode` by the byte. */
export interface Law {
  readonly encode: Uint8Array
  readonly decode: Int16Array
}

/** One direction pair of a running codec. Fills the caller's buffer, allocates nothing, returns how much it wrote. */
export interface Coder {
  /** Samples in, octets out; returns the octets written. */
  encode(pcm: Int16Array, into: Uint8Array): number
  /** Octets in, samples out (interleaved when there are two channels); returns the samples written. */
  decode(payload: Uint8Array, into: Int16Array): number
  /** Makes up `into.length` samples for a lost packet. */
  conceal?(into: Int16Array): number
  /**
   * The same for the packet before `next`, from what `next` carries of it (in-band error correction); what it does not
   * carry is concealed. `next` has to be decoded after that as usual.
   */
  recover?(next: Uint8Array, into: Int16Array): number
  /**
   * From now on `encode` takes sound of this rate (Hz), or `decode`, `conceal` and `recover` give it: one of the codec's
   * `sampleRates`. What that direction remembered is forgotten.
   */
  encodeAt?(rate: number): void
  decodeAt?(rate: number): void
  /** Packets so far that were no packets of this codec. */
  readonly badPackets?: number
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
  /** All rates (Hz, rising) at which its coders can be had: what they do themselves costs no resampling. */
  readonly sampleRates?: readonly number[]
  readonly channels: 1 | 2
  /** The packet time it uses unless told otherwise, in ms. */
  readonly ptime: number
  /** The packet times that can be had, ms; undefined: all multiples of 10 up to 120. */
  readonly ptimes?: readonly number[]
  /** Bits a second at that packet time, as `show channels` prints it; 0 where packets differ in size. */
  readonly bitRate: number
  /** Its packets can only be passed on as they are: `open` throws CODEC_PASS_THROUGH. */
  readonly passThrough?: true
  /** The format parameters that we offer for a packet time in ms. Default: none. */
  offer?(ptime: number): string
  /**
   * The format parameters that answer theirs; undefined: these two do not go together. `ours` is what `offer` or the
   * preference list says. Default: `ours`, whatever theirs are.
   */
  answer?(theirs: string, ours: string): string | undefined
  /** The packet time next to `ptime` (ms) that these parameters allow. Default: all of `ptimes`. */
  fit?(ptime: number, theirs: string, ours?: string): number
  /** Whether packets under parameters `a` are packets under `b` too. Default: parameters do not shape packets. */
  isAlike?(a: string, b: string): boolean
  /** The least rate (Hz) that carries all that is sent under these parameters. Default: `sampleRate`. */
  soundRate?(fmtp: string, ours?: string): number
  /** A codec of one octet for each sample, on its own: two of them are a table apart. */
  readonly law?: Law
  /** How this side wants it coded, in the form of format parameters: what SDP has no word for. */
  readonly settings?: string
  /**
   * A coder for one leg. `fmtp` are the other side's parameters, `ours` our own and the `settings`. Parameters that make
   * no sense count as not given. Throws SwitchError CODEC_PASS_THROUGH.
   */
  open(fmtp: string, ours?: string): Coder
}
