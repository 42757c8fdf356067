/**
 * The extension points: what a module can bring and what the core asks of it. Read this file first.
 * A module is one line of modules.conf.xml; everything it brings is added at load and removed at unload.
 */
import type { SourcePlace } from '../base/errors.ts'
import type { Codec } from '../codecs/codec.ts'
import type { FileFormat } from '../formats/format.ts'
import type { MediaLeg, MediaRoom, RoomMember } from '../media/engine.ts'
import type { CallerProfile } from './caller-profile.ts'
import type { Channel } from './channel.ts'
import type { ChatMessage } from './chat-message.ts'
import type { EventSink } from './events.ts'
import type { HangupCause } from './hangup-cause.ts'
import type { PlayOptions, PlayOutcome } from './play.ts'
import type { Switch } from './switch.ts'
import type { Zone } from './time/timezone.ts'
import type { Variables } from './variables.ts'

export type { Codec, EventSink, FileFormat, MediaLeg, MediaRoom, RoomMember }

export interface Module {
  readonly name: `mod_${string}`
  readonly endpoints?: readonly Endpoint[]
  readonly applications?: readonly Application[]
  readonly commands?: readonly Command[]
  readonly jsonCommands?: readonly JsonCommand[]
  readonly chats?: readonly ChatProtocol[]
  readonly chatFilters?: readonly ChatFilter[]
  readonly dialplans?: readonly Dialplan[]
  readonly speakers?: readonly Speaker[]
  readonly languages?: readonly SayLanguage[]
  readonly speechEngines?: readonly SpeechEngine[]
  readonly codecs?: readonly Codec[]
  /** Names only: media workers know the formats themselves. */
  readonly formats?: readonly string[]
  /** Further things that `show` lists by type (chat, limit, say, management). */
  readonly interfaces?: readonly { readonly type: string; readonly name: string }[]
  /** Only if it holds sockets, timers or files. What it returns is disposed at unload. */
  start?(sw: Switch): Promise<AsyncDisposable | undefined>
}

/** What an endpoint is told when a leg is to be made. */
export interface OutgoingLeg {
  readonly sw: Switch
  /** What stands after `sofia/` in the dial string. */
  readonly destination: string
  /** The profile the leg starts with: caller id, destination, context; the endpoint may complete it. */
  readonly profile: CallerProfile
  /** The leg's variables, `{}` and `[]` applied; the endpoint reads its `sip_h_…` and the like from here. */
  readonly variables: Variables
  readonly uuid: string
  /** The channel for whose sake it is dialled. */
  readonly originator: Channel | undefined
  /** Where the other leg's sound lives, so that this one opens in the same worker. */
  readonly near: MediaLeg | undefined
  /** Seconds the whole attempt may take. */
  readonly timeoutSeconds: number
  /** One of several legs: an endpoint that dials further ones then only creates the first and does not wait for it. */
  readonly isForked: boolean
  /** Aborts when the attempt is given up; only endpoints that dial further legs need it. */
  readonly signal: AbortSignal
}

export interface Endpoint {
  /** The word before the slash: `sofia`. */
  readonly name: string
  /** The module's name as `source` shows it. */
  readonly module: string
  /**
   * Makes a channel for an outgoing call, or says why it cannot. Nothing is sent yet: the core sets the leg's
   * variables and starts it, and then the driver's `dial` places the call.
   */
  originate(leg: OutgoingLeg): Promise<Channel | HangupCause> | Channel | HangupCause
}

