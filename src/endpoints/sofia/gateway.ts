/** A gateway: one account at a provider. Registers there, keeps the registration up, and knows whether calls may go out. */
import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { SwitchEvent } from '../../core/events.ts'
import { type RequestSender, retryWithCredentials } from '../../sip/authenticate.ts'
import { DigestClient } from '../../sip/digest.ts'
import type { Flow } from '../../sip/flow.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../../sip/message.ts'
import { createRequest } from '../../sip/request.ts'
import { contactOf, type GatewayAccount } from './gateway-account.ts'
import { GatewayPing } from './gateway-ping.ts'
import {
  type GatewayEffect,
  type GatewayEvent,
  type GatewayState,
  gatewayPath,
  refreshDelay,
  retryDelay,
} from './gateway-states.ts'

const log = logger('sofia/gateway')

/** What a gateway needs of the profile that has it. */
export interface GatewayHost {
  /** The profile's name. */
  readonly name: string
  readonly sender: RequestSender
  readonly clock: Clock
  /** User-Agent, Allow, Supported. */
  readonly headers: readonly HeaderLine[]
  readonly sipIp: string
  readonly externalSipIp: string
  readonly sipPort: number
  /** Whether an address passes an access list. */
  passes(address: string, list: string): boolean
  announce(subclass: string, fill: (event: SwitchEvent) => void): void
}

export class Gateway {
  readonly account: GatewayAccount
  readonly host: GatewayHost
  readonly ping: GatewayPing
  callsIn = 0
  callsOut = 0
  failedCallsIn = 0
  failedCallsOut = 0
  #state: GatewayState
  #isUp = false
  /** ms since the epoch. */
  #upSince = 0
  #timer: Timer | undefined
  /** When the timer fires, ms since the epoch; 0: none runs. */
  #due = 0
  #failures = 0
  #failureStatus = 0
  #retryAfter = 0
  #granted: number
  #asked: number
  #sequence = 0
  /** Which REGISTER counts: answers to older ones are of no more interest. */
  #attempt = 0
  #leaving: Promise<void> | undefined
  #isStopped = false
  #registrar: Flow | undefined
  readonly #callId = randomUUID()

  constructor(host: GatewayHost, account: GatewayAccount) {
    this.host = host
    this.account = account
    this.#asked = account.expireSeconds
    this.#granted = account.expireSeconds
    this.#state = account.registers ? 'UNREGED' : 'NOREG'
    this.ping = new GatewayPing(this)
  }

  get name(): string {
    return this.account.name
  }

  get state(): GatewayState {
    return this.#state
  }

  /** Whether calls may go out: registered or not in need of it, and answering pings if there are any. */
  get isUp(): boolean {
    return this.#isUp
  }

  /** ms since the epoch; 0 while it is down. */
  get upSince(): number {
    return this.#isUp ? this.#upSince : 0
  }

