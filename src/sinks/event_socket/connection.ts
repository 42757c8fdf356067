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
/** Replies that a client has not read yet; before it has, its next command is not answered. */
const unreadLimit = 1024 * 1024
/** Commands that wait while another one is answered; above that no more are read from the socket. */
const commandsLimit = 1000
/** Characters that are collected before they are sent, at most. */
const pendingLimit = 256 * 1024
/** Time to authenticate, or for the first command of whoever was called, ms. */
const authLimitMs = 25_000
/** A client without a word is asked after so long whether it is still there (TCP keep-alive), ms. */
const keepAliveMs = 30_000

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
  /** The dialplan goes on at once when the client leaves (`resume`). */
  resumes = false
  /** The channel waits for what is said here and does nothing else; each order is carried out before it is answered. */
  isInCharge = false
  readonly #answer: ConnectionOptions['answer']
  readonly #socket: Socket
  readonly #reader = new CommandReader()
  readonly #commands: SocketCommand[] = []
  readonly #diverting = (event: SwitchEvent) => this.receiveDiverted(event)
  readonly #closed: Promise<void>
  readonly #connected: Promise<void>
  readonly #left: Promise<void>
  #markConnected = () => {}
  #markLeft = () => {}
  #isBusy = false
  #isClosing = false
  /** Events and log lines that wait while a command is being answered. */
  #held: string[] = []
  #heldLength = 0
  /** What goes out at the end of this turn. */
  #pending = ''
  #logging: Disposable | undefined
  #listening: Disposable | undefined
  #authTimer: NodeJS.Timeout | undefined
  #lingerTimer: NodeJS.Timeout | undefined
  #isLingering = false
  #isPaused = false
  #lost = 0
  #lostLines = 0

  constructor(options: ConnectionOptions) {
    const { socket, channel } = options
    this.sw = options.sw
    this.password = options.password
    this.isOutbound = channel !== undefined
    this.isAsync = options.isAsync ?? false
    this.isFull = options.isFull ?? true
    this.isAuthenticated = this.isOutbound
    this.name = `event socket ${socket.remoteAddress ?? '?'}:${socket.remotePort ?? 0}`
    this.#answer = options.answer
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    socket.on('data', (data) => this.#receive(data))
    socket.on('error', (thrown) => log.debug(`${this.name}: ${thrown.message}`))
    this.#connected = new Promise((resolve) => {
      this.#markConnected = resolve
    })
    this.#left = new Promise((resolve) => {
      this.#markLeft = resolve
    })
    this.#closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#letGo()
        resolve()
      })
    })
    this.#listening = this.sw.events.attach(this)
    if (channel) this.follow(channel)
    counters.connections++
    this.#authTimer = setTimeout(() => this.#timedOut(), authLimitMs)
    if (!this.isOutbound) this.#write('Content-Type: auth/request\n\n')
  }

  /** Resolves when the socket is gone. */
  get closed(): Promise<void> {
    return this.#closed
  }

  /** Resolves when it is over: the client has said `exit` or is gone, or was told goodbye. */
  get left(): Promise<void> {
    return this.#left
  }

  /** Resolves with the client's first `connect`. */
  get connected(): Promise<void> {
    return this.#connected
  }

  markConnected(): void {
    this.#markConnected()
  }

  get isLogging(): boolean {
    return this.#logging !== undefined
  }

  wants(name: EventName, subclass: string | undefined): boolean {
    return this.subscription.wants(name, subclass)
  }

  receive(event: SwitchEvent): void {
    if (!this.subscription.accepts(event)) return
    // FreeSWITCH destroys a channel only when the socket that lingers behind it has gone.
    if (this.#isLingering && event.name === 'CHANNEL_DESTROY' && this.#isOwn(event)) return
    this.#sendEvent(event)
  }

  /** An event that is for whoever controls the channel, subscribed or not (`divert_events`). */
  receiveDiverted(event: SwitchEvent): void {
    if (this.subscription.isListening) this.#sendEvent(event)
  }

  #isOwn(event: SwitchEvent): boolean {
    return event.get('Unique-ID') === this.channel?.uuid
  }

  #sendEvent(event: SwitchEvent): void {
    if (this.#backlog > backlogLimit) {
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
      if (line.level > level) return
      if (this.#backlog > backlogLimit) {
        counters.linesLost++
        // Only once: a line about lost lines would be one more.
        if (this.#lostLines++ === 0)
          log.warning(`${this.name} reads too slowly; log lines are dropped`)
        return
      }
      this.#lostLines = 0
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

  /** From now on it ends with the channel, or lingers behind it. */
  follow(channel: Channel): void {
    this.channel = channel
    const watching = channel.signals.on('state', (state) => {
      // Not before: CHANNEL_HANGUP goes out within the same turn.
      if (state === 'hangup') queueMicrotask(() => this.#channelHungUp(channel))
      else if (state === 'destroy') {
        watching[Symbol.dispose]()
        // Its last events are still on their way out of this turn.
        if (!this.#isLingering) setImmediate(() => this.close())
      }
    })
    void this.closed.then(() => watching[Symbol.dispose]())
  }

  /** `divert_events`: what the channel itself would take (digits, tones, `sendevent`) comes here alone, or does not any more. */
  divert(channel: Channel, isOn: boolean): void {
    const own = this.#diverting
    if (!isOn) {
      if (channel.divert === own) channel.divert = undefined
      return
    }
    channel.divert = own
    void this.closed.then(() => this.divert(channel, false))
  }

  /** How long to stay when the channel ends: seconds, -1 until the client leaves, undefined not at all. */
  setLinger(seconds: number | undefined): void {
    this.linger = seconds
    if (this.#isLingering) this.#startLingerTimer()
  }

  #channelHungUp(channel: Channel): void {
    if (this.linger === undefined || this.#isClosing) return
    this.#isLingering = true
    this.#send(
      `Content-Type: text/disconnect-notice\nControlled-Session-UUID: ${channel.uuid}\n` +
        `Content-Disposition: linger\nChannel-Name: ${channel.name}\nLinger-Time: ${this.linger}\nContent-Length: 0\n\n`,
    )
    this.#startLingerTimer()
  }

  #startLingerTimer(): void {
    clearTimeout(this.#lingerTimer)
    if (this.linger === undefined || this.linger < 0) return
    this.#lingerTimer = setTimeout(() => this.close(), this.linger * 1000).unref()
  }

  #timedOut(): void {
    if (this.isAuthenticated && !this.isOutbound) return
    const what = this.isOutbound ? 'says nothing' : 'not authenticated'
    log.warning(`${this.name}: ${what} within ${authLimitMs / 1000} s; closed`)
    counters.timedOut++
    this.close()
  }

  #receive(data: Buffer): void {
    if (this.#isClosing) return
    const commands = this.#reader.push(data)
    if (!commands) {
      counters.badInput++
      this.destroy('it sends what is no command')
      return
    }
    if (commands.length > 0 && this.isOutbound) clearTimeout(this.#authTimer)
    for (const command of commands) this.#commands.push(command)
    if (!this.#isBusy) void this.#work()
    if (this.#commands.length > commandsLimit) this.#pause()
  }

  /** Lets the client's own end hold back what it sends, until what came is answered. */
  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    counters.heldBack++
    log.info(`${this.name} sends faster than it is answered; it is held back`)
    this.#socket.pause()
  }

  #goOn(): void {
    if (!this.#isPaused || this.#commands.length > commandsLimit / 2) return
    this.#isPaused = false
    this.#socket.resume()
  }

  /** Resolves when the client has read its replies, or is gone. */
  async #untilRead(): Promise<void> {
    this.#flush()
    if (this.#socket.writableLength <= unreadLimit) return
    this.#pause()
    await Promise.race([
      this.#closed,
      new Promise<void>((resolve) => this.#socket.once('drain', resolve)),
    ])
  }

  /** Octets that wait for the client. */
  get #backlog(): number {
    return this.#socket.writableLength + this.#heldLength + this.#pending.length
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
      if (this.#socket.writableLength + this.#pending.length > unreadLimit) await this.#untilRead()
      this.#goOn()
    }
    this.#isBusy = false
    this.#flushHeld()
  }

  #send(frame: string): void {
    if (!this.#isBusy) return this.#write(frame)
    this.#held.push(frame)
    this.#heldLength += frame.length
  }

  #flushHeld(): void {
    if (this.#held.length === 0) return
    const held = this.#held.join('')
    this.#held = []
    this.#heldLength = 0
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
    this.#markLeft()
    clearTimeout(this.#authTimer)
    clearTimeout(this.#lingerTimer)
    this.#listening?.[Symbol.dispose]()
    this.#listening = undefined
    this.logUpTo(undefined)
    this.#commands.length = 0
  }
}