/** The endpoint's half of a channel. The core calls down here; the endpoint calls up on Channel (`remote…`). */
export interface ChannelDriver {
  /** Outbound: places the call; called once, in CS_INIT, before CHANNEL_CREATE. */
  dial?(): Promise<void> | void
  /** 180 (182 when queued) to the caller. */
  ring(queued: boolean): void
  /** Opens the sound before the answer (183). Resolves when `channel.media` is there and configured. */
  progress(): Promise<void>
  /** 200. Resolves when it is sent and `channel.media` is there. */
  answer(): Promise<void>
  /** A final answer of the dialplan's choosing (`respond`), with extra headers if any. */
  respond?(status: number, reason: string | undefined): void
  /** 3xx before the answer. */
  redirect?(targets: readonly string[]): void
  /** Sends the far end elsewhere after the answer (REFER); resolves with what it replied, as `200`. */
  deflect?(target: string, signal: AbortSignal): Promise<string>
  /** Puts the far end on hold or takes it off (re-INVITE). */
  hold?(on: boolean): Promise<boolean>
  /**
   * Takes the sound of a bridged call past this server, or back through it, by re-INVITEs to both parties; of a call without
   * partner only back. `asksFirst`: the far end makes the offer (third party call control). False when it cannot be.
   */
  redirectMedia?(way: 'past' | 'through', asksFirst: boolean): Promise<boolean>
  /** Its party is to have the sound of another one: nothing of ours can be played to it until that is settled. */
  readonly awaitsForeignSound?: boolean
  /** Offers the far end its codecs anew, those of `codecs` where given (re-INVITE). False when it is refused. */
  renegotiate?(codecs: string | undefined): Promise<boolean>
  /** Digits towards the far end, `ms` each, the way that was agreed; `w` and `W` are pauses. */
  sendDtmf(digits: string, ms: number): void
  /** A message inside the call (SIP INFO). */
  sendInfo?(contentType: string, body: string): void
  /** A text inside the call (SIP MESSAGE, Verto `msg`). False when there is no call to send it in. */
  sendMessage?(contentType: string, body: string): boolean
  /** The channel was bridged with another; undefined: it left the bridge. */
  bridged?(partner: Channel | undefined): void
  /** Shows a new name and number on the far end. */
  display?(name: string, number: string): void
  /** Asks a telephone to do what its key does: answer or go on (`talk`), `hold` (uuid_phone_event). False when it cannot be asked. */
  phoneEvent?(event: 'talk' | 'hold'): boolean
  /** The core has hung up: tell the far end, if it does not know. Called exactly once. */
  hangup(cause: HangupCause): void
  /** Fills variables that only the endpoint knows, just before CHANNEL_HANGUP_COMPLETE. */
  report?(): void
}

/** What the core sees to before an application runs. */
export type ApplicationNeeds = 'nothing' | 'media' | 'answer'

export interface RunContext {
  /** Aborts on hangup, transfer and break; every wait takes it. */
  readonly signal: AbortSignal
}

export interface Application {
  readonly name: string
  readonly syntax: string
  readonly about: string
  readonly needs: ApplicationNeeds
  /** May run while the dialplan is still hunting (`inline="true"`). */
  readonly inline?: boolean
  /** May run after hangup. */
  readonly zombie?: boolean
  /** uuid_break does not end it: it only waits. */
  readonly ignoresBreak?: boolean
  run(channel: Channel, data: string, context: RunContext): Promise<void> | void
}

/** Who runs a command. */
export interface CommandContext {
  readonly sw: Switch
  /** The channel in whose text `${command(args)}` stands. */
  readonly channel?: Channel | undefined
}

export interface Command {
  readonly name: string
  readonly syntax: string
  readonly about: string
  /**
   * What Tab offers behind the name: lines of words. `::console::list_uuid` stands for every uuid, `::[a:b` for a choice.
   * A syntax that begins `<uuid>` needs no line for that.
   */
  readonly completions?: readonly string[]
  /** The reply's text, as the event socket sends it. */
  run(args: string, context: CommandContext): Promise<string> | string
}

/**
 * Says what a play string asks for in words instead of naming a sound: `phrase:<macro>[:<data>]`, `say:<text>`.
 */
export interface Speaker {
  /** What stands before the colon: `phrase`, `say`. */
  readonly name: string
  /** Says it, as `play` plays a file: until its end, a terminator or an abort. */
  speak(channel: Channel, text: string, options: PlayOptions): Promise<PlayOutcome>
}

/** A text to be spoken, and where to. */
export interface SpeechJob {
  /** One line without control characters. */
  readonly text: string
  /** As the dialplan names it; empty: the engine's usual one. */
  readonly voice: string
  /** The WAV file to write, of any rate. */
  readonly path: string
  /** Aborts when it takes too long. */
  readonly signal: AbortSignal
}

/** What turns text into speech (`mod_flite`), by the name that `speak`, tts_engine and the XML's tts-engine have for it. */
export interface SpeechEngine {
  readonly name: string
  /** What beside voice and text decides how it sounds: speech made under another revision is not used again. */
  revision?(): string
  /** Writes the file, never on this thread. Throws SwitchError TTS_NO_PROGRAM, TTS_NO_VOICE, TTS_FAILED, TTS_TIMEOUT. */
  render(job: SpeechJob): Promise<void>
}

