/**
 * The socket of one browser: what comes is taken in turn and slowed down where it is too much, what goes is bounded where it is
 * not read, and whoever never logs in is sent away.
 */
import type { WebSocket } from 'ws'
import { logger } from '../../base/log.ts'
import { neighbourhood } from '../../net/address-octets.ts'
import { answerMessage } from './dispatch.ts'
import { type Json, type JsonObject, request } from './json-rpc.ts'
import { Permissions } from './permissions.ts'
import type { VertoProfile } from './profile.ts'
import { SpeedTest } from './speed-test.ts'

const log = logger('verto/connection')

/**
 * Octets that may wait for a slow reader: beyond the first it is sent no live tables, beyond the second nothing more is read of it,
 * beyond the third events are dropped.
 */
const hesitateOctets = 256 * 1024
const slowOctets = 1024 * 1024
const fullOctets = 8 * 1024 * 1024
/** So many dropped events, and it is cut off. */
const mostLost = 500
/** Messages in a second, and how many at once after a pause. */
const messagesPerSecond = 200
const messageBurst = 1000
/** Messages, and characters of them, that wait until the one before is answered. */
const mostWaiting = 64
const longestWaiting = 4 * 1024 * 1024
/** Characters of a message before the login: a login is short, and reading more is work for nobody. */
const longestUnknown = 16 * 1024
/** ms without anything from the client until we ask whether it is there. */
const idleMs = 30_000
/** ms between the words that a session was taken over and the end of its socket. */
const puntMs = 120
/** Wrong logins on one socket. */
const mostWrongLogins = 10

/** Who logged in. */
export interface VertoUser {
  readonly id: string
  readonly domain: string
  /** `id@domain` */
  readonly uid: string
}

export class Connection {
  readonly profile: VertoProfile
  readonly isSecure: boolean
  readonly remoteHost: string
  /** Whom it counts with where strangers are counted. */
  readonly place: string
  /** `127.0.0.1:40001` */
  readonly name: string
  /** The session's id; empty until the first message of whoever may. */
  sessid = ''
  isAuthed = false
  /** The password was one that we know: of root, or of a user of the directory (others may come by `blind-reg`). */
  isProven = false
  /** The session is this socket's, and no longer once another one took it. */
  isBound = false
  user: VertoUser | undefined
  permissions: Permissions
  /** Params of the user's directory entry, and what its browser added (`caller-id-name`). */
  readonly params = new Map<string, string>()
  /** Variables of the directory entry with what follows from them, those of the entry alone, and what the login added. */
  readonly variables = new Map<string, string>()
  readonly userVariables = new Map<string, string>()
  readonly loginVariables = new Map<string, string>()
  /** `verto-context` and `verto-dialplan` of the user. */
  context: string | undefined
  dialplan: string | undefined
  /** Seconds since the epoch when the login ends; undefined: never. */
  expires: number | undefined
  wrongLogins = 0
  readonly #socket: WebSocket
  readonly #speedTest: SpeedTest
  readonly #waiting: string[] = []
  #waitingLength = 0
  #isBusy = false
  /** What is to go out behind the answer that is being made. */
  #held: JsonObject[] | undefined
  #lost = 0
  #credit = messageBurst
  #creditAt = performance.now()
  #isPaused = false
  /** We have said that it is to be closed: what still comes counts no more. */
  #isClosing = false
  #isClosed = false
  #idle: NodeJS.Timeout
  #unknown: NodeJS.Timeout | undefined
  /** It has spent more than it had, and nothing is read of it until then. */
  #earning: NodeJS.Timeout | undefined
  #expiry: NodeJS.Timeout | undefined

