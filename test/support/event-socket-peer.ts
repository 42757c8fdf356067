/** A small event socket server for tests of clients: says what it is told to say, remembers what it was asked. */
import { createServer, type Server, type Socket } from 'node:net'

export interface PeerCommand {
  /** The first line, such as `api status`. */
  readonly line: string
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * The output of an `api` command. Undefined: the command goes on until `release` says what it printed; as with a real
 * switch, that connection answers nothing else meanwhile.
 */
export type ApiAnswer = string | undefined | ((args: string) => string | undefined)

export interface PeerOptions {
  readonly port?: number
  readonly password?: string
  readonly api?: Readonly<Record<string, ApiAnswer>>
  /** Sends its bytes one by one, so that a client meets every possible split. */
  readonly isSlow?: boolean
  /** Refuses everybody, as an access list does. */
  readonly refuses?: boolean
}

export class EventSocketPeer implements AsyncDisposable {
  readonly commands: PeerCommand[] = []
  readonly #server: Server
  readonly #options: PeerOptions
  readonly #sockets = new Set<Socket>()
  readonly #waiters = new Set<() => void>()
  readonly #queues = new Map<Socket, Promise<void>>()
  /** Connections whose command has not ended, with what they sent since. */
  readonly #blocked = new Map<Socket, PeerCommand[]>()

  private constructor(server: Server, options: PeerOptions) {
    this.#server = server
    this.#options = options
    server.on('connection', (socket) => this.#accept(socket))
  }

  static async start(options: PeerOptions = {}): Promise<EventSocketPeer> {
    const server = createServer()
    const peer = new EventSocketPeer(server, options)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.port ?? 0, '127.0.0.1', resolve)
    })
    return peer
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  get password(): string {
    return this.#options.password ?? 'ClueCon'
  }

  /** The lines received so far, such as `api status`. */
  get lines(): string[] {
    return this.commands.map(({ line }) => line)
  }

