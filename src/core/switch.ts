/** The switch: the root object. It owns the configuration, the channels, the media engine and what modules bring. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { reasonOf, SwitchError } from '../base/errors.ts'
import { logCounts, logger, logLevelNumber, logLevels, setLogThreshold } from '../base/log.ts'
import type { MediaEngine } from '../media/engine.ts'
import type { XmlNode } from '../xml/node.ts'
import { XmlRegistry } from '../xml/registry.ts'
import { Acls } from './acl.ts'
import type { CallRecorder } from './cdr/recorders.ts'
import type { Channel } from './channel.ts'
import { channelScope, globalScope } from './channel-scope.ts'
import { ChannelTable } from './channel-table.ts'
import { chatCounters } from './chat.ts'
import { CodecTable } from './codec-table.ts'
import { Completions } from './console-complete.ts'
import { Counters } from './counters.ts'
import { Directory } from './directory.ts'
import { DtmfDurations } from './dtmf-durations.ts'
import { EventChannels } from './event-channels.ts'
import { EventBus, type SwitchEvent } from './events.ts'
import { expand } from './expand/expand.ts'
import { GlobalVariables } from './globals.ts'
import { startHeartbeat } from './heartbeat.ts'
import type {
  Application,
  ChatFilter,
  ChatProtocol,
  Command,
  Database,
  Dialplan,
  Endpoint,
  JsonCommand,
  Module,
  SayLanguage,
  Speaker,
  SpeechEngine,
  Store,
} from './interfaces.ts'
import { Limits } from './limits.ts'
import { liveLegs } from './live-legs.ts'
import { liveLog } from './live-log.ts'
import { LiveTables } from './live-tables.ts'
import { MessageWaiting } from './message-waiting.ts'
import { type ModuleAbsence, ModuleTable } from './module-table.ts'
import type { RegistrationSource } from './registration-row.ts'
import { Registry } from './registry.ts'
import { Scheduler } from './scheduler.ts'
import type { Values } from './settings.ts'
import { readSettings } from './settings.ts'
import { SpeechDesk } from './speech/speech-desk.ts'
import { SpokenPrompts } from './speech/spoken-prompts.ts'
import { switchSettings } from './switch-settings.ts'
import { noTimeZones, readTimeZones, type TimeZones } from './time/timezone.ts'

const log = logger('core/switch')

export interface SwitchOptions {
  /** Holds freeswitch.xml. */
  readonly confDir: string
  /** Everything the switch writes lies below it. */
  readonly dataDir: string
  readonly soundsDir: string
  /** From the command line: beat X-PRE-PROCESS `set` of that name. */
  readonly overrides: ReadonlyMap<string, string>
  /** Preset global variables (paths, addresses, generated passwords); a conf may change them. */
  readonly presets: ReadonlyMap<string, string>
  readonly version: string
  readonly store: Store
  /** How long an end waits for the other sides of calls to confirm theirs, ms; 0: not at all. */
  readonly partingMs: number
  /** Opens or makes the database of that name in db_dir; throws SwitchError STORE_NOT_OPEN. */
  openDatabase(name: string): Database
  /** Our public address as a STUN server sees it, for X-PRE-PROCESS `stun-set`. */
  stunLookup?(host: string, port: number): Promise<string>
  /** The same with the port, for the command `stun`. */
  stunBinding?(host: string, port: number): Promise<{ address: string; port: number }>
  /** Every module name that `loadModule` knows. */
  moduleNames?(): readonly string[]
  /** Loads a module by its name in modules.conf.xml; undefined: there is none of that name. */
  loadModule(name: string): Promise<Module | undefined>
  /** What is known of a module that `loadModule` does not know, by its name elsewhere. */
  absentModule?(name: string): ModuleAbsence | undefined
  /** Starts the engine when switch.conf has been read. */
  startMedia(settings: Values, globals: GlobalVariables): Promise<MediaEngine>
}