  constructor(
    profile: VertoProfile,
    socket: WebSocket,
    host: string,
    port: number,
    isSecure: boolean,
  ) {
    this.profile = profile
    this.isSecure = isSecure
    // Where nobody has to log in, everybody may call, and nothing else.
    this.permissions = Permissions.ofUser((param) =>
      param === 'jsonrpc-allowed-methods' ? 'verto' : undefined,
    )
    this.remoteHost = host
    this.place = neighbourhood(host)
    this.name = `${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#socket = socket
    this.#speedTest = new SpeedTest((text) => this.#writeOut(text))
    this.#idle = setTimeout(() => this.#ping(), idleMs)
    const seconds = profile.values.number('login-timeout-sec')
    if (profile.needsLogin && seconds > 0) {
      this.#unknown = setTimeout(() => {
        this.verto.count('refused idle')
        this.close(`no login within ${seconds} s`)
      }, seconds * 1000)
    }
    socket.on('message', (data) => this.#receive(data as Buffer))
    socket.on('ping', (data) => this.#receivePing(data))
    socket.on('error', (thrown: Error & { code?: string }) => {
      if (thrown.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') this.verto.count('refused size')
      log.info(`${this.name}: ${thrown.message}`)
    })
    socket.on('close', () => this.#ended())
  }

  get verto() {
    return this.profile.verto
  }

  /** What was sent last has not left yet: whoever can leave something out should. */
  get isSlow(): boolean {
    return this.#socket.bufferedAmount > hesitateOctets
  }

  /** Whose the session is, and its calls: the user, else nobody; `root` is no user of a domain. */
  get owner(): string {
    return this.user?.uid ?? (this.isAuthed ? 'root' : '')
  }

  get isOpen(): boolean {
    return !this.#isClosed
  }

  /** The login was right. */
  authenticated(): void {
    this.isAuthed = true
    clearTimeout(this.#unknown)
    clearTimeout(this.#expiry)
    if (this.expires === undefined) return
    const ms = Math.min(2 ** 31 - 1, Math.max(0, this.expires * 1000 - Date.now()))
    this.#expiry = setTimeout(() => this.close('the login has expired'), ms)
  }

  /** Wrong once more; too often, and the socket is closed behind the answer. */
  loginFailed(): void {
    this.verto.count('refused login')
    this.verto.logins.failed(this.remoteHost)
    if (++this.wrongLogins >= mostWrongLogins)
      setImmediate(() => this.close('too many wrong logins'))
  }

  /** A request of ours; `id` in the answer is of no interest, as with FreeSWITCH. False when it could not be sent. */
  notify(method: string, params: JsonObject): boolean {
    if (this.#isClosed) return false
    const message = request(this.verto.nextId(), method, params)
    if (this.#held) {
      this.#held.push(message)
      return true
    }
    return this.#sendEvent(message)
  }

  /** Another socket has the session now. */
  punt(): void {
    this.verto.count('taken over')
    this.isBound = false
    this.notify('verto.punt', {})
    setTimeout(() => this.close('its session went on elsewhere', 1000, puntMs / 5), puntMs)
  }

  /** Ends the socket in order; `why` goes into the log. */
  close(why: string, status = 1000, graceMs = 2000): void {
    if (this.#isClosed) return
    this.#isClosing = true
    log.info(`${this.name} is closed: ${why}`)
    this.#socket.close(status)
    // Whoever does not close in turn must not stay.
    setTimeout(() => this.#socket.terminate(), graceMs).unref()
  }

  #receive(data: Buffer): void {
    this.#idle.refresh()
    // Both kinds of frame are taken alike.
    this.#take(data.toString('utf8'))
  }

  /** RFC 6455 section 5.5.3 wants a pong; FreeSWITCH takes what stands in a ping for a message, and clients rely on either. */
  #receivePing(data: Buffer): void {
    this.#idle.refresh()
    if (data.length > 0) this.#take(data.toString('utf8'))
    else this.charge(1)
    // Whoever reads nothing is owed no answer: they would only pile up.
    if (this.#socket.readyState === this.#socket.OPEN && this.#socket.bufferedAmount < slowOctets)
      this.#socket.pong(data)
  }

  #take(text: string): void {
    if (this.#isClosing || this.#isClosed || text === '') return
    this.charge(1)
    if (text.length > longestUnknown && this.profile.needsLogin && !this.isAuthed) {
      this.verto.count('refused size')
      return this.close('a message without end before the login', 1009)
    }
    if (text.startsWith('#')) {
      if (this.isAuthed) this.#speedTest.receive(text)
      else {
        this.verto.count('refused message')
        this.close('a speed test before the login')
      }
      return
    }
    this.#waiting.push(text)
    this.#waitingLength += text.length
    this.#throttle()
    if (!this.#isBusy) void this.#work()
  }

  /** One message after the other; events that a message causes follow its answer. */
  async #work(): Promise<void> {
    this.#isBusy = true
    for (let text = this.#next(); text !== undefined; text = this.#next()) {
      this.verto.trace('READ', this, text)
      this.#held = []
      const answering = answerMessage(this, text)
      // What takes its time (a console command) must not keep events back.
      if (answering instanceof Promise) this.#release()
      const answer = answering instanceof Promise ? await answering : answering
      if (this.#isClosed) break
      if (answer !== undefined) this.#sendAnswer(answer)
      this.#release()
      this.#throttle()
    }
    this.#held = undefined
    this.#isBusy = false
  }

  /** Answers that are not read must not make more answers. */
  #next(): string | undefined {
    if (this.#isClosing || this.#socket.bufferedAmount > slowOctets) return undefined
    const text = this.#waiting.shift()
    this.#waitingLength -= text?.length ?? 0
    return text
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const message of held) this.#sendEvent(message)
  }

  /** Every result names the session. */
  #sendAnswer(answer: Json): void {
    const named =
      this.sessid !== '' && typeof answer === 'object' && answer !== null && 'result' in answer
        ? { ...answer, result: { ...(answer['result'] as JsonObject), sessid: this.sessid } }
        : answer
    this.#write(JSON.stringify(named))
  }

  #sendEvent(message: JsonObject): boolean {
    if (this.#socket.bufferedAmount > fullOctets) {
      this.verto.count('dropped events')
      if (this.#lost++ === 0) log.warning(`${this.name} reads too slowly: events are dropped`)
      if (this.#lost === mostLost) {
        this.verto.count('closed slow')
        log.warning(`${this.name} has lost ${mostLost} events and is cut off`)
        this.#socket.terminate()
      }
      return false
    }
    this.#lost = 0
    this.#write(JSON.stringify(message))
    return true
  }

  #write(text: string): void {
    if (this.#isClosed || this.#socket.readyState !== this.#socket.OPEN) return
    this.verto.trace('WRITE', this, text)
    this.#socket.send(text, () => this.#throttle())
  }

  /** Resolves when it has left; rejects when it cannot. */
  #writeOut(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) reject(new Error('closed'))
      else this.#socket.send(text, (fault) => (fault ? reject(fault) : resolve()))
    })
  }

  /** A message costs one, each of a batch the same; what is spent comes back with time. */
  charge(messages: number): void {
    const now = performance.now()
    const earned = ((now - this.#creditAt) * messagesPerSecond) / 1000
    this.#creditAt = now
    this.#credit = Math.min(messageBurst, this.#credit + earned) - messages
    if (this.#credit >= 0 || this.#earning || this.#isClosed) return
    this.verto.count('slowed messages')
    this.#pause()
    const ms = (-this.#credit * 1000) / messagesPerSecond + 50
    this.#earning = setTimeout(() => {
      this.#earning = undefined
      this.#throttle()
    }, ms)
  }

  /** Reads no more of a client that does not read, or whose messages are answered more slowly than they come. */
  #throttle(): void {
    if (this.#isClosed) return
    const isUnread = this.#socket.bufferedAmount > slowOctets
    const isFull =
      this.#waiting.length > mostWaiting || this.#waitingLength > longestWaiting || isUnread
    if (!isUnread && !this.#isBusy && this.#waiting.length > 0) void this.#work()
    if (isFull) this.#pause()
    else if (this.#isPaused && !this.#earning) {
      this.#isPaused = false
      this.#socket.resume()
    }
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#socket.pause()
  }

  #ping(): void {
    const serno = Math.trunc(Date.now() / 1000)
    if (this.isOpen) {
      this.notify('verto.ping', {
        ...(this.expires === undefined ? {} : { 'auth-expires': this.expires }),
        serno,
      })
    }
    this.#idle.refresh()
  }

  #ended(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    clearTimeout(this.#idle)
    clearTimeout(this.#unknown)
    clearTimeout(this.#expiry)
    clearTimeout(this.#earning)
    this.#waiting.length = 0
    this.#waitingLength = 0
    this.profile.ended(this)
  }
}
