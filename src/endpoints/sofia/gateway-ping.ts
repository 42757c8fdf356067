/** Asks a gateway every so often whether it is there (OPTIONS), and counts the answers (`ping`, `ping-min`, `ping-max`). */
import type { Timer } from '../../base/clock.ts'
import { logger } from '../../base/log.ts'
import type { HeaderLine, SipResponse } from '../../sip/message.ts'
import { createRequest } from '../../sip/request.ts'
import type { Gateway } from './gateway.ts'

const log = logger('sofia/gateway')

export class GatewayPing {
  readonly #gateway: Gateway
  #timer: Timer | undefined
  #isStopped = false
  /** Whether an answer is awaited. */
  isWaiting = false
  /** Answers in a row, at most `max`. */
  count = 0
  /** ms the last answer took. */
  milliseconds = 0
  /** ms since the epoch; 0: no pings. */
  next = 0

  constructor(gateway: Gateway) {
    this.#gateway = gateway
  }

  /** Seconds between pings; 0: none. */
  get seconds(): number {
    return this.#gateway.account.pingSeconds
  }

  get min(): number {
    return this.seconds === 0 ? 0 : this.#gateway.account.values.number('ping-min')
  }

  get max(): number {
    return this.seconds === 0 ? 0 : this.#gateway.account.values.number('ping-max')
  }

  start(): void {
    if (this.seconds > 0) this.#plan()
  }

  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
  }

  #plan(): void {
    if (this.#isStopped) return
    const { clock } = this.#gateway.host
    this.next = clock.now() + this.seconds * 1000
    this.#timer = clock.after(this.seconds * 1000, () => this.#due())
  }

  /** Only a gateway that is registered, or needs no registration, is asked. */
  #due(): void {
    const { state } = this.#gateway
    if (state === 'NOREG' || state === 'REGED') this.#send()
    else this.#plan()
  }

  #send(): void {
    const gateway = this.#gateway
    const { account, host } = gateway
    const agent = account.values.text('ping-user-agent')
    const headers: HeaderLine[] = host.headers.map(([name, value]) =>
      name === 'User-Agent' && agent !== '' ? [name, agent] : [name, value],
    )
    if (account.values.boolean('contact-in-ping')) headers.unshift(['Contact', gateway.contact])
    const sent = host.clock.now()
    this.isWaiting = true
    const request = createRequest('OPTIONS', {
      uri: account.registerUri,
      from: account.pingAddress,
      to: account.pingAddress,
      routes: account.registerRoute === undefined ? [] : [`<${account.registerRoute};lr>`],
      headers,
    })
    host.sender.request(request, {
      final: (response) => {
        this.isWaiting = false
        if (this.#isStopped) return
        this.#answered(response, host.clock.now() - sent)
        this.#plan()
      },
    })
  }

  /** Any answer but 408 and 503 shows that somebody is there, a refusal too. */
  #answered(response: SipResponse, milliseconds: number): void {
    const gateway = this.#gateway
    const { status } = response
    const wasUp = gateway.isUp
    if (status !== 408 && status !== 503) {
      this.count = Math.min(this.max, this.count + 1)
      this.milliseconds = milliseconds
      if (this.count >= this.min) gateway.setUp(true)
    } else {
      this.count = Math.max(0, this.count - 1)
      this.milliseconds = 0
      log.warning(`gateway ${gateway.name}: no answer to the ping (${status} ${response.reason})`)
      if (this.count < this.min) gateway.setUp(false)
      gateway.pingFailed()
    }
    if (gateway.isUp !== wasUp || gateway.account.values.boolean('ping-monitoring'))
      gateway.announceState(status, response.reason)
  }
}
