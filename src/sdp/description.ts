/** A session description (RFC 8866) as offer and answer look at it. */
import type { RawMedia, RawSession } from 'sdp-transform'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** A payload type and what it means. */
export interface SdpCodec {
  readonly payloadType: number
  /** Encoding name as the SDP spells it; empty for a number that nothing explains. */
  readonly name: string
  /** Hz. */
  readonly clockRate: number
  readonly channels: number
  /** The format parameters, empty where there are none. */
  readonly fmtp: string
}

/** One `a=crypto` line (RFC 4568). */
export interface CryptoLine {
  readonly tag: number
  readonly suite: string
  /** `inline:…` */
  readonly key: string
  readonly parameters: string
}

export interface MediaSection {
  /** `audio`, `video`, `image` … */
  readonly kind: string
  /** 0: refused. */
  readonly port: number
  /** `RTP/AVP`, `RTP/SAVP`, `UDP/TLS/RTP/SAVPF` … */
  readonly protocol: string
  /** As the m= line lists them. */
  readonly formats: readonly string[]
  /** The same with their meaning, for RTP; static numbers need no rtpmap. */
  readonly codecs: readonly SdpCodec[]
  /** Of the section or else of the session; undefined where neither has a c= line. */
  readonly address: string | undefined
  /** Of the section or else of the session. */
  readonly direction: Direction
  /** ms */
  readonly ptime: number | undefined
  readonly maxptime: number | undefined
  readonly rtcpPort: number | undefined
  readonly rtcpMux: boolean
  readonly crypto: readonly CryptoLine[]
  /** DTLS and ICE, of the section or else of the session. */
  /** There may be several, by different hashes or of several certificates (RFC 8122 section 5). */
  readonly fingerprints: readonly { readonly algorithm: string; readonly value: string }[]
  readonly setup: string | undefined
  readonly iceUfrag: string | undefined
  readonly icePwd: string | undefined
  readonly mid: string | undefined
  /** It is to be used within its group or not at all. */
  readonly bundleOnly: boolean
  /** Everything as it was parsed, with what is not listed above (candidates, rtcp-fb, unknown attributes in `invalid`). */
  readonly raw: RawMedia
}

export interface SessionDescription {
  readonly origin:
    | {
        readonly user: string
        readonly id: string
        readonly version: string
        readonly address: string
      }
    | undefined
  readonly name: string
  readonly address: string | undefined
  readonly media: readonly MediaSection[]
  /** Which sections are to share one transport: their places, by group (`a=group:BUNDLE`). */
  readonly bundles: readonly (readonly number[])[]
  readonly raw: RawSession
}

/** Static payload types (RFC 3551 section 6) as `name/clock/channels`. */
const staticTypes: Readonly<
  Record<number, readonly [name: string, clock: number, channels: number]>
> = {
  0: ['PCMU', 8000, 1],
  3: ['GSM', 8000, 1],
  4: ['G723', 8000, 1],
  5: ['DVI4', 8000, 1],
  6: ['DVI4', 16000, 1],
  7: ['LPC', 8000, 1],
  8: ['PCMA', 8000, 1],
  9: ['G722', 8000, 1],
  10: ['L16', 44100, 2],
  11: ['L16', 44100, 1],
  12: ['QCELP', 8000, 1],
  13: ['CN', 8000, 1],
  14: ['MPA', 90000, 1],
  15: ['G728', 8000, 1],
  16: ['DVI4', 11025, 1],
  17: ['DVI4', 22050, 1],
  18: ['G729', 8000, 1],
  26: ['JPEG', 90000, 1],
  31: ['H261', 90000, 1],
  32: ['MPV', 90000, 1],
  33: ['MP2T', 90000, 1],
  34: ['H263', 90000, 1],
}

/** What a static payload type means without an rtpmap. */
export function staticType(payloadType: number): SdpCodec | undefined {
  const known = staticTypes[payloadType]
  if (!known) return undefined
  return { payloadType, name: known[0], clockRate: known[1], channels: known[2], fmtp: '' }
}

/** The direction as the other side sees it. */
export function reversed(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly'
  return direction === 'recvonly' ? 'sendonly' : direction
}

export function sends(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

export function receives(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}

export function directionOf(isSending: boolean, isReceiving: boolean): Direction {
  if (isSending) return isReceiving ? 'sendrecv' : 'sendonly'
  return isReceiving ? 'recvonly' : 'inactive'
}
