/** A client of the Event Socket: connects, authenticates, sends commands in order and hands out events and log lines. */
import { randomUUID } from 'node:crypto'
import { connect as openSocket, type Socket } from 'node:net'
import { Emitter } from '../base/emitter.ts'
import { reasonOf, SwitchError } from '../base/errors.ts'
import {
  commandText,
  eventOf,
  type Frame,
  FrameReader,
  type SocketEvent,
} from './event-socket-frames.ts'

export type { Frame, SocketEvent } from './event-socket-frames.ts'

/** One line of the server's log. */
export interface SocketLogLine {
  /** 0 console … 7 debug. */
  readonly level: number
  readonly text: string
  /** The channel it is about, or ''. */
  readonly uuid: string
  readonly file: string
  readonly line: number
}

export interface ConnectSettings {
  readonly host: string
  readonly port: number
  readonly password: string
  /** `user@domain`: authenticates as a user of the directory instead of with the switch's password. */
  readonly user?: string | undefined
  /** Milliseconds for connecting and authenticating together; 0 or absent waits 10 s. */
  readonly connectTimeout?: number
  /** Sees every command and frame, for debugging. The password is not shown. */
  readonly trace?: Trace | undefined
  readonly signal?: AbortSignal
}

export type Trace = (direction: 'sent' | 'received', text: string) => void

type ClientEvents = {
  event: SocketEvent
  log: SocketLogLine
  /** The server's farewell, and the linger notice of an outbound session. */
  notice: Frame
  /** A frame of a kind this client does not know (events as XML among them). */
  other: Frame
  /** Why the connection ended; the last thing emitted. */
  closed: string
}

/** The system's error codes that a person meets here. */
const plainWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to this host',
  ENETUNREACH: 'no route to this network',
  ENOTFOUND: 'unknown host',
  ETIMEDOUT: 'no answer',
}

interface Pending {
  readonly resolve: (frame: Frame) => void
  readonly reject: (reason: Error) => void
  timer: NodeJS.Timeout | undefined
}

export interface RequestSettings {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Milliseconds to wait for the answer; absent or 0 waits for ever. */
  readonly timeout?: number
}

/**
 * Answers come back in the order of the commands, so any number may be under way. A command that timed out keeps its
 * place: its late answer is thrown away and cannot be taken for the next one's.
 */
export class EventSocketClient implements AsyncDisposable {
  /** Resolves with the reason when the connection has ended; never rejects. */
  readonly whenClosed: Promise<string>
  readonly #socket: Socket
  readonly #trace: Trace | undefined
  readonly #reader = new FrameReader()
  readonly #emitter = new Emitter<ClientEvents>()
  readonly #pending: Pending[] = []
  #closedReason: string | undefined
  #lastError = ''
  #listensForJobs = false

