/**
 * What the core's side and the media workers say to each other: four kinds of message (request, response, notification,
 * log). All that one side says in a turn of its event loop travels as one array.
 */
import type {
  BugReport,
  BugResult,
  DtlsCertificate,
  IceNews,
  LegDescription,
  LegStats,
  MediaIo,
  PlayResult,
  ReceivedDigit,
  RecordResult,
  RtcpReport,
  SecuredNews,
  StreamStats,
  TalkNews,
  TurnOutcome,
} from './engine.ts'
import type { Question, Wanted } from './questions.ts'

export type * from './questions.ts'

/** What a worker thread is started with. `files` is the memory of an OpenFiles. */
export interface WorkerData {
  readonly io: MediaIo
  readonly files: SharedArrayBuffer
  readonly dtlsCertificate: DtlsCertificate
}

/** What a worker answers, by what was asked; the rest gets no answer. */
export interface Answers {
  readonly bind: { readonly bound: readonly number[]; readonly failed: readonly number[] }
  readonly 'give up': { readonly closed: readonly number[] }
  readonly wake: { readonly ports: readonly number[] }
  readonly stats: LegStats
  readonly describe: LegDescription | undefined
  readonly turn: TurnOutcome
  /** Nothing, or it fails with why the port cannot be had. */
  readonly 'listen tcp': undefined
  readonly close: LegStats
  readonly figures: WorkerFigures
  readonly 'stream stats': StreamStats
  readonly 'close stream': StreamStats
  readonly 'sound length': number
  readonly 'join sounds': number
}

/** A question that is answered. */
export type Asked = Extract<Question, { ask: keyof Answers }>

export type AnswerTo<Q extends Asked> = Answers[Q['ask']]

export interface WorkerFigures {
  readonly legs: number
  readonly dropped: Readonly<Record<string, number>>
}

/** `id` 0 wants no response. */
export interface RequestMessage {
  readonly kind: 'request'
  readonly id: number
  readonly question: Question
}

/** Exactly one of `value` and `failure` is given. */
export interface ResponseMessage {
  readonly kind: 'response'
  readonly id: number
  readonly value?: unknown
  readonly failure?: { readonly code: string; readonly message: string }
}

/** What a worker tells of a room. */
export type RoomNews =
  | {
      readonly tell: 'room talking'
      readonly room: number
      readonly member: number
      readonly talk: TalkNews
    }
  /** A member's threshold moved by itself. */
  | {
      readonly tell: 'room level'
      readonly room: number
      readonly member: number
      readonly level: number
    }
  /** Who has the floor of a room now. */
  | { readonly tell: 'room floor'; readonly room: number; readonly member: number | undefined }
  /** The party of a member was bridged elsewhere or has gone. */
  | { readonly tell: 'room left'; readonly room: number; readonly member: number }

/** Of ICE and DTLS, on the port of a leg or of a stream; both are numbered for themselves. */
export type WebRtcNews = WebRtcPort &
  (
    | { readonly tell: 'ice'; readonly news: IceNews }
    | { readonly tell: 'secured'; readonly news: SecuredNews }
    | { readonly tell: 'security failed'; readonly reason: string }
  )

/** Exactly one of the two is given. */
export interface WebRtcPort {
  readonly leg?: number
  readonly stream?: number
}

/** What a worker tells unasked. */
export type News =
  | { readonly tell: 'dtmf'; readonly leg: number; readonly digit: ReceivedDigit }
  | {
      readonly tell: 'digits to send'
      readonly leg: number
      readonly digits: string
      readonly ms: number
    }
  | { readonly tell: 'timeout'; readonly leg: number; readonly seconds: number }
  | {
      readonly tell: 'latched'
      readonly leg: number
      readonly address: string
      readonly port: number
    }
  | { readonly tell: 'first packet'; readonly leg: number }
  | { readonly tell: 'rtcp'; readonly leg: number; readonly report: RtcpReport }
  | { readonly tell: 'play started'; readonly play: number }
  | { readonly tell: 'play ended'; readonly play: number; readonly result: PlayResult }
  | { readonly tell: 'record started'; readonly recording: number }
  | { readonly tell: 'record ended'; readonly recording: number; readonly result: RecordResult }
  | { readonly tell: 'bug started'; readonly bug: number }
  | { readonly tell: 'bug report'; readonly bug: number; readonly report: BugReport }
  | { readonly tell: 'bug ended'; readonly bug: number; readonly result: BugResult }
  | { readonly tell: 'stream timeout'; readonly stream: number; readonly seconds: number }
  | { readonly tell: 'wanted'; readonly want: number; readonly wanted: Wanted }
  | {
      readonly tell: 'music turned'
      readonly stream: number
      readonly piece: number
      readonly startedAt: number
    }
  | { readonly tell: 'music listeners'; readonly stream: number; readonly count: number }
  | RoomNews
  | WebRtcNews
  /** Sockets of closed legs that may be used again. */
  | { readonly tell: 'rested'; readonly address: string; readonly ports: readonly number[] }

export interface NotificationMessage {
  readonly kind: 'notification'
  readonly news: News
}

/** A line for the log of the main side. */
export interface LogMessage {
  readonly kind: 'log'
  readonly level: number
  readonly area: string
  readonly text: string
  readonly uuid: string | undefined
}

export type ToWorker = RequestMessage

export type FromWorker = ResponseMessage | NotificationMessage | LogMessage
