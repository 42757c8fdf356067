/** One console from its first connection to its end: runs the lines, shows the log and events, connects again. */
import { reasonOf, SwitchError } from '../base/errors.ts'
import { banner } from './banner.ts'
import { namedColour, palette, printable } from './colours.ts'
import {
  type Completion,
  completeOwnWord,
  completionCommand,
  parseCompletion,
} from './completion.ts'
import { connectPatiently, patientAttempts } from './connection.ts'
import type { ConsoleEnd, ConsoleOptions } from './console-options.ts'
import type { EventSocketClient, SocketEvent } from './event-socket-client.ts'
import type { Face } from './face.ts'
import { FunctionKeys, serverKeys } from './function-keys.ts'
import { History } from './history.ts'
import { LineFace } from './line-face.ts'
import { LogView } from './log-view.ts'
import { expandPrompt } from './prompt.ts'
import { chooseColour } from './settings.ts'
import { TerminalFace } from './terminal-face.ts'
import { helpText, readLine, type TypedLine } from './typed-line.ts'

const warning = 4
const info = 6
/** Milliseconds within which a second Control-C leaves. */
const secondInterrupt = 2000
/** Milliseconds for what the console itself asks at the start. */
const greetingTimeout = 5000

export class ConsoleSession {
  readonly #options: ConsoleOptions
  readonly #face: Face
  readonly #keys: FunctionKeys
  readonly #colours
  readonly #logView: LogView
  readonly #over = new AbortController()
  readonly #lines: string[] = []
  #client: EventSocketClient | undefined
  #how: ConsoleEnd | undefined
  #debug: number
  #logCommand: string | undefined
  #isRunning = false
  #hasEnded = false
  #hasStarted = false
  #interruptedAt = Number.NEGATIVE_INFINITY
  #giveUp: (() => void) | undefined

