/** All that can be asked of a media worker, a union for each feature. Imported through protocol.ts. */
import type {
  BugRequest,
  EavesdropSides,
  JitterHabits,
  LegSettings,
  MemberSettings,
  PlayChange,
  PlayRequest,
  RecordRequest,
  RoomOptions,
  StreamSettings,
  TurnServer,
} from './engine.ts'
import type { ChimePlan } from './music-chime.ts'

/** The two directions of a pipe between workers: what we write and what we read. */
export interface PipeBuffers {
  readonly outgoing: SharedArrayBuffer
  readonly incoming: SharedArrayBuffer
}

/** Sockets ahead of need, legs, and figures: what needs no leg yet or ends one. `leg` numbers legs over all workers. */
export type EngineQuestion =
  | { readonly ask: 'bind'; readonly address: string; readonly ports: readonly number[] }
  | { readonly ask: 'give up'; readonly address: string; readonly ports: readonly number[] }
  | { readonly ask: 'wake'; readonly address: string }
  | {
      readonly ask: 'open'
      readonly leg: number
      readonly uuid: string
      readonly address: string
      readonly port: number
      readonly ssrc: number | undefined
      /** Of a listener of TCP that stands; 0: none. */
      readonly tcpPort: number
    }
  /** Listeners of TCP for ICE. */
  | { readonly ask: 'listen tcp'; readonly address: string; readonly port: number }
  | { readonly ask: 'close tcp'; readonly address: string; readonly port: number }
  | {
      readonly ask: 'loop'
      readonly legs: readonly [number, number]
      readonly uuids: readonly [string, string]
    }
  | RoomOpening
  | { readonly ask: 'stats'; readonly leg: number }
  | { readonly ask: 'describe'; readonly leg: number }
  | {
      readonly ask: 'turn'
      readonly leg: number
      readonly servers: readonly TurnServer[]
      readonly limitMs: number
    }
  | { readonly ask: 'close'; readonly leg: number }
  | { readonly ask: 'figures' }

/** What a leg says to whom. */
export type LegQuestion =
  | { readonly ask: 'configure'; readonly leg: number; readonly settings: LegSettings }
  | { readonly ask: 'bridge'; readonly leg: number; readonly other: number }
  | { readonly ask: 'pipe'; readonly leg: number; readonly pipe: PipeBuffers }
  | { readonly ask: 'unbridge'; readonly leg: number }
  | { readonly ask: 'echo'; readonly leg: number; readonly delayMs: number }
  | { readonly ask: 'stop echo'; readonly leg: number }
  | { readonly ask: 'send silence'; readonly leg: number; readonly level: number }
  | {
      readonly ask: 'mute'
      readonly leg: number
      readonly direction: Direction
      readonly on: boolean
      readonly noise: number
    }
  | {
      readonly ask: 'gain'
      readonly leg: number
      readonly direction: Direction
      readonly db: number
    }

/** How what a leg receives is evened out, and what is told of its packets. */
export type PacketQuestion =
  | { readonly ask: 'jitter buffer'; readonly leg: number; readonly habits: JitterHabits }
  | {
      readonly ask: 'trace'
      readonly leg: number
      readonly direction: Direction
      readonly on: boolean
    }

/** Digits of a leg. */
export type DigitQuestion =
  | { readonly ask: 'pass dtmf'; readonly leg: number; readonly on: boolean }
  | { readonly ask: 'drop digits'; readonly leg: number; readonly on: boolean }
  | { readonly ask: 'detect digits'; readonly leg: number; readonly on: boolean }
  | {
      readonly ask: 'tones for digits'
      readonly leg: number
      readonly direction: Direction | undefined
    }
  | {
      readonly ask: 'say digits'
      readonly leg: number
      readonly digits: string
      readonly ms: number
    }
  | {
      readonly ask: 'send dtmf'
      readonly leg: number
      readonly digits: string
      readonly ms: number
    }

/** Sounds that are played to a leg; `play` numbers them. */
export type PlayQuestion =
  | {
      readonly ask: 'play'
      readonly leg: number
      readonly play: number
      readonly request: PlayRequest
    }
  | { readonly ask: 'stop play'; readonly leg: number; readonly play: number }
  | {
      readonly ask: 'pause play'
      readonly leg: number
      readonly play: number
      readonly on: boolean
    }
  | {
      readonly ask: 'seek play'
      readonly leg: number
      readonly play: number
      readonly ms: number
      readonly relative: boolean
    }
  | {
      readonly ask: 'adjust play'
      readonly leg: number
      readonly play: number
      readonly change: PlayChange
    }

/** Recordings of a leg; `recording` numbers them. */
export type RecordQuestion =
  | {
      readonly ask: 'record'
      readonly leg: number
      readonly recording: number
      readonly request: RecordRequest
    }
  | {
      readonly ask: 'stop record'
      readonly leg: number
      readonly recording: number
      /** However short it is. */
      readonly keep: boolean
    }
  | {
      readonly ask: 'pause record'
      readonly leg: number
      readonly recording: number
      readonly on: boolean
    }
  | {
      readonly ask: 'mask record'
      readonly leg: number
      readonly recording: number
      readonly on: boolean
    }
  | {
      readonly ask: 'limit record'
      readonly leg: number
      readonly recording: number
      readonly seconds: number
    }
  | {
      readonly ask: 'move record'
      readonly leg: number
      readonly recording: number
      readonly to: number
    }

