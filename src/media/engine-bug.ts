/** Media bugs: what listens to, replaces or joins the sound of a leg. Part of the engine's face: imported through engine.ts. */
import type { AnswerSettings, AnswerVerdict } from '../rtp/answer-detector.ts'
import type { Beep } from '../rtp/beep-detector.ts'
import type { CadenceTone } from '../rtp/cadence-detector.ts'
import type { ToneSettings } from '../rtp/tone-detector.ts'
import type { VoiceSettings } from '../rtp/voice-detector.ts'
import type { DisplaceRequest } from './engine-sound.ts'
import type { LoudnessOutcome, LoudnessRules } from './loudness.ts'

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

/** The sound of a leg by UDP, both ways, as bare samples of 16 bits, the low octet first. Only the remote address is listened to. */
export interface UnicastRequest {
  readonly kind: 'unicast'
  readonly local: { readonly address: string; readonly port: number }
  readonly remote: { readonly address: string; readonly port: number }
}

/** What can be put on a leg's sound. Where no direction is said it is what the party says. */
export type BugRequest =
  | DisplaceRequest
  | UnicastRequest
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