  constructor(options: ConsoleOptions) {
    this.#options = options
    this.#debug = options.debug ?? info
    this.#keys = options.functionKeys ?? new FunctionKeys(serverKeys)
    this.#colours = palette(
      options.hasColour ?? chooseColour({}, process.env, options.output.isTTY === true),
    )
    this.#logView = new LogView(this.#colours, options.uuidLength ?? 0, options.uuidFilter)
    this.#logCommand = options.isQuiet ? undefined : `log ${options.logLevel ?? ''}`.trim()
    const { input, output, historyFile } = options
    const isTerminal = input.isTTY === true && output.isTTY === true && !options.isBatch
    const history = historyFile ? History.load(historyFile) : History.inMemory()
    this.#face = isTerminal
      ? new TerminalFace(input, output, history)
      : new LineFace(input, output, options.isBatch === true)
  }

  async run(): Promise<ConsoleEnd> {
    const over = new Promise<void>((resolve) => {
      this.#over.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      let attempts = this.#options.attempts ?? 1
      while (!this.#how) {
        const client = await this.#connect(attempts)
        await Promise.race([this.#welcome(client), client.whenClosed, over])
        await Promise.race([client.whenClosed, over])
        if (this.#how) break
        this.#client = undefined
        this.#say(warning, 'Disconnected.')
        if (!this.#options.reconnects) return { reason: 'disconnected' }
        attempts = patientAttempts
      }
      return this.#how
    } catch (thrown) {
      if (this.#how) return this.#how // connecting was cut short
      if (!(thrown instanceof SwitchError)) throw thrown
      return { reason: 'unreachable', error: thrown }
    } finally {
      this.#client?.close()
      this.#face.close()
    }
  }

  end(how: ConsoleEnd): void {
    this.#how ??= how
    this.#over.abort()
  }

  async #connect(attempts: number): Promise<EventSocketClient> {
    let hasTold = false
    const client = await connectPatiently({
      target: this.#options.target ?? (() => ({ ...this.#options, user: this.#options.user })),
      attempts,
      connectTimeout: this.#options.connectTimeout ?? 0,
      trace: (direction, text) => {
        if (this.#debug >= 7) this.#print(this.#colours.dim(`${direction}: ${text}`))
      },
      signal: this.#over.signal,
      onRetry: (why) => {
        if (!hasTold) this.#say(warning, `${why.message}. Trying again each second.`)
        hasTold = true
      },
    })
    client.on('log', (line) => {
      const text = this.#logView.render(line)
      if (text !== undefined) this.#face.printLog(this.#safe(text))
    })
    client.on('event', (event) => this.#print(eventText(event)))
    client.on('other', (frame) => {
      this.#print(`INCOMING DATA [${frame.contentType}]\n${frame.body}`)
    })
    this.#client = client
    return client
  }

  /** Asks the switch who it is, greets, and begins to read and to show the log. */
  async #welcome(client: EventSocketClient): Promise<void> {
    const { host, port } = this.#options.target?.() ?? this.#options
    const ask = (command: string) =>
      client.api(command, { timeout: greetingTimeout }).then(
        (answer) => (answer.startsWith('-ERR') ? host : answer.trim() || host),
        () => host,
      )
    const [switchName, switchHost] = await Promise.all([ask('switchname'), ask('hostname')])
    if (client.isClosed || this.#how) return
    this.#setPrompt(
      expandPrompt(this.#options.promptString, {
        switchName,
        switchHost,
        host,
        port,
        profile: this.#options.profileName ?? host,
      }),
    )
    if (this.#hasStarted) {
      this.#say(warning, `Connected again to ${switchName}.`)
    } else {
      this.#hasStarted = true
      const columns = this.#options.output.columns ?? 80
      if (this.#options.showsBanner) {
        this.#print(banner(`${switchName} (${host}:${port})`, columns, this.#colours))
      }
      this.#face.start({
        line: (text) => this.#enter(text),
        end: (isNow) => this.#noMoreLines(isNow),
        interrupt: (hadText) => this.#interrupt(hadText),
        functionKey: (number) => this.#functionKey(number),
        complete: (text, cursor) => this.#complete(text, cursor),
      })
    }
    if (this.#logCommand !== undefined) await this.#sendOwn(this.#logCommand, client)
  }

  #setPrompt(prompt: string): void {
    const { promptColour = '', inputColour = '' } = this.#options
    const sequence = namedColour(promptColour)
    const shown = sequence ? this.#colours.in(sequence, prompt) : this.#colours.bold(prompt)
    this.#face.setPrompt(this.#colours.isOn ? shown + namedColour(inputColour) : prompt)
  }

  /** Lines run one after the other: the next waits for the answer of the one before. */
  #enter(line: string): void {
    this.#interruptedAt = Number.NEGATIVE_INFINITY
    this.#lines.push(line)
    if (!this.#isRunning) void this.#runLines()
  }

  async #runLines(): Promise<void> {
    this.#isRunning = true
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      this.#face.setBusy(true, line)
      const given = new Promise<void>((resolve) => {
        this.#giveUp = resolve
      })
      await Promise.race([this.#runLine(readLine(line)), given])
      this.#giveUp = undefined
      if (this.#how) return
      this.#face.setBusy(false, line)
    }
    this.#isRunning = false
    if (this.#hasEnded) this.end({ reason: 'left' })
  }

  async #runLine(typed: TypedLine): Promise<void> {
    switch (typed.kind) {
      case 'nothing':
        return
      case 'help':
        return this.#print(helpText())
      case 'leave':
        this.#say(info, 'Goodbye.')
        return this.end({ reason: 'left' })
      case 'log-filter':
        this.#logView.text = typed.text
        return this.#print(`Logfilter ${typed.text ? 'enabled' : 'disabled'}`)
      case 'uuid-filter':
        this.#logView.uuid = typed.text
        return this.#print(`UUID filtering ${typed.text ? 'enabled' : 'disabled'}`)
      case 'debug':
        if (typed.level === undefined) return this.#print('fs_cli debug level must be 0 - 7')
        this.#debug = typed.level
        return this.#print(`fs_cli debug level set to ${typed.level}`)
      case 'event-socket':
        if (/^(log|nolog)\b/i.test(typed.command)) {
          this.#logCommand = /^nolog/i.test(typed.command) ? undefined : typed.command
        }
        return this.#sendOwn(typed.command)
      case 'unknown':
        return this.#print(`Unknown command [${typed.text}]`)
      case 'api':
        if (typed.logLevel !== undefined) {
          this.#logCommand = `log ${typed.logLevel}`
          await this.#sendOwn(this.#logCommand)
        }
        return this.#runCommand(typed.command)
    }
  }

  /** A command of the event socket itself; prints what it replied. */
  async #sendOwn(command: string, client = this.#client): Promise<void> {
    await this.#guarded(async () => {
      if (!client) return this.#print('Not connected.')
      const frame = await client.request(command, { timeout: this.#options.timeout ?? 0 })
      this.#print(frame.headers.get('Reply-Text') ?? frame.body)
    })
  }

  async #runCommand(command: string): Promise<void> {
    await this.#guarded(async () => {
      if (!this.#client) return this.#print('Not connected.')
      const answer = await this.#client.api(command, {
        headers: { console_execute: 'true' },
        timeout: this.#options.timeout ?? 0,
      })
      const colour = namedColour(this.#options.outputColour ?? '')
      this.#print(this.#colours.in(colour, `${answer}\n`))
    })
  }

  /** What goes wrong with one command is told, and ends nothing. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (thrown) {
      if (!(thrown instanceof SwitchError)) throw thrown
      if (thrown.code === 'EVENT_SOCKET_REFUSED') this.#print(`Error: ${thrown.message}!`)
      else if (thrown.code === 'EVENT_SOCKET_TIMEOUT') this.#print('Request timed out.')
      else if (thrown.code !== 'EVENT_SOCKET_CLOSED') this.#print(reasonOf(thrown))
      // a lost connection is told once, by run()
    }
  }

  async #complete(text: string, cursor: number): Promise<Completion | undefined> {
    const own = completeOwnWord(text, cursor)
    if (own) return own
    const answer = await this.#client?.api(completionCommand(text, cursor), {
      timeout: greetingTimeout,
    })
    return answer === undefined ? undefined : parseCompletion(answer)
  }

  #functionKey(number: number): void {
    const command = this.#keys.press(number)
    if (command !== undefined) this.#enter(command)
    else this.#print(`Function key F${number} is not bound.`)
  }

  #interrupt(hadText: boolean): void {
    const now = performance.now()
    const isSecond = now - this.#interruptedAt < secondInterrupt
    if (this.#options.isInterruptible || !this.#client || (isSecond && !this.#giveUp)) {
      this.#print('Interrupted.')
      this.end({ reason: 'interrupted' })
      return
    }
    if (this.#giveUp) {
      this.#print(
        'Not waiting any more. The command goes on in the switch; its answer is shown when it comes.',
      )
      this.#lines.length = 0
      this.#giveUp()
      return
    }
    if (hadText) return
    this.#interruptedAt = now
    this.#print('Type control-D or /exit or /quit or /bye to exit, or Control-C again.')
  }

  #noMoreLines(isNow: boolean): void {
    this.#hasEnded = true
    if (isNow || !this.#isRunning) this.end({ reason: 'left' })
  }

  #say(level: number, text: string): void {
    if (level > this.#debug) return
    this.#print(this.#colours.level(level, text))
  }

  #print(text: string): void {
    this.#face.print(this.#safe(text))
  }

  #safe(text: string): string {
    return this.#options.output.isTTY ? printable(text) : text
  }
}

function eventText(event: SocketEvent): string {
  const lines = event.headers.entries.map(([name, value]) => `${name}: ${value}`)
  return `RECV EVENT\n${lines.join('\n')}\n\n${event.body}`
}