  /** Whole seconds until the next try (retry or time-out); undefined when none is planned. */
  get retrySeconds(): number | undefined {
    if (this.#due === 0) return undefined
    return Math.max(0, Math.round((this.#due - this.host.clock.now()) / 1000))
  }

  /** Our Contact there, with angle brackets. */
  get contact(): string {
    const { host, account } = this
    const given = account.values.text('contact-host')
    const address = given === 'sip-ip' ? host.sipIp : given || host.externalSipIp
    return contactOf(account, address, host.sipPort)
  }

  /** Begins: registers, or is up at once when it needs none. */
  start(): void {
    if (this.account.registers) this.#enter(gatewayPath('UNREGED', 'settled'))
    else this.setUp(true)
    this.ping.start()
  }

  /** Registers now, whatever it was doing. False when this gateway does not register. */
  register(): boolean {
    if (!this.account.registers) return false
    this.#fire('register')
    return true
  }

  /** Takes the registration back and stays down until `register`. False when this gateway does not register. */
  unregister(): boolean {
    if (!this.account.registers) return false
    this.#fire('unregister')
    return true
  }

  /** Ends for good: a registration is taken back, which is waited for at most 2 s. */
  async stop(): Promise<void> {
    if (this.#isStopped) return this.#leaving
    this.#isStopped = true
    this.ping.stop()
    if (this.#state === 'REGED') this.#fire('unregister')
    this.#stopTimer()
    this.#attempt++
    await this.#leaving
  }

  setUp(isUp: boolean): void {
    if (this.#isUp === isUp) return
    this.#isUp = isUp
    if (isUp) this.#upSince = this.host.clock.now()
    log.notice(`gateway ${this.name} is ${isUp ? 'up' : 'down'}`)
  }

  pingFailed(): void {
    if (this.#state !== 'REGED') return
    this.#failureStatus = 0
    this.#fire('ping failed')
  }

  /** sofia::gateway_state. */
  announceState(status = 0, phrase = ''): void {
    this.host.announce('sofia::gateway_state', (event) => {
      event.add('Gateway', this.name)
      event.add('State', this.#state)
      event.add('Ping-Status', this.#isUp ? 'UP' : 'DOWN')
      if (this.#registrar) {
        event.add('Register-Network-IP', this.#registrar.remoteAddress)
        event.add('Register-Network-Port', String(this.#registrar.remotePort))
      }
      if (phrase !== '') event.add('Phrase', phrase)
      if (status !== 0) event.add('Status', String(status))
    })
  }

  /** What answers challenges of calls through this gateway; a new one for each call. */
  digest(): DigestClient {
    const { authUsername, password } = this.account
    return new DigestClient({ username: authUsername, secret: { password } })
  }

  /** Whether whoever sent that response may be given credentials (`gw-auth-acl`). */
  trusts(response: SipResponse): boolean {
    const list = this.account.values.text('gw-auth-acl')
    if (list === '') return true
    const address = response.flow?.remoteAddress ?? ''
    if (this.host.passes(address, list)) return true
    log.warning(`gateway ${this.name}: ${address} asks for credentials and is not in ${list}`)
    return false
  }

  #fire(event: GatewayEvent, status = 0, phrase = ''): void {
    this.#enter(gatewayPath(this.#state, event), status, phrase)
  }

  #enter(path: ReturnType<typeof gatewayPath>, status = 0, phrase = ''): void {
    path.forEach((place, index) => {
      this.#state = place.state
      if (place.state === 'TIMEOUT') this.#timedOut()
      for (const effect of place.effects) this.#apply(effect)
      // Only the first state is what the answer led to.
      if (index === 0) this.announceState(status, phrase)
      else this.announceState()
    })
  }

  #apply(effect: GatewayEffect): void {
    switch (effect) {
      case 'send register':
        this.#register()
        break
      case 'send unregister':
        this.#leaving = this.#unregister()
        break
      case 'start timeout':
        this.#startTimer(this.account.timeoutSeconds)
        break
      case 'start refresh':
        this.#startTimer(refreshDelay(this.#granted))
        break
      case 'start retry':
        this.#startTimer(this.#retryDelay())
        break
      case 'stop timer':
        this.#stopTimer()
        break
      default:
        this.setUp(effect === 'mark up')
    }
  }

  #startTimer(seconds: number): void {
    this.#stopTimer()
    if (this.#isStopped) return
    this.#due = this.host.clock.now() + seconds * 1000
    this.#timer = this.host.clock.after(seconds * 1000, () => {
      this.#due = 0
      this.#timer = undefined
      this.#fire('timer')
    })
  }

  #stopTimer(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#due = 0
  }

  #timedOut(): void {
    log.warning(`gateway ${this.name}: no answer to REGISTER in ${this.account.timeoutSeconds} s`)
    this.#attempt++
    this.#failures++
    this.#failureStatus = 908
    this.#retryAfter = 0
  }

  #retryDelay(): number {
    const seconds = retryDelay({
      retrySeconds: this.account.retrySeconds,
      noAnswerSeconds: this.account.values.number('908-retry-seconds'),
      status: this.#failureStatus,
      failures: this.#failures,
      retryAfter: this.#retryAfter,
    })
    log.warning(
      `gateway ${this.name}: registration failed [${this.#failureStatus}], again in ${seconds} s`,
    )
    return seconds
  }

  #request(expires: number): SipRequest {
    const { account, host } = this
    return createRequest('REGISTER', {
      uri: account.registerUri,
      from: account.from,
      to: account.values.boolean('distinct-to') ? `<${account.to}>` : account.from,
      callId: this.#callId,
      sequence: ++this.#sequence,
      routes: account.registerRoute === undefined ? [] : [`<${account.registerRoute};lr>`],
      headers: [['Contact', this.contact], ['Expires', String(expires)], ...host.headers],
    })
  }

  /** Sends and answers challenges; `done` hears the outcome. */
  #send(request: SipRequest, digest: DigestClient, done: (response: SipResponse) => void): void {
    this.host.sender.request(request, {
      final: (response) => {
        const isChallenge = response.status === 401 || response.status === 407
        const again =
          isChallenge && this.trusts(response)
            ? retryWithCredentials(request, response, digest)
            : undefined
        if (again === undefined) {
          done(response)
          return
        }
        this.#sequence = again.cseq.number
        this.#send(again, digest, done)
      },
    })
  }

  #register(): void {
    const attempt = ++this.#attempt
    this.#send(this.#request(this.#asked), this.digest(), (response) => {
      if (attempt === this.#attempt) this.#answered(response)
    })
  }

  #answered(response: SipResponse): void {
    const { status, reason } = response
    if (response.flow) this.#registrar = response.flow
    if (status < 300) {
      this.#failures = 0
      this.#granted = this.#grantedBy(response)
      this.#fire('accepted', status, reason)
      return
    }
    // §21.4.17: the registrar wants longer registrations.
    const least = status === 423 ? (response.number('Min-Expires') ?? 0) : 0
    if (least > this.#asked) {
      this.#asked = least
      this.#register()
      return
    }
    this.#failures++
    this.#failureStatus = status
    this.#retryAfter = Number.parseInt(response.get('Retry-After') ?? '0', 10) || 0
    log.err(`gateway ${this.name}: registration refused: ${status} ${reason} (${this.#failures})`)
    this.#fire('refused', status, reason)
  }

  /** How long our contact is bound, seconds (§10.2.4): its own parameter, else the Expires header, else as asked. */
  #grantedBy(response: SipResponse): number {
    try {
      const { contacts } = response
      const contact =
        contacts.length > 1
          ? contacts.find((each) => each.uri.parameter('gw') === this.name)
          : contacts[0]
      const text = contact?.parameter('expires') ?? response.get('Expires')
      const seconds = Number.parseInt(text ?? '', 10)
      return seconds > 0 ? seconds : this.#asked
    } catch {
      return this.#asked
    }
  }

  #unregister(): Promise<void> {
    this.#attempt++
    return new Promise((resolve) => {
      const limit = this.host.clock.after(2000, resolve)
      this.#send(this.#request(0), this.digest(), (response) => {
        limit.cancel()
        if (response.status >= 300)
          log.warning(`gateway ${this.name}: unregistering: ${response.status} ${response.reason}`)
        resolve()
      })
    })
  }
}
