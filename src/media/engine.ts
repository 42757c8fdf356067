/**
 * The media engine as the core sees it: handles whose work is done in media workers.
 * PCM and packets never come here; what comes are results, digits and figures.
 */
import type { SoundFiles } from './engine-files.ts'
import type { LegOptions, MediaLeg } from './engine-leg.ts'
import type { MusicControl, SoundFetcher } from './engine-music.ts'
import type { MediaRoom, RoomOptions } from './engine-room.ts'
import type { MediaStream, StreamOptions } from './engine-stream.ts'
import type { IceTcpPort } from './engine-webrtc.ts'

export type { AnswerSettings, AnswerVerdict } from '../rtp/answer-detector.ts'
export type { Beep } from '../rtp/beep-detector.ts'
export type { BurstFigures } from '../rtp/burst.ts'
export type { CadenceTone } from '../rtp/cadence-detector.ts'
export type { QualityScale } from '../rtp/quality.ts'
export type { ReportBlock } from '../rtp/rtcp.ts'
export type { VoiceSettings } from '../rtp/voice-detector.ts'
export type * from './engine-bug.ts'
export type * from './engine-figures.ts'
export type * from './engine-files.ts'
export type * from './engine-leg.ts'
export type * from './engine-music.ts'
export type * from './engine-room.ts'
export type * from './engine-settings.ts'
export type * from './engine-sound.ts'
export type * from './engine-stream.ts'
export type * from './engine-webrtc.ts'
export type { LoudnessOutcome } from './loudness.ts'

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
  /** What legs show in DTLS, both PEM; default: one that is made now and forgotten at the end. */
  readonly dtlsCertificate?: DtlsCertificate | undefined
}

export interface DtlsCertificate {
  readonly certificate: string
  readonly key: string
}

export interface MediaEngine extends AsyncDisposable {
  /** A leg with an RTP and an RTCP port. Throws SwitchError MEDIA_NO_PORTS when the range is used up. */
  openLeg(options: LegOptions): Promise<MediaLeg>
  /** Two legs without sockets: what one is told to send, the other receives (the loopback endpoint). */
  openLoop(uuidA: string, uuidB: string): [MediaLeg, MediaLeg]
  /**
   * A stream with ports of its own, or within a leg. Throws SwitchError MEDIA_NO_PORTS when the range is used up, MEDIA_NO_LEG
   * when the leg has closed.
   */
  openStream(options: StreamOptions): Promise<MediaStream>
  /**
   * A stream on the ports of a leg, which neither hears nor speaks until the stream is closed. The leg's figures count what
   * passes. Undefined when the leg has none.
   */
  lendStream(leg: MediaLeg): MediaStream | undefined
  /** A room, in the worker of `near` or in one that has little to do. Throws SwitchError MEDIA_BAD_RATE. */
  openRoom(uuid: string, options: RoomOptions, near?: MediaLeg): MediaRoom
  /**
   * Listens for TCP connections of ICE, worker n at `port` + n, until closed. What cannot be had is told in the log, and legs of that
   * worker have no such port.
   */
  listenTcp(address: string, port: number): Promise<IceTcpPort>
  figures(): Promise<MediaFigures>
  /** Of the certificate that legs show in DTLS, as a=fingerprint has it: `sha-256 AB:CD:…`. */
  readonly dtlsFingerprint: string
  readonly music: MusicControl
  readonly files: SoundFiles
  /** Who gets what URLs name for those who play them, by scheme. */
  readonly fetchers: Map<string, SoundFetcher>
}
