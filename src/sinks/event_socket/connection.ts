/** One Event Socket client: reading, replies, events and log lines on their way out, and how it ends. */
import type { Socket } from 'node:net'
import { logger, onLog } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { EventName, EventSink, SwitchEvent } from '../../core/events.ts'
import { idleShare } from '../../core/heartbeat.ts'
import { formatLogLine } from '../../core/log-line.ts'
import type { Switch } from '../../core/switch.ts'
import { counters } from './counters.ts'
import { CommandReader, type SocketCommand } from './reader.ts'
import { eventFrame } from './serialize.ts'
import { Subscription } from './subscription.ts'

const log = logger('sinks/event_socket')

/** How much may wait for a slow client before its events are dropped; after `lostLimit` of those it is cut off. */
const backlogLimit = 16 * 1024 * 1024
const lostLimit = 500
/** Characters that are collected before they are sent, at most. */
const pendingLimit = 256 * 1024
/** Time to authenticate, ms. */
const authLimitMs = 25_000

const goodbye = 'Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n'

export interface ConnectionOptions {
  readonly sw: Switch
  readonly socket: Socket
  /** Answers one command. */
  readonly answer: (connection: Connection, command: SocketCommand) => Promise<void>
  /** What `auth` must say. */
  readonly password: string
  /** The channel that an outbound socket controls. */
  readonly channel?: Channel
  readonly isAsync?: boolean
  readonly isFull?: boolean
}

export class Connection implements EventSink {
  readonly name: string
  readonly sw: Switch
  readonly subscription = new Subscription()
  readonly password: string
  readonly isOutbound: boolean
  readonly isFull: boolean
  isAsync: boolean
  /** The channel it controls: given for an outbound socket, chosen by `myevents <uuid>` for an inbound one. */
  channel: Channel | undefined
  isAuthenticated = false
  /** What a directory user may run and whether it may see the log; undefined: everything. */
  allowedCommands: ReadonlySet<string> | undefined
  mayLog = true
  /** Seconds to stay after the channel is gone; -1 until the client leaves; undefined: not at all. */
  linger: number | undefined
  /** The dialplan goes on when the client leaves. */
  resumes = false
  readonly #answer: ConnectionOptions['answer']
  readonly #socket: Socket
  readonly #reader = new CommandReader()
  readonly #commands: SocketCommand[] = []
  readonly #closed: Promise<void>
  #isBusy = false
  #isClosing = false
  /** Events and log lines that wait while a command is being answered. */
  #held: string[] = []
  /** What goes out at the end of this turn. */
  #pending = ''
  #logging: Disposable | undefined
  #listening: Disposable | undefined
  #authTimer: NodeJS.Timeout | undefined
  #lost = 0