  /** Resolves with the first command, old or new, whose line fits. */
  async received(pattern: RegExp): Promise<PeerCommand> {
    for (;;) {
      const found = this.commands.find(({ line }) => pattern.test(line))
      if (found) return found
      await new Promise<void>((resolve) => this.#waiters.add(resolve))
    }
  }

  /** Sends a log line to every connection. */
  log(level: number, text: string, uuid = ''): void {
    this.frame(
      `Content-Type: log/data\nContent-Length: ${Buffer.byteLength(text)}\nLog-Level: ${level}\n` +
        `Text-Channel: 0\nLog-File: test.ts\nLog-Func: test\nLog-Line: 1\nUser-Data: ${uuid}\n\n${text}`,
    )
  }

  /** Sends an event in plain form to every connection. */
  event(name: string, headers: Readonly<Record<string, string>> = {}, body = ''): void {
    const lines = Object.entries({ 'Event-Name': name, ...headers })
      .map(([header, value]) => `${header}: ${encodeURIComponent(value)}\n`)
      .join('')
    const inner = body ? `Content-Length: ${Buffer.byteLength(body)}\n\n${body}` : '\n'
    const text = lines + inner
    this.frame(
      `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-plain\n\n${text}`,
    )
  }

  /** Sends bytes as they are to every connection. */
  frame(text: string): void {
    for (const socket of this.#sockets) this.#send(socket, text)
  }

  /** Ends the commands that hang with this output, and answers what came after them. */
  release(output: string): void {
    for (const [socket, waiting] of [...this.#blocked]) {
      this.#blocked.delete(socket)
      this.#sendOutput(socket, output)
      for (const command of waiting) {
        const blocked = this.#blocked.get(socket)
        if (blocked) blocked.push(command)
        else this.#answer(socket, command)
      }
    }
  }

  /** Says goodbye to every connection and ends it; new ones are still taken. */
  hangUp(): void {
    const words = 'Disconnected, goodbye.\n'
    for (const socket of this.#sockets) {
      this.#send(
        socket,
        `Content-Type: text/disconnect-notice\nContent-Length: ${words.length}\n\n${words}`,
      )
      socket.end()
    }
  }

  /** Stops listening and breaks every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      this.#blocked.delete(socket)
    })
    socket.on('error', () => undefined) // a client that goes is no event here
    if (this.#options.refuses) {
      const words = 'Access Denied, go away.\n'
      this.#send(socket, `Content-Type: text/rude-rejection\nContent-Length: 24\n\n${words}`)
      socket.end()
      return
    }
    this.#send(socket, 'Content-Type: auth/request\n\n')
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      for (;;) {
        const end = text.indexOf('\n\n')
        if (end < 0) return
        const [line = '', ...headerLines] = text.slice(0, end).split('\n')
        const headers: Record<string, string> = {}
        for (const header of headerLines) {
          const [, name = '', value = ''] = /^([^:]+): *(.*)$/.exec(header) ?? []
          headers[name.toLowerCase()] = value
        }
        const length = Number(headers['content-length'] ?? 0)
        if (text.length < end + 2 + length) return
        const utf8 = (part: string) => Buffer.from(part, 'latin1').toString('utf8')
        const body = utf8(text.slice(end + 2, end + 2 + length))
        text = text.slice(end + 2 + length)
        this.#take(socket, { line: utf8(line), headers, body })
      }
    })
  }

  #take(socket: Socket, command: PeerCommand): void {
    this.commands.push(command)
    const waiting = this.#blocked.get(socket)
    if (waiting) waiting.push(command)
    else this.#answer(socket, command)
    for (const wake of this.#waiters) wake()
    this.#waiters.clear()
  }

  #answer(socket: Socket, { line, headers }: PeerCommand): void {
    const reply = (text: string, more = '') =>
      this.#send(socket, `Content-Type: command/reply\nReply-Text: ${text}\n${more}\n`)
    const [, verb = '', rest = ''] = /^(\S*) ?(.*)$/s.exec(line) ?? []
    switch (verb) {
      case 'auth':
        if (rest === this.password) return reply('+OK accepted')
        reply('-ERR invalid')
        socket.end()
        return
      case 'userauth':
        return reply(rest.endsWith(`:${this.password}`) ? '+OK accepted' : '-ERR invalid')
      case 'api': {
        const output = this.#runApi(rest)
        if (output === undefined) this.#blocked.set(socket, [])
        else this.#sendOutput(socket, output)
        return
      }
      case 'bgapi': {
        const uuid = headers['job-uuid'] ?? 'a-job'
        reply(`+OK Job-UUID: ${uuid}`, `Job-UUID: ${uuid}\n`)
        this.event('BACKGROUND_JOB', { 'Job-UUID': uuid }, this.#runApi(rest) ?? '')
        return
      }
      case 'log':
        return reply(`+OK log level ${rest || 'debug'} [7]`)
      case 'event':
        return reply('+OK event listener enabled plain')
      case 'exit':
        reply('+OK bye')
        socket.end()
        return
      default:
        return reply(verb === 'nonsense' ? '-ERR command not found' : '+OK')
    }
  }

  #runApi(text: string): string | undefined {
    const [, name = '', args = ''] = /^(\S*) ?(.*)$/s.exec(text) ?? []
    const api: Readonly<Record<string, ApiAnswer>> = {
      switchname: 'exchange',
      hostname: 'host.example',
      ...this.#options.api,
    }
    if (!(name in api)) return `-ERR ${name} Command not found!\n`
    const answer = api[name]
    return typeof answer === 'function' ? answer(args) : answer
  }

  #sendOutput(socket: Socket, output: string): void {
    const length = Buffer.byteLength(output)
    this.#send(socket, `Content-Type: api/response\nContent-Length: ${length}\n\n${output}`)
  }

  #send(socket: Socket, text: string): void {
    if (!this.#options.isSlow) {
      socket.write(text)
      return
    }
    const before = this.#queues.get(socket) ?? Promise.resolve()
    const sending = before.then(async () => {
      for (const byte of Buffer.from(text)) {
        if (socket.destroyed) return
        socket.write(Buffer.of(byte))
        await new Promise((resolve) => setImmediate(resolve))
      }
    })
    this.#queues.set(socket, sending)
  }
}
