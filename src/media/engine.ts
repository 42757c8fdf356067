/**
 * The media engine as the core sees it: handles whose work is done in media workers.
 * PCM and packets never come here; what comes are results, digits and figures.
 */
import type { Emitter } from '../base/emitter.ts'
import type { AnswerSettings, AnswerVerdict } from '../rtp/answer-detector.ts'
import type { Beep } from '../rtp/beep-detector.ts'
import type { CadenceTone } from '../rtp/cadence-detector.ts'
import type { ToneSettings } from '../rtp/tone-detector.ts'
import type { VoiceSettings } from '../rtp/voice-detector.ts'
import type { LoudnessOutcome, LoudnessRules } from './loudness.ts'

export type {
  AnswerSettings,
  AnswerVerdict,
  Beep,
  BurstFigures,
  CadenceTone,
  LoudnessOutcome,
  QualityScale,
  ReportBlock,
  VoiceSettings,
}

import type { FileTags } from '../formats/format.ts'
import type { BurstFigures } from '../rtp/burst.ts'
import type { QualityScale } from '../rtp/quality.ts'
import type { ReportBlock, SenderReport, VoipMetrics } from '../rtp/rtcp.ts'
import type { SrtpSuiteName } from '../rtp/srtp-suite.ts'

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
}

/** The secrets of ICE that both sides told each other (RFC 8445 section 5.3); ours is the lite side. */
export interface LegIce {
  readonly ufrag: string
  readonly password: string
  readonly remoteUfrag?: string | undefined
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

export interface LegOptions {
  /** The channel's uuid, for logs. */
  readonly uuid: string
  /** The local address to bind (IPv4 or IPv6). */
  readonly address: string
  /** A leg that it will be bridged with: it opens in the same worker. */
  readonly near?: MediaLeg | undefined
  /** The SSRC of what it sends, where somebody has to know it; else a random one. */
  readonly ssrc?: number | undefined
}

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

export interface PlayRequest {
  /** Whole paths or `scheme://…`; played one after the other without a gap. */
  readonly paths: readonly string[]
  /** Where to start in the first, in samples at its own rate. */
  readonly startAt?: number
  /** How often the whole list is played; -1 endless, default 1. */
  readonly loops?: number
  /** dB of gain; default 0. */
  readonly gain?: number
  /** Silence between files, ms. */
  readonly gapMs?: number
}

export type PlayEnd = 'done' | 'stopped' | 'not found' | 'error' | 'closed'

export interface PlayResult {
  readonly ended: PlayEnd
  /** Samples played, at `rate` Hz, and the position in the last file. */
  readonly samples: number
  readonly position: number
  readonly rate: number
  /** What went wrong, for the log. */
  readonly reason?: string
}

export interface Playback {
  /** Resolves true when the first file is open and plays, false when it could not be. */
  readonly started: Promise<boolean>
  readonly ended: Promise<PlayResult>
  stop(): void
  pause(on: boolean): void
  /** ms, relative or from the start. */
  seek(ms: number, relative: boolean): void
  adjust(change: PlayChange): void
}

/** What can be changed of a sound while it plays; what is not given stays. */
export interface PlayChange {
  /** What samples are multiplied with. */
  readonly factor?: number
  /** From -2 (half as fast again) to 2 (twice as fast), 0 as it is; the pitch goes with it. */
  readonly speed?: number
  /** The party hears silence meanwhile; `pause` sends nothing, for somebody else has the word. */
  readonly isHeld?: boolean
}

export interface RecordRequest {
  readonly path: string
  /** Sample rate of the file, Hz; default: the leg's. */
  readonly rate?: number
  readonly append?: boolean
  /** Writes over what is there, from its beginning, without truncating it. */
  readonly over?: boolean
  /**
   * What this side says, what it hears, both mixed, both as left and right (or right and left), or each in a file of its
   * own (`pair`): what it says at `path`, what it hears at `otherPath`.
   */
  readonly what: 'read' | 'write' | 'mix' | 'stereo' | 'stereo swapped' | 'pair'
  readonly otherPath?: string
  /** Seconds of sound; 0 no limit. */
  readonly limitSeconds?: number
  /**
   * Ends it after `initialMs` of silence before anybody spoke (`no input`), or `finalMs` after (`silence`); 0 never.
   * `threshold` is the mean amplitude of a frame on FreeSWITCH's scale, 0–32767.
   */
  readonly speech?: {
    readonly threshold: number
    readonly initialMs: number
    readonly finalMs: number
  }
  /** Only while the leg is bridged does time go by. */
  readonly needsBridge?: boolean
  /** A file shorter than this, or empty, is removed again; undefined keeps any. A lengthened file always stays. */
  readonly leastSeconds?: number
  /** Fills gaps in what was said with noise of this level (as 1400); default: silence. */
  readonly noise?: number
  /** ms that sound waits for late packets; default 500. */
  readonly holdMs?: number
  /** Octets gathered before they go to the disk; default: a second of sound. */
  readonly flushOctets?: number
  /** What the file says of itself, where its format has a place for it. */
  readonly tags?: FileTags
}

export interface RecordResult {
  readonly ended: 'stopped' | 'limit' | 'silence' | 'no input' | 'error' | 'closed'
  readonly samples: number
  readonly rate: number
  /** Of the file. */
  readonly octets: number
  /** Whether anybody was heard; without `speech` rules, whether there is any sound. */
  readonly hasSpoken: boolean
  /** Sound that a slow disk cost; silence stands for it in the file. */
  readonly lostMs: number
  /** Why the file was removed again. */
  readonly discarded?: 'empty' | 'short'
  readonly reason?: string
}

export interface Recording {
  /** Resolves true once the file is open. */
  readonly started: Promise<boolean>
  readonly ended: Promise<RecordResult>
  stop(): void
  /** Pause leaves a gap out; mask writes silence. */
  pause(on: boolean): void
  mask(on: boolean): void
  /** From now on the limit is so many seconds away; 0 takes it off. */
  limit(seconds: number): void
  /** Goes on in the same file with another leg, of whichever worker. */
  moveTo(leg: MediaLeg): void
}

/** A sound in the place of another (`displace_session`). */
export interface DisplaceRequest {
  readonly kind: 'displace'
  /** A whole path or `scheme://…`. */
  readonly path: string
  /** What the party hears, what it says, or both. */
  readonly side: 'read' | 'write' | 'both'
  /** Added to what is there. Else it takes its place, and the other direction is silent unless the sound is for both. */
  readonly mixes: boolean
  readonly loops: boolean
  /** Before the bugs that are there already. */
  readonly isFirst: boolean
}

/** What a party says (`read`), or what it hears (`write`). */
export type BugDirection = 'read' | 'write'

/** Frequencies that sound together, found so often. It ends when it is found. */
export interface ToneRequest extends ToneSettings {
  readonly kind: 'tone'
  readonly direction: BugDirection
}

/** Counts frames of 20 ms that are louder or softer than a threshold, and ends when there were enough in a row. */
export interface LoudnessRequest extends LoudnessRules {
  readonly kind: 'loudness'
}

/** What can be put on a leg's sound. Where no direction is said it is what the party says. */
export type BugRequest =
  | DisplaceRequest
  | ToneRequest
  | LoudnessRequest
  | {
      readonly kind: 'cadence'
      readonly direction: BugDirection
      readonly tones: readonly CadenceTone[]
    }
  | { readonly kind: 'voice'; readonly settings: VoiceSettings }
  | { readonly kind: 'answer'; readonly settings: Partial<AnswerSettings> }
  | { readonly kind: 'beep'; readonly direction: BugDirection }
  | { readonly kind: 'level' }

/** What a bug has heard. */
export type BugReport =
  | { readonly heard: 'tone' }
  | ({ readonly heard: 'loudness' } & LoudnessOutcome)
  | { readonly heard: 'cadence'; readonly name: string }
  | { readonly heard: 'voice'; readonly isTalking: boolean }
  | ({ readonly heard: 'answer' } & AnswerVerdict)
  | ({ readonly heard: 'beep' } & Beep)
  /** Of the last second: the mean amplitude, and the mean of each frame's highest. */
  | { readonly heard: 'level'; readonly average: number; readonly peak: number }

export interface BugResult {
  /** By itself, by `stop`, with the leg, or because of `reason`. */
  readonly ended: 'done' | 'stopped' | 'closed' | 'failed'
  readonly reason?: string
}

/** Something that listens to a leg's sound or changes it. */
export interface MediaBug {
  /** Resolves true once it works, false when it cannot. */
  readonly started: Promise<boolean>
  readonly ended: Promise<BugResult>
  stop(): void
}

/** Directions of a leg: what its party says (`read`), and what it hears (`write`). */
export interface EavesdropSides {
  readonly read: boolean
  readonly write: boolean
}

export interface Eavesdropping extends MediaBug {
  /**
   * Into which directions the spy speaks: into `write` to the leg's own party, into `read` to whoever that one talks
   * with.
   */
  whisper(to: EavesdropSides): void
}

/** A digit that arrived; `duration` in samples at 8 kHz as FreeSWITCH counts it. */
export interface ReceivedDigit {
  readonly digit: string
  readonly duration: number
  readonly source: 'RTP' | 'INBAND_AUDIO'
  /** It goes on as tones within the sound and is nobody's digit here (`start_dtmf_generate`). */
  readonly isConverted?: boolean
}

export type LegEvents = {
  dtmf: ReceivedDigit
  /** The other party's digits for this one, where they do not go with the sound; `ms` each. */
  'digits to send': { readonly digits: string; readonly ms: number }
  /** No packet for the configured time. */
  timeout: { readonly seconds: number }
  /** The stream's real source was learned or changed. */
  latched: { readonly address: string; readonly port: number }
  /** The first RTP packet came. */
  'first packet': undefined
  /** RTCP came, or was sent. */
  rtcp: RtcpReport
  /** The leg was closed under its owner (worker died). */
  closed: undefined
}

export interface MediaLeg {
  readonly uuid: string
  /** The worker it lives in: legs bridged together should share it. */
  readonly worker: number
  /** What goes into our SDP; port 0 for a leg without a socket (one end of a loop). */
  readonly localAddress: string
  readonly localPort: number
  readonly events: Emitter<LegEvents>
  configure(settings: LegSettings): void
  /** Connects two legs: relay where the codecs agree, else transcode. Ends a bridge that either was in. */
  bridge(other: MediaLeg): void
  unbridge(): void
  /** Digits that arrive while bridged pass on to the other leg by themselves (default); false: only the core hears them. */
  passDtmf(on: boolean): void
  /** A sound to this leg's party; it takes the place of bridged sound while it lasts. A second one replaces the first. */
  play(request: PlayRequest): Playback
  /** Sends back what arrives, `delayMs` later (0: at once, packet by packet). */
  echo(delayMs: number): void
  stopEcho(): void
  record(request: RecordRequest): Recording
  /** Digits for the party do not reach it in a bridge: the event `digits to send` tells of them instead. */
  dropDigits(on: boolean): void
  /** Listens for tones in what the party says; they are told as digits, and pass a bridge as the other leg sends digits. */
  detectDigits(on: boolean): void
  /**
   * Digits that the party sends (`read`), or that are sent to it (`write`), become tones; undefined ends that.
   */
  tonesForDigits(direction: 'read' | 'write' | undefined): void
  /** Tones as if the party had made them, where digits that it sends become tones. */
  sayDigits(digits: string, ms: number): void
  /** RFC 4733 where agreed, else in-band tones. `ms` each. Digits queue. */
  sendDtmf(digits: string, ms: number): void
  /** Silence (or comfort noise of that level, as 1400) is sent while nothing else is; 0 stops it. */
  sendSilence(level: number): void
  /** A line in the log for each packet that comes (`read`) or goes (`write`). */
  trace(direction: 'read' | 'write', on: boolean): void
  /** Sets, pauses or stops the jitter buffer. */
  jitterBuffer(habits: JitterHabits): void
  /** `noise` is sent instead, on the scale of `sendSilence`; default 0, silence. */
  mute(direction: 'read' | 'write', on: boolean, noise?: number): void
  gain(direction: 'read' | 'write', db: number): void
  /** Puts something on this leg's sound; `report` is told what it hears. Any number at a time. */
  bug(request: BugRequest, report?: (report: BugReport) => void): MediaBug
  /** `spy`, a leg that is not bridged, hears the directions that `hears` names, until stopped or either ends. */
  eavesdrop(spy: MediaLeg, hears: EavesdropSides, whispers: EavesdropSides): Eavesdropping
  stats(): Promise<LegStats>
  /** Undefined for a leg without a wire, or one that is gone. */
  describe(): Promise<LegDescription | undefined>
  /** Frees the port. Resolves with the last figures. A second call gives the same. */
  close(): Promise<LegStats>
}

/** Gets a copy of what `scheme://rest` names and tells its path. Throws SwitchError FILE_NOT_FOUND or FILE_BAD. */
export type SoundFetcher = (
  scheme: string,
  rest: string,
  parameters: ReadonlyMap<string, string>,
) => Promise<string>

/** A stream of music on hold (`local_stream`). */
export interface MusicOptions {
  readonly name: string
  /** The folder whose sound files it plays. */
  readonly folder: string
  /** Hz. */
  readonly rate: number
  readonly shuffle: boolean
  /** dB of gain. */
  readonly volume: number
  /** Sounds that break in, one after the other, so long after the end of the one before. */
  readonly chimes: readonly string[]
  readonly chimeEverySeconds: number
  /** What is longer is cut off; 0 never. */
  readonly chimeMostSeconds: number
}

export interface MusicRow extends MusicOptions {
  readonly listeners: number
}

/** The streams that run by themselves; their place goes on whether or not somebody listens. */
export interface MusicControl {
  /** Begins a stream, or changes the one of that name: those who hear it stay with it. */
  start(options: MusicOptions): void
  /** Ends it for its listeners too. False when there is none of that name. */
  stop(name: string): boolean
  /** Goes on to its next file. */
  next(name: string): boolean
  setVolume(name: string, db: number): boolean
  rows(): readonly MusicRow[]
}

/** What a member of a room may do, and how loud; what is not named stays, or is as the comment says. */
export interface MemberSettings {
  /** Whether the room hears him. Default: yes. */
  readonly speaks?: boolean
  /** Whether he hears the room. Default: yes. */
  readonly hears?: boolean
  /** The mean amplitude (0–32767) that counts as speech; below it nothing goes into the mix. Default: 0, all does. */
  readonly energyLevel?: number
  /** dB of what he says and of what he hears. Default: 0. */
  readonly gainIn?: number
  readonly gainOut?: number
  /** `talking` is told of a member that may not speak, too. Default: no. */
  readonly detectsMuted?: boolean
  /** His digits are sent on to all others. Default: no. */
  readonly spreadsDigits?: boolean
}

export interface RoomOptions {
  /** Hz of the mix, 8000–48000. */
  readonly rate: number
  /** What is heard while nobody speaks, on the scale of `sendSilence`; 0 pure silence. */
  readonly comfortNoise: number
}

export type RoomEvents = {
  /** A member began or ceased to talk; `score` is the mean amplitude of the frame that settled it. */
  talking: { readonly member: RoomMember; readonly isTalking: boolean; readonly score: number }
  /** Who has the floor now; undefined: nobody. */
  floor: RoomMember | undefined
  /** A member is no longer there, because it left or because its leg was bridged elsewhere or closed. */
  left: RoomMember
  /** The room was closed under its owner (worker died). */
  closed: undefined
}

export interface RoomMember {
  readonly leg: MediaLeg
  set(settings: MemberSettings): void
  /** Whether it hears another member; it does unless told otherwise. */
  relate(other: RoomMember, hears: boolean): void
  /** Takes the floor. */
  takeFloor(): void
  /** The leg stays, unbridged. */
  leave(): void
}

/** Mixes what its members say; each hears all but himself. It lives in one worker, its members' legs in any. */
export interface MediaRoom {
  readonly uuid: string
  readonly worker: number
  readonly events: Emitter<RoomEvents>
  /** Joins a leg, which leaves any bridge or room that it was in. Bridging, echoing or closing it makes it leave. */
  join(leg: MediaLeg, settings: MemberSettings): RoomMember
  /** A leg without a party that speaks in the room: what it plays all hear, or `only` one member. Close it. */
  openVoice(only?: RoomMember): MediaLeg
  /** Records what is said in the room; `what` is `read` here. */
  record(request: RecordRequest): Recording
  /** All members leave. A second call does nothing. */
  close(): void
}

export interface MediaFigures {
  readonly workers: number
  readonly legs: number
  readonly streams: number
  readonly portsInUse: number
  readonly portsFree: number
  readonly dropped: Readonly<Record<string, number>>
}

/** How worker threads reach the network: `auto` takes io_uring where the system has it, else dgram. */
export type MediaIo = 'auto' | 'io_uring' | 'dgram'

export interface MediaEngineOptions {
  /** Worker threads; 0 runs the engine in this thread. */
  readonly workers: number
  readonly rtpStartPort: number
  readonly rtpEndPort: number
  /** Default `auto`. */
  readonly io?: MediaIo
}

export interface MediaEngine extends AsyncDisposable {
  /** A leg with an RTP and an RTCP port. Throws SwitchError MEDIA_NO_PORTS when the range is used up. */
  openLeg(options: LegOptions): Promise<MediaLeg>
  /** Two legs without sockets: what one is told to send, the other receives (the loopback endpoint). */
  openLoop(uuidA: string, uuidB: string): [MediaLeg, MediaLeg]
  /** A stream with ports of its own. Throws SwitchError MEDIA_NO_PORTS when the range is used up. */
  openStream(options: StreamOptions): Promise<MediaStream>
  /**
   * A stream on the ports of a leg, which neither hears nor speaks until the stream is closed. The leg's figures count what
   * passes. Undefined when the leg has none.
   */
  lendStream(leg: MediaLeg): MediaStream | undefined
  /** A room, in the worker of `near` or in one that has little to do. Throws SwitchError MEDIA_BAD_RATE. */
  openRoom(uuid: string, options: RoomOptions, near?: MediaLeg): MediaRoom
  figures(): Promise<MediaFigures>
  readonly music: MusicControl
  /** Who gets what URLs name for those who play them, by scheme. */
  readonly fetchers: Map<string, SoundFetcher>
}