export type SayType =
  | 'NUMBER'
  | 'ITEMS'
  | 'PERSONS'
  | 'MESSAGES'
  | 'CURRENCY'
  | 'TIME_MEASUREMENT'
  | 'CURRENT_DATE'
  | 'CURRENT_TIME'
  | 'CURRENT_DATE_TIME'
  | 'TELEPHONE_NUMBER'
  | 'TELEPHONE_EXTENSION'
  | 'URL'
  | 'IP_ADDRESS'
  | 'EMAIL_ADDRESS'
  | 'POSTAL_ADDRESS'
  | 'ACCOUNT_NUMBER'
  | 'NAME_SPELLED'
  | 'NAME_PHONETIC'
  | 'SHORT_DATE_TIME'

export type SayMethod = 'N/A' | 'PRONOUNCED' | 'ITERATED' | 'COUNTED' | 'PRONOUNCED_YEAR'

export type SayGender = 'N/A' | 'MASCULINE' | 'FEMININE' | 'NEUTER'

export interface SayRequest {
  readonly type: SayType
  readonly method: SayMethod
  readonly gender: SayGender
  /** As it stands in the dialplan: `42`, `1.50`, seconds since the epoch, `Bob`. */
  readonly text: string
  /** ms since the epoch. */
  readonly now: number
  /** In which times are told. */
  readonly zone: Zone
}

/** How numbers, dates and names are said in a language (`mod_say_en`). */
export interface SayLanguage {
  /** `en`: what `say-module` of the XML names. */
  readonly name: string
  /**
   * The sounds in order, below the language's folder and without extension (`digits/20`), or `scheme://…`. Empty when the text is
   * none of that type; undefined when the language does not say the type.
   */
  say(request: SayRequest): readonly string[] | undefined
}

/** A way to deliver text messages: `sip`, `verto`, `conf`, `event`, `api`. */
export interface ChatProtocol {
  readonly name: string
  /** False when it could not be delivered. Where the message is `blocking`, that is awaited. */
  send(message: ChatMessage, sw: Switch): Promise<boolean> | boolean
  /** Whether it has somebody by that name (`user@domain`, or a number) whom it would reach now. */
  reaches?(to: string, sw: Switch): boolean
}

/**
 * What looks at messages before they are delivered (`GLOBAL_SMS`, the plan for messages). It may change the message.
 * `handled`: it did something with it; `finished`: that was all, nothing is to be delivered; `failed`: neither.
 */
export interface ChatFilter {
  readonly name: `GLOBAL_${string}`
  take(message: ChatMessage, sw: Switch): Promise<ChatVerdict>
}

export type ChatVerdict = 'passed' | 'handled' | 'finished' | 'failed'

/** A command of the JSON API (`json`, Verto's `jsapi`). */
export interface JsonCommand {
  readonly name: string
  readonly about: string
  /** Gets what stands in the request under `data`. */
  run(data: unknown, context: CommandContext): Promise<JsonReply> | JsonReply
}

export interface JsonReply {
  readonly ok: boolean
  /** What stands in the reply under `response`. */
  readonly response: unknown
}

/** One action to execute, with where it stands in the dialplan. */
export interface PlannedAction {
  readonly application: string
  readonly data: string
  readonly place?: SourcePlace | undefined
}

/** Ways to find what to do with a channel: `XML`, `inline`. */
export interface Dialplan {
  readonly name: string
  /** The actions for a channel; undefined when nothing matches. `argument` is what follows the colon of `XML:/file`. */
  hunt(
    channel: Channel,
    profile: CallerProfile,
    argument: string,
  ): Promise<readonly PlannedAction[] | undefined>
}

/** Keeps registrations, voicemail, limits…; keys of a realm are unique. */
export interface Store extends Disposable {
  readonly name: string
  get(realm: string, key: string): string | undefined
  /** `expires` in ms since the epoch. */
  put(realm: string, key: string, value: string, expires?: number): void
  delete(realm: string, key: string): boolean
  list(realm: string, prefix?: string): Iterable<readonly [key: string, value: string]>
}

/** What a SQL statement takes and gives: text, numbers (whole ones up to 2^53), blobs, NULL. */
export type SqlValue = string | number | Uint8Array | null

/**
 * A small SQL database of a module's own (SQLite; `voicemail_default.db` below db_dir). A statement runs on the signalling thread, so
 * it must be a short one: found by an index, a few rows. A fault of the file or the statement throws SwitchError DATABASE_FAULT.
 */
export interface Database extends Disposable {
  /** Runs statements that give no rows, several parted by `;`: tables, indexes. */
  execute(sql: string): void
  /** How many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number
  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined
  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[]
  /** All of it or nothing: what it did is on disk when this returns, and undone when it throws. */
  transaction<T>(work: () => T): T
}
