/** A leg as the core holds it. Part of the engine's face: imported through engine.ts. */
import type { Emitter } from '../base/emitter.ts'
import type {
  BugReport,
  BugRequest,
  Eavesdropping,
  EavesdropSides,
  MediaBug,
} from './engine-bug.ts'
import type { LegDescription, LegStats, RtcpReport } from './engine-figures.ts'
import type { JitterHabits, LegSettings } from './engine-settings.ts'
import type { Playback, PlayRequest, Recording, RecordRequest } from './engine-sound.ts'
import type { IceTcpPort, TurnOutcome, TurnServer, WebRtcEvents } from './engine-webrtc.ts'

export interface LegOptions {
  /** The channel's uuid, for logs. */
  readonly uuid: string
  /** The local address to bind (IPv4 or IPv6). */
  readonly address: string
  /** A leg that it will be bridged with: it opens in the same worker. */
  readonly near?: MediaLeg | undefined
  /** The SSRC of what it sends, where somebody has to know it; else a random one. */
  readonly ssrc?: number | undefined
  /** Its ICE may be reached there by TCP, too. */
  readonly iceTcp?: IceTcpPort | undefined
}

/** A digit that arrived; `duration` in samples at 8 kHz as FreeSWITCH counts it. */
export interface ReceivedDigit {
  readonly digit: string
  readonly duration: number
  readonly source: 'RTP' | 'INBAND_AUDIO'
  /** It goes on as tones within the sound and is nobody's digit here (`start_dtmf_generate`). */
  readonly isConverted?: boolean
}

export type LegEvents = WebRtcEvents & {
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
  /** Where its ICE is reached by TCP; 0: nowhere. */
  readonly tcpPort: number
  readonly events: Emitter<LegEvents>
  configure(settings: LegSettings): void
  /**
   * Asks TURN servers, one after the other, for an address that relays to this leg; ICE uses it, and it is given back with the leg.
   * Resolves within `limitMs`; an address that comes later is used too.
   */
  relayBy(servers: readonly TurnServer[], limitMs: number): Promise<TurnOutcome>
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
