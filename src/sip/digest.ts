/** Digest authentication, both sides (RFC 2617, RFC 7616, RFC 8760; RFC 3261 §22). */
import * as crypto from 'node:crypto'
import {
  type Authorization,
  type Challenge,
  parseAuthorization,
  parseChallenge,
} from './digest-header.ts'
import { randomWord } from './identifiers.ts'
import { quote } from './text.ts'

/** The hashes by the name that stands in `algorithm`, in lower case without `-sess`. */
const hashes: Readonly<Record<string, string>> = {
  md5: 'md5',
  'sha-256': 'sha256',
  'sha-512-256': 'sha512-256',
}

/** Best last: what a client prefers when it is offered several (RFC 8760 §2.4 leaves the order to the server, strength to us). */
const strength = ['md5', 'sha-256', 'sha-512-256']

const available = new Set(crypto.getHashes())
const canHashAtOnce = typeof crypto.hash === 'function'

function digestOf(hash: string, text: string | Uint8Array): string {
  return canHashAtOnce
    ? crypto.hash(hash, text, 'hex')
    : crypto.createHash(hash).update(text).digest('hex')
}

/** How an `algorithm` value is computed; undefined when we cannot. */
function algorithmOf(name: string): { hash: string; isSession: boolean } | undefined {
  const lower = name === '' ? 'md5' : name.toLowerCase()
  const isSession = lower.endsWith('-sess')
  const hash = hashes[isSession ? lower.slice(0, -5) : lower]
  return hash === undefined || !available.has(hash) ? undefined : { hash, isSession }
}

/** Whether we can compute this `algorithm`. */
function knowsAlgorithm(name: string): boolean {
  return algorithmOf(name) !== undefined
}

/** H(A1) of a user, in hex: what a directory may hold instead of the password (`a1-hash`). Without the session part. */
export function a1Hash(
  username: string,
  realm: string,
  password: string,
  algorithm = 'MD5',
): string {
  const { hash } = algorithmOf(algorithm) ?? { hash: 'md5' }
  return digestOf(hash, `${username}:${realm}:${password}`)
}

/** H(A2): the same for every request of a method to one URI, so the last ones are remembered. */
const a2Cache = new Map<string, string>()
const a2CacheSize = 256

function a2Hash(hash: string, method: string, uri: string, body: Uint8Array | undefined): string {
  if (body !== undefined) return digestOf(hash, `${method}:${uri}:${digestOf(hash, body)}`)
  const key = `${hash} ${method}:${uri}`
  let value = a2Cache.get(key)
  if (value === undefined) {
    value = digestOf(hash, `${method}:${uri}`)
    if (a2Cache.size >= a2CacheSize) a2Cache.clear()
    a2Cache.set(key, value)
  }
  return value
}

interface Parts {
  readonly algorithm: string
  readonly nonce: string
  readonly uri: string
  readonly qop: string
  readonly nc: string
  readonly cnonce: string
}

/** The response that goes with `secret`, which is H(A1) without the session part. */
function responseOf(
  parts: Parts,
  secret: string,
  method: string,
  body: Uint8Array,
): string | undefined {
  const algorithm = algorithmOf(parts.algorithm)
  if (algorithm === undefined) return undefined
  const { hash, isSession } = algorithm
  const ha1 = isSession ? digestOf(hash, `${secret}:${parts.nonce}:${parts.cnonce}`) : secret
  const ha2 = a2Hash(hash, method, parts.uri, parts.qop === 'auth-int' ? body : undefined)
  if (parts.qop === '') return digestOf(hash, `${ha1}:${parts.nonce}:${ha2}`)
  return digestOf(hash, `${ha1}:${parts.nonce}:${parts.nc}:${parts.cnonce}:${parts.qop}:${ha2}`)
}

/** What a user is known by: the password, or H(A1) for the realm and algorithm of the request. */
export type Secret = { readonly password: string } | { readonly a1Hash: string }

const nothing = new Uint8Array(0)

/**
 * Whether credentials fit the secret. Says nothing of the nonce (NonceStore does). Realm and URI hashed are those of the credentials, as
 * the client computed them.
 */
export function verifyDigest(
  authorization: Authorization,
  method: string,
  secret: Secret,
  body: Uint8Array = nothing,
): boolean {
  const { username, realm, qop, algorithm } = authorization
  if (qop !== '' && qop !== 'auth' && qop !== 'auth-int') return false
  // RFC 7616 §3.4: with qop, both must be there.
  if (qop !== '' && (authorization.cnonce === '' || !/^[0-9a-f]{8}$/i.test(authorization.nc)))
    return false
  const known =
    'a1Hash' in secret
      ? secret.a1Hash.toLowerCase()
      : a1Hash(username, realm, secret.password, algorithm)
  const expected = responseOf(authorization, known, method, body)
  return expected !== undefined && isEqual(expected, authorization.response.toLowerCase())
}

