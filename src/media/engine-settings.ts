/** What negotiation settled for a leg: codecs, keys, addresses, habits. Part of the engine's face: imported through engine.ts. */
import type { SrtpSuiteName } from '../rtp/srtp-suite.ts'
import type { Fingerprint } from '../webrtc/dtls-messages.ts'
import type { RemoteCandidate as IceCandidate, IceSettings as LegIce } from '../webrtc/ice-terms.ts'

export type { IceCandidate, LegIce }

/** A codec as negotiation settled it for one leg. */
export interface LegCodec {
  /** The SDP encoding name: `PCMU`. */
  readonly name: string
  /** The payload type on the wire. */
  readonly payloadType: number
  /** RTP clock rate in Hz. */
  readonly clockRate: number
  readonly channels: 1 | 2
  /** The other side's format parameters. */
  readonly fmtp: string
  /** Ours, with the settings of our coder. Default: none. */
  readonly ours?: string
  /** Packet time in ms that we send. */
  readonly ptime: number
}

/** A key of SRTP, whichever way it was agreed on (SDES, DTLS). */
export interface SrtpKey {
  readonly suite: SrtpSuiteName
  /** Master key and master salt, one behind the other, as long as the suite says. */
  readonly key: Uint8Array
  /** The identifier that every packet carries; default none. */
  readonly mki?: Uint8Array
}

/** The keys of one leg. */
export interface LegCrypto {
  /** Of what we send, and of what the other side sends. */
  readonly send: SrtpKey
  readonly receive: SrtpKey
}

/** What a leg needs to know to send and receive; given again whenever an offer/answer changes it. */
export interface LegSettings {
  /** What we send; undefined stops sending. */
  readonly send: LegCodec | undefined
  /** What we accept, by payload type: all that the answer allows, so that the other side may change over at any time. */
  readonly receive: readonly LegCodec[]
  /** Payload types of RFC 4733 events; undefined where none was agreed. */
  readonly eventSend: number | undefined
  readonly eventReceive: number | undefined
  /** The clock of the events, Hz (8000 or 48000). */
  readonly eventClock: number
  /** Where the SDP says to send. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteRtcpPort: number | undefined
  readonly rtcpMux: boolean
  /** As we see it: whether we may send, whether we expect to receive (hold is sends=true/false with receives=false). */
  readonly sends: boolean
  readonly receives: boolean
  /** Follow the source of what arrives (symmetric RTP) instead of the SDP; `rtp_auto_adjust`. */
  readonly latch: boolean
  /** Seconds without a packet until `timeout` is emitted; 0 never. Separate while on hold. */
  readonly timeoutSeconds: number
  readonly holdTimeoutSeconds: number
  /** Interval of RTCP reports in ms; 0 none. */
  readonly rtcpIntervalMs: number
  /** The jitter buffer to begin with (`jitterbuffer_msec`, `auto-jitterbuffer-msec`). Default: none. */
  readonly jitter?: JitterHabits | undefined
  /** SRTP and SRTCP both ways; undefined: in the clear. The same keys given again go on where they were. */
  readonly crypto?: LegCrypto | undefined
  /** How digits get to the party: with the sound (default), by signalling, or not; what the sound cannot do the core is told of. */
  readonly digits?: 'media' | 'signalling' | 'none' | undefined
  /** Events that can pass a bridge as they are pass it untold (`pass_rfc2833`). */
  readonly passesEvents?: boolean | undefined
  /** Payload type of comfort noise (RFC 3389); undefined where none was agreed. */
  readonly comfortNoise?: number | undefined
  /** Silence is not sent but described, where comfort noise was agreed, or left out (`vad`). Default false. */
  readonly suppressesSilence?: boolean | undefined
  /** Packets of another length than agreed are taken as they are, and such are sent back (`rtp-autofix-timing`). Default false. */
  readonly fixesTiming?: boolean | undefined
  /** What ICE's connectivity checks have to know; undefined: they are not answered. */
  readonly ice?: LegIce | undefined
  /** Keys by DTLS instead of `crypto`; until they are there nothing is sent. Undefined: none. */
  readonly dtls?: LegDtls | undefined
}

/** Keys by DTLS on the port of the sound (RFC 5763, RFC 5764). The same given again go on as they were. */
export interface LegDtls {
  /** Who begins: we do (`active`), or they. */
  readonly role: 'active' | 'passive'
  /** Their certificate has to fit one of those (RFC 8122). */
  readonly fingerprints: readonly Fingerprint[]
}

/** How packets that come unevenly are evened out where their sound is used here. */
export interface JitterHabits {
  /** What `jitterbuffer` takes: `60:200`, `3p`, `pause`, `resume`, `stop`, `debug:<file>`; empty leaves the buffer as it is. */
  readonly order: string
  /** It stays at work in a bridge with another party's packets (`rtp_jitter_buffer_during_bridge`). */
  readonly inBridge: boolean
  /** What is missing is made up (`rtp_jitter_buffer_plc`), else it is silence. */
  readonly conceals: boolean
}
