/** The real server process for interop tests: our own conf, or a changed copy of it, on ports of its own. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EventSocketClient, type SocketEvent } from '../../src/cli/event-socket-client.ts'
import { freePorts } from './ports.ts'
import { eventually, Program, root } from './programs.ts'

export interface ServerOptions {
  /** Another configuration than the project's; see `copyOfConf`. */
  readonly conf?: string
  /** A data folder that outlives this server, for restarts. */
  readonly data?: string
  /** Ports of a server before this one. */
  readonly ports?: ServerPorts
  /** Further `--set`. */
  readonly set?: Readonly<Record<string, string>>
  /** The events that are heard, ALL unless told. '' for none: under load they would be a load of their own. */
  readonly events?: string
  /** How many RTP ports; 400 unless told. */
  readonly rtpPorts?: number
}

export interface ServerPorts {
  readonly internal: number
  readonly external: number
  readonly eventSocket: number
  readonly firstRtp: number
  readonly lastRtp: number
}

export const password = 'a-password-of-tests'

/** What each launcher of scripts/ starts. */
const compiled = { strowger: 'main', add_user: 'cli/add-user', fs_cli: 'cli/main' } as const

/** Starts one of our programs: by its launcher, or from the build folder that this file was compiled to. */
export function launch(name: keyof typeof compiled, args: readonly string[]): Program {
  const options = { cwd: root }
  const built = fileURLToPath(new URL(`../../src/${compiled[name]}.js`, import.meta.url))
  return existsSync(built) && !built.startsWith(join(root, '.build', 'src'))
    ? new Program(process.execPath, [built, ...args], options)
    : new Program(join(root, 'scripts', name), args, options)
}

