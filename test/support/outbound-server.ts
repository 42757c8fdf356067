/** A program that controls calls: it listens, the application `socket` connects to it, and a test says what it sends. */
import { createServer, type Server, type Socket } from 'node:net'
import {
  eventOf,
  type Frame,
  FrameReader,
  type SocketEvent,
} from '../../src/cli/event-socket-frames.ts'
import { Mailbox } from './phone.ts'

export class OutboundServer implements AsyncDisposable {
  readonly #server: Server
  readonly #calls = new Mailbox<OutboundCall>()
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      this.#calls.put(new OutboundCall(socket))
    })
  }

  static async start(): Promise<OutboundServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new OutboundServer(server)
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  /** The next call that was handed to it, before anything was said. */
  call(): Promise<OutboundCall> {
    return this.#calls.next('a call at the outbound server')
  }

  /** The next call, with its `connect` answered. */
  async connected(): Promise<OutboundCall> {
    const call = await this.call()
    await call.connect()
    return call
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** One connection: what came on it, by kind. */
export class OutboundCall {
  readonly socket: Socket
  /** What `connect` told of the channel. */
  data = new Map<string, string>()
  readonly replies = new Mailbox<Frame>()
  readonly events = new Mailbox<SocketEvent>()
  readonly notices = new Mailbox<Frame>()
  readonly closed: Promise<void>
  /** Octets received. */
  received = 0
  #answers = 0

  constructor(socket: Socket) {
    this.socket = socket
    const reader = new FrameReader()
    this.closed = new Promise((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => undefined) // it is closed then
    socket.on('data', (bytes) => {
      this.received += bytes.length
      for (const frame of reader.push(bytes)) this.#take(frame)
    })
  }

  #take(frame: Frame): void {
    const event = eventOf(frame)
    if (event) this.events.put(event)
    else if (frame.contentType === 'text/disconnect-notice') this.notices.put(frame)
    else this.replies.put(frame)
  }

  get uuid(): string {
    return this.data.get('Unique-ID') ?? ''
  }

  async connect(): Promise<void> {
    const { headers } = await this.ask('connect')
    this.data = new Map(headers.entries)
  }

  /** Sends a command and gives the whole answer. */
  ask(line: string, headers: Readonly<Record<string, string>> = {}, body = ''): Promise<Frame> {
    this.send(line, headers, body)
    return this.replies.next(`answer ${++this.#answers} (${line})`)
  }

  /** Sends a command and gives the text of its reply. */
  async say(line: string, headers?: Readonly<Record<string, string>>): Promise<string> {
    const { headers: answer, body } = await this.ask(line, headers)
    return answer.get('Reply-Text') ?? body
  }

  send(line: string, headers: Readonly<Record<string, string>> = {}, body = ''): void {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\n`)
    const length = body === '' ? '' : `content-length: ${Buffer.byteLength(body)}\n`
    this.socket.write(`${line}\n${lines.join('')}${length}\n${body}`)
  }

  /** `sendmsg` that runs an application. */
  execute(
    application: string,
    data = '',
    more: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const argument: Record<string, string> = data === '' ? {} : { 'execute-app-arg': data }
    return this.say('sendmsg', {
      'call-command': 'execute',
      'execute-app-name': application,
      ...argument,
      ...more,
    })
  }

  hangup(cause: string): Promise<string> {
    return this.say('sendmsg', { 'call-command': 'hangup', 'hangup-cause': cause })
  }

  /** The next event of that name, of that application where one is given. */
  event(name: string, application?: string): Promise<SocketEvent> {
    return this.events.next(
      `${name} ${application ?? ''}`,
      (event) =>
        event.name === name &&
        (application === undefined || event.headers.get('Application') === application),
    )
  }
}
