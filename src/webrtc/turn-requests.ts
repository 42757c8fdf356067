/**
 * Requests to a TURN server with long-term credentials (RFC 8489 section 9.2), as a thing without sockets and timers: the server
 * tells realm and nonce at the first one, a nonce may grow stale, and what is not answered is sent again.
 */
import { randomBytes } from 'node:crypto'
import {
  attribute,
  errorCodeOf,
  isAuthentic,
  type StunMessage,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../net/stun-message.ts'
import {
  isErrorOf,
  isSuccessOf,
  longTermKey,
  type TurnMethod,
  turnAttribute,
} from './turn-message.ts'

export interface TurnAccount {
  readonly username: string
  readonly password: string
}

/** `code` as the server gave it, 0 where it gave no answer; `reason` is a sentence. */
export interface TurnFailure {
  readonly code: number
  readonly reason: string
}

export interface TurnRequest {
  readonly method: TurnMethod
  /** Its attributes, for the transaction that it gets. */
  parts(transaction: Buffer): readonly Buffer[]
  succeeded(answer: StunMessage, now: number): void
  failed(failure: TurnFailure, now: number): void
}

interface Pending {
  readonly request: TurnRequest
  readonly transaction: Buffer
  readonly packet: Buffer
  readonly isSigned: boolean
  /** How often the server wanted another nonce. */
  readonly renewals: number
  sentAt: number
  tries: number
}

/** ms until a request is sent again, twice as long each time, and how often. */
const firstRetry = 250
const mostTries = 6
/** A server that calls every nonce stale gets no more. */
const mostRenewals = 3

/** What the errors of section 19 (and RFC 8489) mean for whoever runs the server. */
const meanings: Readonly<Record<number, string>> = {
  300: 'it refers us to another server, which is not followed',
  400: 'it finds our request bad',
  401: 'the username or password is wrong',
  403: 'it forbids it',
  420: 'it does not know an attribute that we need',
  437: 'it has another allocation for this port of ours, or none any more',
  438: 'it calls every nonce stale',
  440: 'it does not relay this address family',
  441: 'the allocation was made with another username',
  442: 'it does not relay UDP',
  443: 'the peer is of another address family',
  486: 'the quota of allocations of this user is reached',
  500: 'it has a fault of its own',
  508: 'it has no ports left',
}

function failureOf(message: StunMessage): TurnFailure {
  const code = errorCodeOf(message)
  const said = message.values.get(attribute.errorCode)?.subarray(4).toString() ?? ''
  // The server's own words go into a log: printable, and not without end.
  const words = said.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 80)
  const known = meanings[code] ?? 'it refuses'
  return { code, reason: `${known} (${code}${words === '' ? '' : ` ${words}`})` }
}

export class TurnRequests {
  readonly #account: TurnAccount
  readonly #send: (packet: Buffer) => void
  readonly #pending: Pending[] = []
  /** Said by the server; undefined before it was asked. */
  #realm: Buffer | undefined
  #nonce: Buffer | undefined
  #key: Buffer | undefined

  constructor(account: TurnAccount, send: (packet: Buffer) => void) {
    this.#account = account
    this.#send = send
  }

  /** Whether the server has said what is needed to sign. */
  get isChallenged(): boolean {
    return this.#key !== undefined
  }

  ask(request: TurnRequest, now: number, renewals = 0): void {
    const transaction = transactionOf(randomBytes(12))
    const parts = [...request.parts(transaction)]
    if (this.#realm && this.#nonce && this.#key)
      parts.push(
        stunAttribute(attribute.userName, Buffer.from(this.#account.username)),
        stunAttribute(turnAttribute.realm, this.#realm),
        stunAttribute(turnAttribute.nonce, this.#nonce),
      )
    const packet = writeStun(request.method, transaction, parts, this.#key)
    const isSigned = this.#key !== undefined
    this.#pending.push({ request, transaction, packet, isSigned, renewals, sentAt: now, tries: 1 })
    this.#send(packet)
  }

  /** Takes an answer; false: it answers nothing, or is not authentic. */
  receive(message: StunMessage, now: number): boolean {
    const at = this.#pending.findIndex(({ transaction }) => transaction.equals(message.transaction))
    const pending = this.#pending[at]
    if (!pending) return false
    const { request, isSigned } = pending
    if (isSuccessOf(request.method, message.type)) {
      // What a key has asked for has to come with it.
      if (!this.#key || !isSigned || !isAuthentic(message, this.#key)) return false
      this.#pending.splice(at, 1)
      request.succeeded(message, now)
      return true
    }
    if (!isErrorOf(request.method, message.type)) return false
    this.#pending.splice(at, 1)
    const failure = failureOf(message)
    if (this.#mayRepeat(failure.code, pending) && this.#challenged(message))
      this.ask(request, now, pending.renewals + 1)
    else request.failed(failure, now)
    return true
  }

  /** Called a few times a second. */
  tick(now: number): void {
    for (const pending of [...this.#pending]) {
      if (now - pending.sentAt < firstRetry * 2 ** (pending.tries - 1)) continue
      if (pending.tries >= mostTries) {
        this.#pending.splice(this.#pending.indexOf(pending), 1)
        pending.request.failed({ code: 0, reason: 'it does not answer' }, now)
        continue
      }
      pending.tries++
      pending.sentAt = now
      this.#send(pending.packet)
    }
  }

  /** Nobody waits for what is under way any more. */
  forget(): void {
    this.#pending.length = 0
  }

  /** 401 is a challenge to who has not signed, and a refusal to who has; 438 asks for the newer nonce. */
  #mayRepeat(code: number, { isSigned, renewals }: Pending): boolean {
    return (code === 401 && !isSigned) || (code === 438 && renewals < mostRenewals)
  }

  #challenged({ values }: StunMessage): boolean {
    const realm = values.get(turnAttribute.realm) ?? this.#realm
    const nonce = values.get(turnAttribute.nonce)
    if (!realm || !nonce) return false
    this.#realm = Buffer.from(realm)
    this.#nonce = Buffer.from(nonce)
    const { username, password } = this.#account
    this.#key = longTermKey(username, realm.toString(), password)
    return true
  }
}
