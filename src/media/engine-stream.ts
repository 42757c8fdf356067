/** Streams beside the sound, or instead of it, that pass untouched: video, text, fax, proxied media. Part of the engine's face: imported through engine.ts. */
import type { Emitter } from '../base/emitter.ts'
import type { CryptoStats } from './engine-figures.ts'
import type { MediaLeg } from './engine-leg.ts'

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
}

export interface StreamOptions {
  /** The channel's uuid, for logs. */
  readonly uuid: string
  /** The local address to bind. */
  readonly address: string
  /** A leg or stream in whose worker it is to live: only streams of one worker can be joined. */
  readonly near?: MediaLeg | MediaStream | undefined
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
}

export type StreamEvents = {
  /** No packet for the configured time. */
  timeout: { readonly seconds: number }
}

/** One end of a stream that is passed on octet for octet (video, text, T.38, proxied sound), with an RTP and an RTCP port. */
export interface MediaStream {
  readonly uuid: string
  readonly localAddress: string
  readonly localPort: number
  readonly events: Emitter<StreamEvents>
  configure(settings: StreamSettings): void
  /** What arrives at either leaves at the other. False when the two live in different workers. */
  join(other: MediaStream): boolean
  part(): void
  stats(): Promise<StreamStats>
  /** Frees its ports, or gives them back to the leg that lent them. A second call gives the same. */
  close(): Promise<StreamStats>
}
