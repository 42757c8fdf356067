/** Sounds that are played to a leg, and recordings of it. Part of the engine's face: imported through engine.ts. */
import type { FileTags } from '../formats/format.ts'
import type { MediaLeg } from './engine-leg.ts'

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
