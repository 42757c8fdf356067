/** Reading and writing of challenges and credentials (RFC 3261 §20.7, §20.44, RFC 7616 §3.3, §3.4). */
import { SwitchError } from '../base/errors.ts'
import { closingQuote, isTokenCode, quote, skipBlanks, unescapeQuoted } from './text.ts'

/** `Digest a="b", c=d` taken apart. Names are in lower case, values unquoted. */
export interface AuthValue {
  /** In lower case: `digest`, `basic`. */
  readonly scheme: string
  readonly fields: ReadonlyMap<string, string>
}

/** Parses WWW-Authenticate, Proxy-Authenticate, Authorization, Proxy-Authorization, Authentication-Info values. */
export function parseAuthValue(text: string): AuthValue {
  let at = skipBlanks(text, 0)
  const start = at
  while (at < text.length && isTokenCode(text.charCodeAt(at))) at++
  const scheme = text.slice(start, at).toLowerCase()
  if (scheme === '') throw bad(text)
  const fields = new Map<string, string>()
  for (;;) {
    at = skipSeparators(text, at)
    if (at >= text.length) return { scheme, fields }
    const nameStart = at
    while (at < text.length && isTokenCode(text.charCodeAt(at))) at++
    const name = text.slice(nameStart, at).toLowerCase()
    at = skipBlanks(text, at)
    if (name === '' || text.charCodeAt(at) !== 61) {
      // `Basic Zm9v…`: one token instead of fields.
      if (scheme !== 'digest') return { scheme, fields }
      throw bad(text)
    }
    at = skipBlanks(text, at + 1)
    let value: string
    if (text.charCodeAt(at) === 34) {
      const close = closingQuote(text, at)
      if (close < 0) throw bad(text)
      value = unescapeQuoted(text, at + 1, close)
      at = close + 1
    } else {
      let end = text.indexOf(',', at)
      if (end < 0) end = text.length
      value = text.slice(at, end).trim()
      at = end
    }
    if (fields.has(name)) throw bad(text)
    fields.set(name, value)
  }
}

function skipSeparators(text: string, at: number): number {
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 9 && code !== 44) break
    at++
  }
  return at
}

function bad(text: string): SwitchError {
  return new SwitchError('SIP_BAD_AUTHORIZATION', `bad credentials ${text.slice(0, 60)}`, {
    status: 400,
  })
}

/** What a server asks for. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly algorithm?: string | undefined
  /** The offered qualities: `auth`, `auth,auth-int`; none for the way of RFC 2069. */
  readonly qop?: string | undefined
  readonly opaque?: string | undefined
  readonly isStale?: boolean | undefined
  readonly domain?: string | undefined
}

/** The header value of a challenge, fields in the order that phones are used to. */
export function challengeText(challenge: Challenge): string {
  let text = `Digest realm=${quote(challenge.realm)}, nonce=${quote(challenge.nonce)}`
  if (challenge.opaque !== undefined) text += `, opaque=${quote(challenge.opaque)}`
  if (challenge.domain !== undefined) text += `, domain=${quote(challenge.domain)}`
  if (challenge.isStale === true) text += ', stale=true'
  text += `, algorithm=${challenge.algorithm ?? 'MD5'}`
  if (challenge.qop !== undefined) text += `, qop=${quote(challenge.qop)}`
  return text
}

/** A challenge as it came; undefined when it is for another scheme than Digest. Throws SIP_BAD_AUTHORIZATION. */
export function parseChallenge(text: string): Challenge | undefined {
  const { scheme, fields } = parseAuthValue(text)
  const realm = fields.get('realm')
  const nonce = fields.get('nonce')
  if (scheme !== 'digest') return undefined
  if (realm === undefined || nonce === undefined) throw bad(text)
  return {
    realm,
    nonce,
    algorithm: fields.get('algorithm'),
    qop: fields.get('qop'),
    opaque: fields.get('opaque'),
    isStale: fields.get('stale')?.toLowerCase() === 'true',
  }
}

/** What a client answered. Missing fields are empty. */
export interface Authorization {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  /** As written; '' means MD5. */
  readonly algorithm: string
  readonly qop: string
  readonly nc: string
  readonly cnonce: string
  readonly opaque: string
}

/** Credentials as they came; undefined when they are for another scheme than Digest. Throws SIP_BAD_AUTHORIZATION. */
export function parseAuthorization(text: string): Authorization | undefined {
  const { scheme, fields } = parseAuthValue(text)
  if (scheme !== 'digest') return undefined
  const field = (name: string) => fields.get(name) ?? ''
  return {
    username: field('username'),
    realm: field('realm'),
    nonce: field('nonce'),
    uri: field('uri'),
    response: field('response'),
    algorithm: field('algorithm'),
    qop: field('qop').toLowerCase(),
    nc: field('nc'),
    cnonce: field('cnonce'),
    opaque: field('opaque'),
  }
}