export class Switch implements AsyncDisposable {
  readonly options: SwitchOptions
  readonly coreUuid: string = randomUUID()
  readonly startedAt = Date.now()
  readonly globals = new GlobalVariables()
  readonly events: EventBus
  readonly scheduler: Scheduler
  /** JSON messages between the switch and browsers. */
  readonly eventChannels = new EventChannels()
  /** What operators see while it changes. */
  readonly liveTables = new LiveTables()
  /** Of everything that is dropped, limited or refused. */
  readonly counters = new Counters()
  readonly channels = new ChannelTable()
  /** Counters of the limit backend `hash`, and those of `db`. */
  readonly limits = new Limits()
  readonly databaseLimits = new Limits()
  readonly directory: Directory
  readonly messageWaiting: MessageWaiting
  readonly acls: Acls
  readonly endpoints = new Registry<Endpoint>('endpoint')
  readonly applications = new Registry<Application>('application')
  readonly commands = new Registry<Command>('command')
  readonly jsonCommands = new Registry<JsonCommand>('json command')
  readonly chats = new Registry<ChatProtocol>('chat protocol')
  readonly chatFilters = new Registry<ChatFilter>('chat filter')
  readonly speakers = new Registry<Speaker>('speaker')
  readonly languages = new Registry<SayLanguage>('say language')
  readonly speechEngines = new Registry<SpeechEngine>('text-to-speech engine')
  /** Has texts spoken: `tts://engine|voice|text`. */
  readonly speech: SpeechDesk
  readonly dialplans = new Registry<Dialplan>('dialplan')
  readonly codecs = new CodecTable()
  readonly modules: ModuleTable
  readonly xml: XmlRegistry
  readonly settings: Values
  readonly dtmfDurations: DtmfDurations
  /** Who writes call detail records. */
  readonly callRecorders = new Set<CallRecorder>()
  /** Where `show registrations` asks: each endpoint that keeps registrations adds itself. */
  readonly registrationSources = new Set<RegistrationSource>()
  /** What Tab completes at the console. */
  readonly completions = new Completions(this)
  /** Every event of a channel carries its variables (`verbose-channel-events` of switch.conf, `fsctl verbose_events`). */
  verboseEvents: boolean
  /** `fsctl api_expansion`. */
  expandsCommands = true
  /** Set while the switch goes down: no new calls. */
  isStopping = false
  /** `fsctl shutdown elegant` or `asap`: it ends when no call is left. */
  isShutdownRequested = false
  #media: MediaEngine | undefined
  #sessionId = 0
  #stopped: (() => void)[] = []
  #zones: TimeZones | undefined
  readonly #lines = liveLog()