  constructor(options: ConnectionOptions) {
    const { socket, channel } = options
    this.sw = options.sw
    this.password = options.password
    this.channel = channel
    this.isOutbound = channel !== undefined
    this.isAsync = options.isAsync ?? false
    this.isFull = options.isFull ?? true
    this.isAuthenticated = this.isOutbound
    this.name = `event socket ${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`
    this.#answer = options.answer
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (data) => this.#receive(data))
    socket.on('error', (thrown) => log.debug(`${this.name}: ${thrown.message}`))
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#letGo()
        resolve()
      })
    })
    this.#listening = this.sw.events.attach(this)
    counters.connections++
    if (this.isOutbound) return
    this.#authTimer = setTimeout(() => {
      if (!this.isAuthenticated) {
        log.warning(`${this.name}: not authenticated within ${authLimitMs / 1000} s; closed`)
        this.close()
      }
    }, authLimitMs)
    this.#write('Content-Type: auth/request\n\n')
  }

  /** Resolves when the socket is gone. */
  get closed(): Promise<void> {
    return this.#closed
  }

  get isLogging(): boolean {
    return this.#logging !== undefined
  }

  wants(name: EventName, subclass: string | undefined): boolean {
    return this.subscription.wants(name, subclass)
  }

  receive(event: SwitchEvent): void {
    if (!this.subscription.accepts(event)) return
    if (this.#socket.writableLength > backlogLimit) {
      counters.eventsLost++
      if (this.#lost++ === 0) log.warning(`${this.name} reads too slowly; events are dropped`)
      if (this.#lost > lostLimit) this.destroy('it has lost too many events')
      return
    }
    if (this.#lost > 0) {
      log.warning(`${this.name} has lost ${this.#lost} events`)
      this.#lost = 0
    }
    this.#send(eventFrame(event, this.subscription.format))
  }

  /** `command/reply`; lines after Reply-Text in `more`, each with its line end. */
  reply(text: string, more = ''): void {
    this.#write(`Content-Type: command/reply\nReply-Text: ${text}\n${more}\n`)
  }

  /** Something whole that is no ordinary reply (`api/response`, the answer to `connect`). */
  write(frame: string): void {
    this.#write(frame)
  }

  /** Sends log lines up to a level from now on; undefined stops it. */
  logUpTo(level: number | undefined): void {
    this.#logging?.[Symbol.dispose]()
    this.#logging = undefined
    if (level === undefined) return
    this.#logging = onLog((line) => {
      if (line.level > level || this.#socket.writableLength > backlogLimit) return
      const text = `${formatLogLine(line, idleShare(), false)}\n`
      this.#send(
        `Content-Type: log/data\nContent-Length: ${Buffer.byteLength(text)}\nLog-Level: ${line.level}\n` +
          `Text-Channel: 0\nLog-File: ${line.area}\nLog-Func: ${line.area}\nLog-Line: 1\nUser-Data: ${line.uuid ?? ''}\n\n${text}`,
      )
    })
  }

  /** Says goodbye and ends. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    const session =
      this.channel === undefined
        ? ''
        : `Controlled-Session-UUID: ${this.channel.uuid}\nContent-Disposition: disconnect\n`
    this.#flushHeld()
    this.#flush()
    this.#socket.end(
      `Content-Type: text/disconnect-notice\n${session}Content-Length: ${Buffer.byteLength(goodbye)}\n\n${goodbye}`,
    )
    this.#letGo()
    // A client that never reads must not keep the socket for ever.
    setTimeout(() => this.#socket.destroy(), 2000).unref()
  }

  /** Ends at once, with a line in the log. */
  destroy(why: string): void {
    log.warning(`${this.name}: ${why}; closed`)
    this.#isClosing = true
    this.#socket.destroy()
  }

  /** The controlled channel has ended: says so and ends, or stays as long as the client asked. */
  channelEnded(channel: Channel): void {
    if (this.linger === undefined) {
      // Its last events are still on their way out of this turn.
      setImmediate(() => this.close())
      return
    }
    this.#write(
      `Content-Type: text/disconnect-notice\nControlled-Session-UUID: ${channel.uuid}\n` +
        `Content-Disposition: linger\nChannel-Name: ${channel.name}\nLinger-Time: ${this.linger}\nContent-Length: 0\n\n`,
    )
    if (this.linger >= 0) setTimeout(() => this.close(), this.linger * 1000).unref()
  }

  #receive(data: Buffer): void {
    if (this.#isClosing) return
    const commands = this.#reader.push(data)
    if (!commands) {
      counters.badInput++
      this.destroy('it sends what is no command')
      return
    }
    this.#commands.push(...commands)
    if (!this.#isBusy) void this.#work()
  }

  /** Answers one command after the other; what else there is to send waits meanwhile. */
  async #work(): Promise<void> {
    this.#isBusy = true
    for (
      let command = this.#commands.shift();
      command && !this.#isClosing;
      command = this.#commands.shift()
    ) {
      await this.#answer(this, command)
      this.#flushHeld()
    }
    this.#isBusy = false
    this.#flushHeld()
  }

  #send(frame: string): void {
    if (this.#isBusy) this.#held.push(frame)
    else this.#write(frame)
  }

  #flushHeld(): void {
    if (this.#held.length === 0) return
    const held = this.#held.join('')
    this.#held = []
    this.#write(held)
  }

  /** What is sent in one turn of the loop goes out together. */
  #write(text: string): void {
    if (this.#pending === '') setImmediate(() => this.#flush())
    this.#pending += text
    if (this.#pending.length > pendingLimit) this.#flush()
  }

  #flush(): void {
    const text = this.#pending
    this.#pending = ''
    if (text === '' || !this.#socket.writable) return
    // Events are ASCII nearly always, which is written much faster as octets than as UTF-8.
    const isAscii = Buffer.byteLength(text) === text.length
    this.#socket.write(text, isAscii ? 'latin1' : 'utf8')
  }

  #letGo(): void {
    clearTimeout(this.#authTimer)
    this.#listening?.[Symbol.dispose]()
    this.#listening = undefined
    this.logUpTo(undefined)
    this.#commands.length = 0
  }
}