export function folderForTest(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'strowger-interop-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export type Edit = (text: string) => string

/** Copies conf/ to `to` and changes some of its files. A change that changes nothing is a mistake in the test. */
export function copyOfConf(to: string, edits: Readonly<Record<string, Edit>> = {}): string {
  cpSync(join(root, 'conf'), to, { recursive: true })
  for (const [name, edit] of Object.entries(edits)) editConf(to, name, edit)
  return to
}

export function editConf(conf: string, name: string, edit: Edit): void {
  const path = join(conf, name)
  const before = readFileSync(path, 'utf8')
  const after = edit(before)
  if (before === after)
    throw new Error(`${name} was not changed: its text is another than the test thinks`)
  writeFileSync(path, after)
}

/** A call to a user who does not take it ends there: the caller is told why. */
export const withoutMailboxes: Edit = (text) =>
  text.replace(
    /<action application="answer"\/>\s*<action application="sleep" data="1000"\/>\s*<action application="voicemail" [^>]*>/,
    '<action application="eval" data="nothing more to try"/>',
  )

/**
 * Phones are not told of their mailbox when they register: SIPp takes a NOTIFY for the call that it waits for. An edit of
 * `sip_profiles/internal.xml`.
 */
export const withoutLamps: Edit = (text) =>
  text.replace(
    '<settings>',
    '<settings>\n    <param name="send-message-query-on-register" value="false"/>',
  )

export async function serverPorts(rtpPorts = 400): Promise<ServerPorts> {
  const internal = await freePorts(6)
  const firstRtp = await freePorts(rtpPorts)
  return {
    internal,
    external: internal + 2,
    eventSocket: internal + 4,
    firstRtp,
    lastRtp: firstRtp + rtpPorts - 1,
  }
}

/** The arguments that give a server these ports and this data folder. */
export function serverArguments(
  ports: ServerPorts,
  data: string,
  conf?: string,
  set: Readonly<Record<string, string>> = {},
): string[] {
  const all: Record<string, string> = {
    internal_sip_port: `${ports.internal}`,
    external_sip_port: `${ports.external}`,
    internal_ws_binding: '',
    internal_wss_binding: '',
    event_socket_port: `${ports.eventSocket}`,
    verto_port: '0',
    verto_secure_port: '0',
    rtp_start_port: `${ports.firstRtp}`,
    rtp_end_port: `${ports.lastRtp}`,
    local_ip_v4: '127.0.0.1',
    local_ip_v6: '', // the profiles for IPv6 pass over an empty address
    domain: '127.0.0.1',
    default_password: password,
    ...set,
  }
  return [
    '--no-console',
    ...['--data', data],
    ...(conf === undefined ? [] : ['--conf', conf]),
    ...Object.entries(all).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
  ]
}

/** A running server with an open event socket that has heard every event since. Disposing kills the process. */
export class Server implements AsyncDisposable {
  readonly program: Program
  readonly ports: ServerPorts
  readonly data: string
  readonly socket: EventSocketClient
  /** Every event since the start. */
  readonly events: SocketEvent[] = []
  readonly #ownFolder: Disposable | undefined

  private constructor(
    program: Program,
    ports: ServerPorts,
    data: string,
    socket: EventSocketClient,
    ownFolder: Disposable | undefined,
  ) {
    this.program = program
    this.ports = ports
    this.data = data
    this.socket = socket
    this.#ownFolder = ownFolder
    socket.on('event', (event) => this.events.push(event))
  }

  static async start(options: ServerOptions = {}): Promise<Server> {
    const ownFolder = options.data === undefined ? folderForTest() : undefined
    const data = options.data ?? ownFolder?.path ?? ''
    const ports = options.ports ?? (await serverPorts(options.rtpPorts))
    const program = launch('strowger', serverArguments(ports, data, options.conf, options.set))
    try {
      await eventually(
        'the server to be ready',
        () => {
          if (program.exitCode !== undefined) throw new Error(`it ended: ${program.text}`)
          return /is ready\./.test(program.text)
        },
        60_000,
        () => program.text,
      )
      const secret = readFileSync(join(data, 'event_socket_password'), 'utf8').trim()
      const socket = await EventSocketClient.connect({
        host: '127.0.0.1',
        port: ports.eventSocket,
        password: secret,
      })
      const server = new Server(program, ports, data, socket, ownFolder)
      if (options.events !== '') await socket.subscribe(options.events ?? 'ALL')
      return server
    } catch (thrown) {
      await program[Symbol.asyncDispose]()
      ownFolder?.[Symbol.dispose]()
      throw thrown
    }
  }

  /** Runs a console command; its output without the last line end. */
  async api(command: string): Promise<string> {
    return (await this.socket.api(command, { timeout: 30_000 })).trimEnd()
  }

  /** The first event of this name, past or to come, whose headers are as wanted. */
  event(
    name: string,
    wanted: Readonly<Record<string, string | RegExp>> = {},
    ms?: number,
  ): Promise<SocketEvent> {
    const fits = (event: SocketEvent) =>
      event.name === name &&
      Object.entries(wanted).every(([header, value]) => {
        const there = event.headers.get(header) ?? ''
        return typeof value === 'string' ? there === value : value.test(there)
      })
    return eventually(
      `${name} with ${Object.entries(wanted).join(' ')}`,
      () => this.events.find(fits),
      ms,
      () => this.events.map((event) => event.name).slice(-20),
    )
  }

  /** From here on `event` sees only what is new. */
  forgetEvents(): void {
    this.events.length = 0
  }

  async channelCount(): Promise<number> {
    const text = await this.api('show channels count')
    const match = /(\d+) total/.exec(text)
    if (match === null) throw new Error(`show channels count said ${JSON.stringify(text)}`)
    return Number(match[1])
  }

  /** Waits until no channel is left but `others`. */
  async isIdle(others = 0): Promise<void> {
    await eventually(
      'all channels to go',
      async () => (await this.channelCount()) === others,
      undefined,
      () => this.api('show channels'),
    )
  }

  /** Resident memory, KiB. */
  get residentMemory(): number {
    const status = readFileSync(`/proc/${this.program.pid}/status`, 'utf8')
    return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1] ?? 0)
  }

  /** Open files and sockets. */
  get openFiles(): number {
    return readdirSync(`/proc/${this.program.pid}/fd`).length
  }

  get log(): string {
    return readFileSync(join(this.data, 'log', 'strowger.log'), 'utf8')
  }

  /** Waits until the log file matches. */
  logs(pattern: RegExp, ms?: number): Promise<RegExpExecArray> {
    return eventually(
      `the log to have ${pattern}`,
      () => pattern.exec(this.log) ?? undefined,
      ms,
      () => this.log.slice(-1500),
    )
  }

  /** Ends it as an operator does, by SIGTERM; its exit code. */
  async stop(ms?: number): Promise<number> {
    this.program.signal('SIGTERM')
    return await this.program.ends(ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
    await this.program[Symbol.asyncDispose]()
    this.#ownFolder?.[Symbol.dispose]()
  }
}
