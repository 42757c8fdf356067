/** Streams beside the sound, or instead of it, that pass untouched: video, text, fax, proxied media. Part of the engine's face: imported through engine.ts. */
import type { Emitter } from '../base/emitter.ts'
import type { CryptoStats } from './engine-figures.ts'
import type { MediaLeg } from './engine-leg.ts'
import type { LegDtls, LegIce } from './engine-settings.ts'
import type { WebRtcEvents } from './engine-webrtc.ts'

/** What a stream that passes untouched needs to know; given again whenever an offer/answer changes it. */
export interface StreamSettings {
  /** Where the SDP says to send. */
  readonly remoteAddress: string
  readonly remotePort: number
  readonly remoteRtcpPort: number | undefined
  readonly rtcpMux: boolean
  /** Follow the source of what arrives instead of the SDP. */
  readonly latch: boolean
  /** Seconds without a packet until `timeout` is emitted; 0 never. */
  readonly timeoutSeconds: number
  /** Payload types that the party sends and what the other side calls them; undefined where both use the same. */
  readonly payloadTypes: readonly (readonly [number, number])[] | undefined
  /** Of a stream that shares a leg's port: how its packets are known there. ICE, DTLS and addresses are then the leg's. */
  readonly bundled?: BundledSettings | undefined
  /** As with legs. What is encrypted under keys of ours is opened here and sealed for the other side. */
  readonly ice?: LegIce | undefined
  readonly dtls?: LegDtls | undefined
}

export interface BundledSettings {
  /** The payload types that the party may send. */
  readonly types: readonly number[]
  /** SSRCs that signalling has named; others are learned. */
  readonly sources: readonly number[]
  /** Packets of both directions name the stream (MID, RFC 9143 section 15): the number of the header extension, and the text in it. */
  readonly mid?: { readonly extension: number; readonly name: string } | undefined
}

export interface StreamOptions {
  /** The channel's uuid, for logs. */
  readonly uuid: string
  /** The local address to bind. */
  readonly address: string
  /** A leg or stream in whose worker it is to live: only streams of one worker can be joined. */
  readonly near?: MediaLeg | MediaStream | undefined
  /** A leg whose port, ICE and keys it shares; then it lives in the leg's worker, and `near` means nothing. */
  readonly within?: MediaLeg | undefined
}

/** Counts of both its ports together, as octets of whole datagrams. */
export interface StreamStats {
  readonly packetsIn: number
  readonly octetsIn: number
  readonly packetsOut: number
  readonly octetsOut: number
  readonly remote: string
  readonly latched: boolean
  /** ms since the epoch of the last packet; null when none came. */
  readonly lastPacketAt: number | null
  /** Absent where the sound goes in the clear. */
  readonly crypto?: CryptoStats
  /** It shares the port of a leg (BUNDLE); absent where it does not. */
  readonly isBundled?: boolean
}

export type StreamEvents = WebRtcEvents & {
  /** No packet for the configured time. */
  timeout: { readonly seconds: number }
}

/** One end of a stream that is passed on octet for octet (video, text, T.38, proxied sound), with an RTP and an RTCP port. */
export interface MediaStream {
  readonly uuid: string
  readonly localAddress: string
  readonly localPort: number
  /** Whether it shares the port of a leg. */
  readonly isBundled: boolean
  readonly events: Emitter<StreamEvents>
  configure(settings: StreamSettings): void
  /** What arrives at either leaves at the other. False when the two live in different workers. */
  join(other: MediaStream): boolean
  part(): void
  /** Asks the party for a whole picture (PLI) of whatever it sends within the next second. */
  askForPicture(): void
  /**
   * From now on it shares the port, ICE and keys of the leg, and its own ports are free. False when it cannot: the two live in
   * different workers, or one is closed.
   */
  share(leg: MediaLeg): boolean
  /** Whether `share` would do. */
  canShare(leg: MediaLeg): boolean
  stats(): Promise<StreamStats>
  /** Frees its ports, or gives them back to the leg that lent them. A second call gives the same. */
  close(): Promise<StreamStats>
}