/** Streams that pass untouched; `stream` numbers them over all workers. */
export type StreamQuestion =
  | {
      readonly ask: 'open stream'
      readonly stream: number
      readonly uuid: string
      readonly address: string
      readonly port: number
    }
  | { readonly ask: 'lend stream'; readonly stream: number; readonly leg: number }
  /** A new stream within a leg, or one that gives up its own ports for it. */
  | { readonly ask: 'bundle stream'; readonly stream: number; readonly leg: number }
  | {
      readonly ask: 'configure stream'
      readonly stream: number
      readonly settings: StreamSettings
    }
  | { readonly ask: 'join streams'; readonly stream: number; readonly other: number }
  | { readonly ask: 'part stream'; readonly stream: number }
  | { readonly ask: 'ask for picture'; readonly stream: number }
  | { readonly ask: 'stream stats'; readonly stream: number }
  | { readonly ask: 'close stream'; readonly stream: number }

/** What is put on a leg's sound; `bug` numbers it. */
export type BugQuestion =
  | {
      readonly ask: 'bug'
      readonly leg: number
      readonly bug: number
      readonly request: BugRequest
    }
  | {
      readonly ask: 'eavesdrop'
      readonly leg: number
      readonly bug: number
      /** The leg that listens, or the pipe to it. */
      readonly spy: number | PipeBuffers
      readonly hears: EavesdropSides
      readonly whispers: EavesdropSides
    }
  | {
      readonly ask: 'whisper'
      readonly leg: number
      readonly bug: number
      readonly to: EavesdropSides
    }
  | { readonly ask: 'stop bug'; readonly leg: number; readonly bug: number }

/** What sounds need from the main side: an answer to `wanted`, and word of the music that runs by itself. */
export type SoundQuestion =
  | {
      readonly ask: 'supply'
      readonly want: number
      readonly supply?: Supply
      readonly failure?: { readonly code: string; readonly message: string }
    }
  | {
      readonly ask: 'music piece'
      readonly stream: number
      readonly piece: MusicPiece
      readonly next: string
    }
  | { readonly ask: 'music settings'; readonly stream: number; readonly settings: MusicSettings }
  | { readonly ask: 'music end'; readonly stream: number }

/** What a worker can want. */
export type Wanted =
  /** A local copy of what a URL names. */
  | {
      readonly kind: 'copy'
      readonly scheme: string
      readonly rest: string
      readonly parameters: ReadonlyMap<string, string>
    }
  /** A stream to listen to. */
  | { readonly kind: 'stream'; readonly name: string; readonly rate: number }

/** What it gets for it: the path of the copy, or where the stream is. */
export type Supply = string | MusicPlace

export interface MusicPlace {
  readonly stream: number
  /** Hz. */
  readonly rate: number
  readonly settings: MusicSettings
  readonly piece: MusicPiece
  readonly next: string
}

/** One file of a stream on its way; times on the streams' clock, ms. */
export interface MusicPiece {
  /** Counts the files that the stream has played. */
  readonly number: number
  readonly path: string
  readonly startedAt: number
}

export interface MusicSettings {
  /** dB. */
  readonly volume: number
  readonly chimes: ChimePlan
}

/** A room; `leg` is its ear, under which the rest is asked of it and which is closed to close it. */
export interface RoomOpening {
  readonly ask: 'open room'
  readonly leg: number
  readonly uuid: string
  readonly options: RoomOptions
}

/** Rooms. A member is a leg too: it is closed to leave. */
export type RoomQuestion =
  /** The party is `phone` in the same worker, or stands behind `pipe`. */
  | {
      readonly ask: 'join room'
      readonly leg: number
      readonly member: number
      readonly uuid: string
      readonly phone: number | undefined
      readonly pipe: PipeBuffers | undefined
      readonly settings: MemberSettings
    }
  /** A leg whose sounds are heard by all, or by member `only`. */
  | {
      readonly ask: 'room voice'
      readonly leg: number
      readonly member: number
      readonly uuid: string
      readonly only: number | undefined
    }
  | { readonly ask: 'room floor'; readonly leg: number; readonly member: number | undefined }
  /** Of a member. */
  | { readonly ask: 'set member'; readonly leg: number; readonly settings: MemberSettings }
  | {
      readonly ask: 'relate members'
      readonly leg: number
      readonly other: number
      readonly hears: boolean
    }

/** Sound files beside any call. */
export type FileQuestion =
  | { readonly ask: 'sound length'; readonly path: string }
  | { readonly ask: 'join sounds'; readonly from: readonly string[]; readonly to: string }

/** What is asked of one leg. A feature has a union here and a table of handlers in its `ask-….ts`. */
export type QuestionToLeg =
  | LegQuestion
  | PacketQuestion
  | DigitQuestion
  | PlayQuestion
  | RecordQuestion
  | BugQuestion
  | RoomQuestion

/** What can be asked of a worker. */
export type Question =
  | EngineQuestion
  | FileQuestion
  | SoundQuestion
  | StreamQuestion
  | QuestionToLeg

export type Direction = 'read' | 'write'