  private constructor(options: SwitchOptions, xml: XmlRegistry, globals: GlobalVariables) {
    this.options = options
    this.xml = xml
    this.globals = globals
    this.settings = readSettings(xml.configuration('switch.conf'), switchSettings)
    this.dtmfDurations = new DtmfDurations(this.settings)
    this.verboseEvents = this.settings.boolean('verbose-channel-events')
    globals.set('core_uuid', this.coreUuid)
    const switchname = this.settings.text('switchname') || globals.get('switchname') || hostname()
    globals.set('switchname', switchname)
    this.events = new EventBus({
      coreUuid: this.coreUuid,
      hostname: globals.get('hostname') ?? hostname(),
      switchname,
      ipv4: globals.get('local_ip_v4') ?? '127.0.0.1',
      ipv6: globals.get('local_ip_v6') ?? '::1',
    })
    this.liveTables.add(liveLegs(this))
    this.liveTables.add(this.#lines)
    this.scheduler = new Scheduler(this.events)
    this.messageWaiting = new MessageWaiting(this.events)
    this.directory = new Directory(() => this.xml.section('directory'))
    this.acls = new Acls(this)
    this.modules = new ModuleTable(this)
    const cache = globals.get('cache_dir') ?? join(options.dataDir, 'cache')
    this.speech = new SpeechDesk(this.speechEngines, join(cache, 'tts'))
  }

  /** Reads the configuration, starts the media engine and loads the modules. Throws SwitchError when it cannot start. */
  static async start(options: SwitchOptions): Promise<Switch> {
    const globals = new GlobalVariables()
    for (const [name, value] of options.presets) globals.set(name, value)
    const xml = await XmlRegistry.load({
      confDir: options.confDir,
      variables: globals,
      overrides: options.overrides,
      ...(options.stunLookup ? { stunLookup: options.stunLookup } : {}),
    })
    const sw = new Switch(options, xml, globals)
    sw.applySettings()
    sw.#media = await options.startMedia(sw.settings, sw.globals)
    sw.#media.fetchers.set('tts', (_scheme, words) => sw.speech.fetch(words))
    const prompts = new SpokenPrompts(sw)
    sw.#media.fetchers.set('prompt', (_scheme, path) => prompts.replace(path))
    sw.counters.add('prompts', () => prompts.figures)
    addOwnCounters(sw)
    try {
      await sw.modules.loadConfigured()
    } catch (thrown) {
      await sw[Symbol.asyncDispose]()
      throw thrown
    }
    startHeartbeat(sw)
    sw.events.announce('STARTUP', (event) => event.add('Event-Info', 'System Ready'))
    return sw
  }

  get media(): MediaEngine {
    if (!this.#media) throw new SwitchError('MEDIA_NOT_STARTED', 'the media engine is not running')
    return this.#media
  }

  /** The zones of timezones.conf.xml. */
  get timeZones(): TimeZones {
    const configuration = this.configuration('timezones.conf')
    this.#zones ??= configuration ? readTimeZones(configuration) : noTimeZones
    return this.#zones
  }

  nextSessionId(): number {
    return ++this.#sessionId
  }

  /** What switch.conf says of limits and the log. */
  applySettings(): void {
    this.channels.maximum = this.settings.number('max-sessions')
    this.channels.maximumPerSecond = this.settings.number('sessions-per-second')
    const level = logLevelNumber(this.settings.text('loglevel'))
    if (level !== undefined) setLogThreshold(level)
  }

  /** Reads the XML anew; the old tree stays when the new one does not parse (SwitchError says where). */
  async reloadXml(): Promise<void> {
    try {
      await this.xml.reload()
    } catch (thrown) {
      log.err(`XML not reloaded, the old one stays: ${reasonOf(thrown)}`)
      throw thrown
    }
    this.acls.reload()
    this.#zones = undefined
    this.events.announce('RELOADXML')
    log.notice('XML reloaded')
  }

  /** The `<configuration>` of that name in the tree that is loaded now. */
  configuration(name: string): XmlNode | undefined {
    return this.xml.configuration(name)
  }

  /** Text with its `${}` resolved for a channel, or for the switch alone. */
  expand(text: string, channel?: Channel): string | Promise<string> {
    return expand(text, channel ? channelScope(channel) : globalScope(this))
  }

  /** `alias add <word> <line>`: words that stand for console lines. */
  readonly aliases = new Map<string, string>()

  /** The line with its first word replaced, if that is an alias. */
  resolveAlias(line: string): string {
    const space = line.indexOf(' ')
    const word = space < 0 ? line : line.slice(0, space)
    const meaning = this.aliases.get(word)
    return meaning === undefined ? line : meaning + line.slice(word.length)
  }

  /** Runs a console line (`command args`). An unknown command answers as the event socket does. `isReport`: a hook of an ended channel. */
  async runCommand(line: string, channel?: Channel, isReport = false): Promise<string> {
    const trimmed = line.trimStart()
    const space = trimmed.search(/[ \n]/)
    const name = space < 0 ? trimmed.trimEnd() : trimmed.slice(0, space)
    const args = space < 0 ? '' : trimmed.slice(space + 1)
    const command = this.commands.get(name)
    if (!command) return `-ERR ${name} Command not found!\n`
    return this.#runCommand(command, args, channel, isReport)
  }

  /** `${name(args)}` inside a text; undefined when there is no such command. */
  commandInText(
    name: string,
    args: string,
    channel: Channel | undefined,
  ): string | Promise<string> | undefined {
    const command = this.commands.get(name)
    if (!command) return undefined
    return this.#runCommand(command, args, channel)
  }

  #runCommand(
    command: Command,
    args: string,
    channel: Channel | undefined,
    isReport = false,
  ): string | Promise<string> {
    // Blanks around the arguments mean nothing, except to the command that completes a line.
    const argument = command.name === 'console_complete' ? args : trimBlanks(args)
    const fill = (event: SwitchEvent) => {
      event.add('API-Command', command.name)
      if (argument) event.add('API-Command-Argument', argument)
    }
    if (channel && isReport) channel.announce('REQUEST_PARAMS', fill)
    else this.events.announce('API', fill)
    try {
      const reply = command.run(argument, { sw: this, channel })
      if (typeof reply === 'string') return reply
      return reply.catch((thrown: unknown) => this.#commandFailed(command, args, thrown))
    } catch (thrown) {
      return this.#commandFailed(command, args, thrown)
    }
  }

  #commandFailed(command: Command, args: string, thrown: unknown): string {
    if (!(thrown instanceof SwitchError)) {
      log.err(`${command.name} ${args} failed: ${thrown instanceof Error ? thrown.stack : thrown}`)
    }
    return `-ERR ${reasonOf(thrown)}\n`
  }

  /** Resolves when the switch is asked to end (`fsctl shutdown`). */
  untilShutdown(): Promise<void> {
    return new Promise((resolve) => this.#stopped.push(resolve))
  }

  /** Asks whoever runs the switch to end it. */
  requestShutdown(): void {
    for (const resolve of this.#stopped) resolve()
    this.#stopped = []
  }

  /** Ends every call and gives everything back. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isStopping) return
    this.isStopping = true
    this.channels.pausedInbound = true
    this.channels.pausedOutbound = true
    for (const channel of this.channels.list()) channel.hangup('SYSTEM_SHUTDOWN')
    await Promise.race([
      this.channels.untilEmpty(),
      new Promise((go) => setTimeout(go, 3000).unref()),
    ])
    this.events.announce('SHUTDOWN', (event) => event.add('Event-Info', 'System Shutting Down'))
    this.speech.close()
    await this.modules.unloadAll()
    this.scheduler.stop()
    this.#lines[Symbol.dispose]()
    await this.#media?.[Symbol.asyncDispose]()
    this.options.store[Symbol.dispose]()
  }
}

function trimBlanks(text: string): string {
  return text.replace(/^[ \t\v\r\n]+|[ \t\v\r\n]+$/g, '')
}

function addOwnCounters(sw: Switch): void {
  sw.counters.add('channels', () => ({
    up: sw.channels.count,
    sinceStartup: sw.channels.sinceStartup,
    peak: sw.channels.peak,
    ...Object.fromEntries(
      Object.entries(sw.channels.refused).map(([why, count]) => [`refused ${why}`, count]),
    ),
  }))
  sw.counters.add('media', async () => {
    const { dropped, ...figures } = await sw.media.figures()
    const reasons = Object.entries(dropped).map(([why, count]) => [`dropped ${why}`, count])
    return { ...figures, ...Object.fromEntries(reasons) }
  })
  sw.counters.add('live tables', () => ({
    watchers: sw.liveTables.watchers,
    'rows kept': sw.liveTables.kept,
    ...sw.liveTables.figures,
  }))
  sw.counters.add('messages', () => ({ ...chatCounters }))
  sw.counters.add('speech', () => sw.speech.figures)
  sw.counters.add('log', () =>
    Object.fromEntries(logLevels.map((level, index) => [level, logCounts[index] ?? 0])),
  )
}