  private constructor(socket: Socket, trace?: Trace) {
    this.#socket = socket
    this.#trace = trace
    this.whenClosed = new Promise((resolve) => this.#emitter.once('closed', resolve))
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
    socket.on('data', (bytes: Buffer) => this.#receive(bytes))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#lastError = plainWords[error.code ?? ''] ?? reasonOf(error)
    })
    socket.on('end', () => socket.end())
    socket.on('close', () => this.#ended())
  }

  /**
   * Connects and authenticates. Throws a SwitchError: EVENT_SOCKET_UNREACHABLE, EVENT_SOCKET_DENIED (access list),
   * EVENT_SOCKET_BAD_PASSWORD or EVENT_SOCKET_TIMEOUT.
   */
  static async connect(settings: ConnectSettings): Promise<EventSocketClient> {
    const { host, port, signal } = settings
    const limit = settings.connectTimeout || 10_000
    const socket = openSocket({ host, port })
    const client = new EventSocketClient(socket, settings.trace)
    let timer: NodeJS.Timeout | undefined
    let onAbort = () => {}
    const cut = new Promise<never>((_, reject) => {
      const fail = (code: string, why: string) =>
        reject(new SwitchError(code, `${host}:${port}: ${why}`))
      timer = setTimeout(() => fail('EVENT_SOCKET_TIMEOUT', `no answer within ${limit} ms`), limit)
      client.#emitter.once('closed', (reason) => fail('EVENT_SOCKET_UNREACHABLE', reason))
      onAbort = () => fail('EVENT_SOCKET_UNREACHABLE', 'given up')
      signal?.addEventListener('abort', onAbort, { once: true })
      if (signal?.aborted) onAbort()
    })
    try {
      await Promise.race([client.#authenticate(settings), cut])
      return client
    } catch (thrown) {
      client.close()
      throw thrown
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      cut.catch(() => undefined)
    }
  }

  /** Speaks over a socket that is already open, with no authentication: the outbound side, where the switch called us. */
  static over(socket: Socket, trace?: Trace): EventSocketClient {
    return new EventSocketClient(socket, trace)
  }

  get isClosed(): boolean {
    return this.#closedReason !== undefined
  }

  on<K extends keyof ClientEvents>(
    event: K,
    listener: (value: ClientEvents[K]) => void,
  ): Disposable {
    return this.#emitter.on(event, listener)
  }

  /** Any command, such as `filter Unique-ID x`; resolves with the frame that answers it, `-ERR` or not. */
  request(command: string, settings: RequestSettings = {}): Promise<Frame> {
    const text = commandText(command, settings.headers, settings.body)
    if (this.isClosed) return Promise.reject(closedError(this.#closedReason ?? ''))
    return new Promise((resolve, reject) => {
      const pending: Pending = { resolve, reject, timer: undefined }
      if (settings.timeout) {
        pending.timer = setTimeout(() => {
          reject(new SwitchError('EVENT_SOCKET_TIMEOUT', `no answer within ${settings.timeout} ms`))
        }, settings.timeout)
      }
      this.#pending.push(pending)
      this.write(text)
    })
  }

  /** Like `request`, giving only the Reply-Text; throws EVENT_SOCKET_REFUSED with the server's words on `-ERR`. */
  async command(command: string, settings: RequestSettings = {}): Promise<string> {
    const frame = await this.request(command, settings)
    const reply = frame.headers.get('Reply-Text') ?? frame.body
    if (reply.startsWith('-ERR')) {
      throw new SwitchError('EVENT_SOCKET_REFUSED', reply.slice(4).trim())
    }
    return reply
  }

  /** Runs a console command and resolves with all it printed. Throws only when the socket itself refuses it. */
  async api(command: string, settings: RequestSettings = {}): Promise<string> {
    const frame = await this.request(`api ${command}`, settings)
    if (frame.contentType === 'api/response') return frame.body
    const reply = frame.headers.get('Reply-Text') ?? ''
    throw new SwitchError('EVENT_SOCKET_REFUSED', reply.replace(/^-ERR/, '').trim())
  }

  /** Runs a console command beside this connection; resolves with the job's uuid. Its output comes as BACKGROUND_JOB. */
  async bgapi(command: string, settings: RequestSettings = {}): Promise<string> {
    const frame = await this.request(`bgapi ${command}`, settings)
    const uuid = frame.headers.get('Job-UUID')
    const reply = frame.headers.get('Reply-Text') ?? ''
    if (uuid === undefined) {
      throw new SwitchError('EVENT_SOCKET_REFUSED', reply.replace(/^-ERR/, '').trim())
    }
    return uuid
  }

  /** `bgapi`, waiting for the job: resolves with its output. */
  async job(command: string, timeout = 0): Promise<string> {
    if (!this.#listensForJobs) {
      await this.command('event plain BACKGROUND_JOB')
      this.#listensForJobs = true
    }
    const uuid = randomUUID()
    const ended = this.waitFor(
      (event) => event.name === 'BACKGROUND_JOB' && event.headers.get('Job-UUID') === uuid,
      timeout,
    )
    ended.catch(() => undefined)
    await this.bgapi(command, { headers: { 'Job-UUID': uuid } })
    return (await ended).body
  }

  /** Asks for events: names, `ALL`, or `CUSTOM a::b c::d`. */
  subscribe(names: string, format: 'plain' | 'json' | 'xml' = 'plain'): Promise<string> {
    return this.command(`event ${format} ${names}`)
  }

  /** Asks for the log up to a level (name or number; the server's default when absent). */
  log(level = ''): Promise<string> {
    return this.command(`log ${level}`.trim())
  }

  /** Sends a message to a channel: `{ 'call-command': 'execute', 'execute-app-name': 'playback', … }`. */
  sendmsg(
    uuid: string | undefined,
    headers: Readonly<Record<string, string>>,
    body = '',
  ): Promise<string> {
    return this.command(uuid ? `sendmsg ${uuid}` : 'sendmsg', { headers, body })
  }

  /** The next event of this name, or that the test accepts. Throws EVENT_SOCKET_TIMEOUT after `timeout` ms (0: never). */
  waitFor(wanted: string | ((event: SocketEvent) => boolean), timeout = 0): Promise<SocketEvent> {
    const accepts =
      typeof wanted === 'string' ? (event: SocketEvent) => event.name === wanted : wanted
    return new Promise((resolve, reject) => {
      const finish = () => {
        clearTimeout(timer)
        listening[Symbol.dispose]()
        closing[Symbol.dispose]()
      }
      const listening = this.on('event', (event) => {
        if (!accepts(event)) return
        finish()
        resolve(event)
      })
      const closing = this.on('closed', (reason) => {
        finish()
        reject(closedError(reason))
      })
      const timer = timeout
        ? setTimeout(() => {
            finish()
            const what = typeof wanted === 'string' ? wanted : 'such event'
            reject(new SwitchError('EVENT_SOCKET_TIMEOUT', `no ${what} within ${timeout} ms`))
          }, timeout)
        : undefined
      if (this.isClosed) {
        finish()
        reject(closedError(this.#closedReason ?? ''))
      }
    })
  }

  /** Bytes as they are, for those who test the server's manners. */
  write(text: string): void {
    this.#trace?.('sent', text.replace(/^(auth|userauth) .*/i, '$1 ***').trimEnd())
    this.#socket.write(text)
  }

  /** Ends the connection now. What is still unanswered is rejected. */
  close(): void {
    if (this.isClosed) return
    this.#socket.destroy()
    this.#ended('closed here')
  }

  /** Takes leave (`exit`) and waits until the connection has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isClosed) {
      await this.request('exit', { timeout: 1000 }).catch(() => undefined)
      this.close()
    }
    await this.whenClosed
  }

  async #authenticate(settings: ConnectSettings): Promise<void> {
    const where = `${settings.host}:${settings.port}`
    const greeting = await this.#answer()
    if (greeting.contentType === 'text/rude-rejection') {
      const words = greeting.body.trim() || 'access denied'
      throw new SwitchError('EVENT_SOCKET_DENIED', `${where}: ${words}`)
    }
    if (greeting.contentType !== 'auth/request') {
      throw new SwitchError(
        'EVENT_SOCKET_BAD_FRAME',
        `${where} does not speak the event socket's language`,
      )
    }
    const command = settings.user
      ? `userauth ${settings.user}:${settings.password}`
      : `auth ${settings.password}`
    const answer = await this.request(command)
    const reply = answer.headers.get('Reply-Text') ?? ''
    if (!reply.startsWith('+OK')) {
      throw new SwitchError(
        'EVENT_SOCKET_BAD_PASSWORD',
        `${where}: the ${settings.user ? 'user or ' : ''}password was refused`,
      )
    }
  }

  /** The next frame that answers something, without having sent a command: the greeting. */
  #answer(): Promise<Frame> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject, timer: undefined })
    })
  }

  #receive(bytes: Buffer): void {
    let frames: Frame[]
    try {
      frames = this.#reader.push(bytes)
    } catch (thrown) {
      this.#lastError = reasonOf(thrown)
      this.#socket.destroy()
      return
    }
    for (const frame of frames) this.#dispatch(frame)
  }

  #dispatch(frame: Frame): void {
    if (this.#trace) {
      const head = frame.headers.entries.map(([name, value]) => `${name}: ${value}`).join('\n')
      this.#trace('received', `${head}\n\n${frame.body}`.trimEnd())
    }
    switch (frame.contentType) {
      case 'command/reply':
      case 'api/response':
      case 'auth/request':
      case 'text/rude-rejection': {
        const pending = this.#pending.shift()
        clearTimeout(pending?.timer)
        pending?.resolve(frame)
        return
      }
      case 'log/data':
        this.#emitter.emit('log', {
          level: Number(frame.headers.get('Log-Level') ?? 0) || 0,
          text: frame.body,
          uuid: frame.headers.get('User-Data') ?? '',
          file: frame.headers.get('Log-File') ?? '',
          line: Number(frame.headers.get('Log-Line') ?? 0) || 0,
        })
        return
      case 'text/disconnect-notice':
        this.#emitter.emit('notice', frame)
        if (frame.headers.get('Content-Disposition') !== 'linger') this.#socket.end()
        return
      default: {
        const event = eventOf(frame)
        if (event) this.#emitter.emit('event', event)
        else this.#emitter.emit('other', frame)
      }
    }
  }

  #ended(reason = this.#lastError || 'the other side closed the connection'): void {
    if (this.#closedReason !== undefined) return
    this.#closedReason = reason
    for (const pending of this.#pending.splice(0)) {
      clearTimeout(pending.timer)
      pending.reject(closedError(reason))
    }
    this.#emitter.emit('closed', reason)
  }
}

function closedError(reason: string): SwitchError {
  return new SwitchError('EVENT_SOCKET_CLOSED', `not connected: ${reason}`)
}
