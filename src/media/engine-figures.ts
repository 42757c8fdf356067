/** Figures of a leg, and what it is doing right now. Part of the engine's face: imported through engine.ts. */
import type { BurstFigures } from '../rtp/burst.ts'
import type { QualityScale } from '../rtp/quality.ts'
import type { ReportBlock, SenderReport, VoipMetrics } from '../rtp/rtcp.ts'
import type { SrtpSuiteName } from '../rtp/srtp-suite.ts'
import type { LegSettings } from './engine-settings.ts'
import type { WebRtcDescription } from './engine-webrtc.ts'

/** Whole-second-free figures of one leg; counts since it opened. Names follow `rtp_audio_in_*`. */
export interface DirectionStats {
  readonly packets: number
  /** Octets with RTP headers, and of payload alone. */
  readonly rawBytes: number
  readonly mediaBytes: number
  readonly mediaPackets: number
  /** Gaps skipped, DTMF packets, comfort noise packets, packets thrown away by a flush. */
  readonly skipPackets: number
  readonly jitterPackets: number
  readonly dtmfPackets: number
  readonly cngPackets: number
  readonly flushPackets: number
}

/** SRTP of what came: its suite, and packets refused because of a wrong tag or because they came before. */
export interface CryptoStats {
  readonly suite: SrtpSuiteName
  readonly unauthentic: number
  readonly replayed: number
}

/** A jitter buffer; times in ms. */
export interface BufferStats {
  /** What it holds back now, and what it aims at; 0 while it holds nothing. */
  readonly depth: number
  readonly target: number
  /** The most that it ever held. */
  readonly maxDepth: number
  readonly maxPackets: number
}

export interface LegStats {
  readonly in: DirectionStats
  readonly out: DirectionStats
  /** Packets that should have arrived and did not; RFC 3550 A.3. */
  readonly lost: number
  readonly reordered: number
  readonly duplicates: number
  /** Interarrival jitter, ms (RFC 3550 6.4.1), and its smallest and largest; null until measured. */
  readonly jitterMs: number | null
  readonly jitterMinMs: number | null
  readonly jitterMaxMs: number | null
  /** Mean time between packets, ms. */
  readonly meanIntervalMs: number | null
  /** Round trip by RTCP, ms; null until measured. */
  readonly roundTripMs: number | null
  /** What the far end reports of what we send; null until it does. */
  readonly farLossFraction: number | null
  readonly farJitterMs: number | null
  /** All packets that it misses; and what the E-model makes of its reports. */
  readonly farLost: number | null
  readonly farMos: number | null
  /** How it judges what it hears of us by extended reports (RFC 3611); null where it does not. */
  readonly farVoip: VoipMetrics | null
  /** E-model estimate of what we hear (`rtp/quality.ts`); null until there is something to measure. */
  readonly mos: number | null
  readonly rating: number | null
  /** The scale of both; what counts as perfect is another sound on each. */
  readonly mosScale: QualityScale
  /** How the losses lie; null until there is something to measure. */
  readonly burst: BurstFigures | null
  /** Packets' worth of sound that was made up here, for packets that were not there in time. */
  readonly concealed: number
  /** The jitter buffer; null where there is none. */
  readonly buffer: BufferStats | null
  readonly rtcpPackets: number
  readonly rtcpOctets: number
  /** Where packets come from and go to (`ip:port`), and whether that was learned from the stream. */
  readonly remote: string
  readonly latched: boolean
  /** ms since the epoch of the last packet; null when none came. */
  readonly lastPacketAt: number | null
  /** Absent where the sound goes in the clear, or has no keys yet. */
  readonly crypto?: CryptoStats
}

/** What was agreed for a leg, as its worker has it, without keys and passwords. */
export type WireTerms = Pick<
  LegSettings,
  | 'send'
  | 'receive'
  | 'remoteAddress'
  | 'remotePort'
  | 'sends'
  | 'receives'
  | 'latch'
  | 'eventSend'
  | 'eventReceive'
  | 'eventClock'
  | 'comfortNoise'
  | 'timeoutSeconds'
  | 'rtcpIntervalMs'
> & { readonly digits: 'media' | 'signalling' | 'none'; readonly hasIce: boolean }

/**
 * What becomes of the sound that comes: it goes on as it is, octet by octet through a table, decoded for the other party's
 * codec, decoded for something here, or nobody needs it.
 */
export type SoundWay = 'relayed' | 'translated' | 'transcoded' | 'decoded' | 'unheard'

/** What a leg is doing at this moment, for whoever asks why it sounds as it does. Times in ms since the epoch. */
export interface LegDescription {
  readonly stats: LegStats
  readonly terms: WireTerms | undefined
  /** SRTP; undefined: in the clear. */
  readonly suite: SrtpSuiteName | undefined
  readonly openedAt: number
  readonly firstPacketAt: number | null
  readonly lastSentAt: number | null
  /** `ip:port`; empty where nothing is sent. */
  readonly sendsTo: string
  /** The sound that came last; undefined before there was any, and after new terms. `packetMs` is what its packets really have. */
  readonly input:
    | {
        readonly codec: string
        readonly payloadType: number
        readonly ptime: number
        readonly packetMs: number | null
        readonly way: SoundWay
      }
    | undefined
  /** Whom the party hears: another of this worker or of another one, itself, something else, nobody. */
  readonly partner: 'leg' | 'pipe' | 'echo' | 'other' | 'nobody'
  /** A sound or a digit from here has the place of what the other party says. */
  readonly hasFloorTaken: boolean
  readonly isHeard: boolean
  /** Its ports are lent to a stream that passes untouched. */
  readonly isLent: boolean
  readonly mutedRead: boolean
  readonly mutedWrite: boolean
  /** What listens to it or changes it. */
  readonly bugs: number
  /** Packets and frames that came to nothing, by reason; the other leg's, too, where it is of this worker. */
  readonly drops: Readonly<Record<string, number>>
  readonly peerDrops: Readonly<Record<string, number>>
  /** The payload type and the source that were dropped last; null and empty where none was. */
  readonly strangeType: number | null
  readonly strangeSource: string
  /** Another source may still be believed. */
  readonly isLatchOpen: boolean
  /** ICE and DTLS; undefined where neither was agreed on. */
  readonly webrtc?: WebRtcDescription | undefined
}

/** A compound RTCP packet that a leg received or sent. */
export interface RtcpReport {
  readonly direction: 'received' | 'sent'
  readonly ssrc: number
  /** What the sender tells of its own stream, if it has one. */
  readonly sender: SenderReport | undefined
  readonly blocks: readonly ReportBlock[]
  /** Timestamp of the party's last packet, and its clock in Hz. */
  readonly lastTimestamp: number
  readonly clockRate: number
  readonly roundTripMs: number | null
}