/** Compares in a time that does not tell where they differ. */
function isEqual(a: string, b: string): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at)
  return difference === 0
}

/** What a client proves itself with. */
export interface Credentials {
  readonly username: string
  readonly secret: Secret
}

/**
 * Answers challenges for one peer. Counts how often each nonce was used, so that later requests may be sent with credentials at once.
 */
export class DigestClient {
  readonly #credentials: Credentials
  #challenge: Challenge | undefined
  #count = 0
  /** Answers given since the server last took one. */
  #unproven = 0

  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  /** Whether a challenge was taken, so that `authorize` can answer. */
  get isChallenged(): boolean {
    return this.#challenge !== undefined
  }

  /**
   * Takes the strongest challenge it can answer out of a response's headers. False when there is none, or when the last answer was
   * refused with a challenge that is not stale: the password is wrong, and asking again would go on for ever.
   */
  take(challenges: readonly string[]): boolean {
    let best: Challenge | undefined
    for (const text of challenges) {
      const challenge = readable(text)
      if (challenge === undefined || !knowsAlgorithm(challenge.algorithm ?? '')) continue
      if (chosenQuality(challenge) === undefined) continue
      if (best === undefined || rank(challenge) > rank(best)) best = challenge
    }
    if (best === undefined) return false
    if (this.#unproven > 0 && this.#challenge?.realm === best.realm) {
      // A nonce may run out while it is used; one that is stale again and again is a broken server.
      if (best.isStale !== true || this.#unproven > 3) return false
    }
    this.#challenge = best
    this.#count = 0
    return true
  }

  /** The server took the credentials: the next challenge is a new one, not a refusal. */
  accepted(): void {
    this.#unproven = 0
  }

  /** The value for Authorization or Proxy-Authorization; undefined before any challenge. */
  authorize(method: string, uri: string, body: Uint8Array = nothing): string | undefined {
    const challenge = this.#challenge
    if (challenge === undefined) return undefined
    this.#count++
    this.#unproven++
    return answerText(challenge, this.#credentials, method, uri, this.#count, randomWord(12), body)
  }
}

function readable(text: string): Challenge | undefined {
  try {
    return parseChallenge(text)
  } catch {
    return undefined
  }
}

function rank(challenge: Challenge): number {
  const name = (challenge.algorithm ?? 'MD5').toLowerCase().replace(/-sess$/, '')
  return strength.indexOf(name)
}

/** `auth` where it is offered, else `auth-int`; '' when the server offers none; undefined when it offers only what nobody knows. */
function chosenQuality(challenge: Challenge): string | undefined {
  if (challenge.qop === undefined || challenge.qop.trim() === '') return ''
  const offered = challenge.qop.split(',').map((one) => one.trim().toLowerCase())
  if (offered.includes('auth')) return 'auth'
  return offered.includes('auth-int') ? 'auth-int' : undefined
}

/** The credentials that answer a challenge. `count` is the nonce count, `cnonce` the client's own random word. */
export function answerText(
  challenge: Challenge,
  credentials: Credentials,
  method: string,
  uri: string,
  count: number,
  cnonce: string,
  body: Uint8Array = nothing,
): string {
  const { username, secret } = credentials
  const algorithm = challenge.algorithm ?? ''
  const qop = chosenQuality(challenge) ?? ''
  const nc = count.toString(16).padStart(8, '0')
  const known =
    'a1Hash' in secret
      ? secret.a1Hash.toLowerCase()
      : a1Hash(username, challenge.realm, secret.password, algorithm)
  const parts = { algorithm, nonce: challenge.nonce, uri, qop, nc, cnonce }
  const response = responseOf(parts, known, method, body) ?? ''
  const needsCnonce = qop !== '' || algorithm.toLowerCase().endsWith('-sess')
  let text = `Digest username=${quote(username)}, realm=${quote(challenge.realm)}, nonce=${quote(challenge.nonce)}`
  if (needsCnonce) text += `, cnonce="${cnonce}"`
  if (challenge.opaque !== undefined) text += `, opaque=${quote(challenge.opaque)}`
  if (algorithm !== '') text += `, algorithm=${algorithm}`
  text += `, uri="${uri}", response="${response}"`
  return qop === '' ? text : `${text}, qop=${qop}, nc=${nc}`
}

/** The credentials of a request for a realm (any realm when undefined): the first Digest ones that fit. Broken ones are passed over. */
export function authorizationFor(
  values: readonly string[],
  realm: string | undefined,
): Authorization | undefined {
  for (const value of values) {
    try {
      const found = parseAuthorization(value)
      if (found !== undefined && (realm === undefined || found.realm === realm)) return found
    } catch {
      // Broken credentials are no credentials.
    }
  }
  return undefined
}
