/** SIP, SIPS and tel URIs; any other scheme is kept as it came (RFC 3261 §19.1, RFC 3966). */
import { isIPv6 } from 'node:net'
import { SwitchError } from '../base/errors.ts'
import { digitsOf, isToken, parameterOf, parametersOf } from './text.ts'

function bad(text: string, why: string): SwitchError {
  return new SwitchError('SIP_BAD_URI', `bad URI ${text.slice(0, 80)}: ${why}`, { status: 400 })
}

/** A URI taken apart. Texts are as they came (escapes kept); `userName` is the user with escapes resolved. */
export class SipUri {
  /** In lower case: `sip`, `sips`, `tel`, or whatever it was. */
  readonly scheme: string
  /** The user, for tel the number; with its own `;` parameters. Undefined when there is no `@`. */
  readonly user: string | undefined
  readonly password: string | undefined
  /** In lower case; an IPv6 address stands in its brackets. Empty for tel and for schemes that are not understood. */
  readonly host: string
  readonly port: number | undefined
  /** The `;name=value` text, from its first semicolon on. */
  readonly parameters: string
  /** What follows the question mark, without it. */
  readonly headers: string
  /** The whole as it came. */
  readonly text: string

  constructor(parts: {
    scheme: string
    user?: string | undefined
    password?: string | undefined
    host: string
    port?: number | undefined
    parameters?: string | undefined
    headers?: string | undefined
    text?: string | undefined
  }) {
    this.scheme = parts.scheme
    this.user = parts.user
    this.password = parts.password
    this.host = parts.host
    this.port = parts.port
    this.parameters = parts.parameters ?? ''
    this.headers = parts.headers ?? ''
    this.text = parts.text ?? this.#build()
  }

  /** The user with `%xx` resolved and its `;` parameters left off. */
  get userName(): string {
    const user = this.user ?? ''
    const end = user.indexOf(';')
    return unescapeUri(end < 0 ? user : user.slice(0, end))
  }

  /** The host without brackets, as sockets and the resolver take it. */
  get hostAddress(): string {
    return this.host.charCodeAt(0) === 91 ? this.host.slice(1, -1) : this.host
  }

  /** `host` or `host:port`. */
  get hostPort(): string {
    return this.port === undefined ? this.host : `${this.host}:${this.port}`
  }

  get isSip(): boolean {
    return this.scheme === 'sip' || this.scheme === 'sips'
  }

  /** A URI parameter, escapes resolved; '' when it has no value. `name` in lower case. */
  parameter(name: string): string | undefined {
    if (this.parameters === '') return undefined
    const value = parameterOf(this.parameters, name)
    return value === undefined ? undefined : unescapeUri(value)
  }

  /** A header of the URI (`?Replaces=…`), escapes resolved. Names compare without case. */
  header(name: string): string | undefined {
    const wanted = name.toLowerCase()
    for (const [key, value] of headersOf(this.headers)) if (key === wanted) return value
    return undefined
  }

  toString(): string {
    return this.text
  }

  #build(): string {
    if (this.scheme === 'tel') return `tel:${this.user ?? ''}${this.parameters}`
    const password = this.password === undefined ? '' : `:${this.password}`
    const user = this.user === undefined ? '' : `${this.user}${password}@`
    const headers = this.headers === '' ? '' : `?${this.headers}`
    return `${this.scheme}:${user}${this.hostPort}${this.parameters}${headers}`
  }
}

/** Parses any URI; throws SIP_BAD_URI (status 400) when a sip, sips or tel one is broken. */
export function parseUri(text: string): SipUri {
  const colon = text.indexOf(':')
  // FreeSWITCH takes a request for a URI without scheme; nothing routes on it.
  if (colon <= 0) return new SipUri({ scheme: '', host: '', text })
  let scheme = text.slice(0, colon)
  if (scheme !== 'sip') scheme = scheme.toLowerCase()
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, text, colon + 1)
  if (scheme === 'tel') return parseTel(text, colon + 1)
  if (!isToken(scheme)) throw bad(text, 'the scheme is no word')
  return new SipUri({ scheme, host: '', text })
}

function parseTel(text: string, from: number): SipUri {
  const end = text.indexOf(';', from)
  const user = end < 0 ? text.slice(from) : text.slice(from, end)
  if (user === '') throw bad(text, 'no number')
  return new SipUri({
    scheme: 'tel',
    user,
    host: '',
    parameters: end < 0 ? '' : text.slice(end),
    text,
  })
}

function parseSip(scheme: string, text: string, from: number): SipUri {
  // §25.1: an @ may stand nowhere but after the user, where ; and ? may stand too.
  const at = text.indexOf('@', from)
  let user: string | undefined
  let password: string | undefined
  let start = from
  if (at >= 0) {
    start = at + 1
    const colon = text.indexOf(':', from)
    if (colon >= 0 && colon < at) {
      user = text.slice(from, colon)
      password = text.slice(colon + 1, at)
    } else user = text.slice(from, at)
    if (user === '') throw bad(text, 'nothing before the @')
  }
  let end = hostEnd(text, start)
  const host = text.slice(start, end)
  checkHost(text, host)
  let port: number | undefined
  if (text.charCodeAt(end) === 58) {
    let stop = end + 1
    while (stop < text.length && text.charCodeAt(stop) !== 59 && text.charCodeAt(stop) !== 63)
      stop++
    if (stop > end + 1) {
      port = digitsOf(text.slice(end + 1, stop), 65535)
      if (port < 0) throw bad(text, 'the port is no number up to 65535')
    }
    end = stop
  }
  let parameters = ''
  let headers = ''
  if (end < text.length) {
    const mark = text.indexOf('?', end)
    parameters = mark < 0 ? text.slice(end) : text.slice(end, mark)
    if (mark >= 0) headers = text.slice(mark + 1)
  }
  return new SipUri({ scheme, user, password, host: lower(host), port, parameters, headers, text })
}

/** Where the host ends: at a colon, semicolon, question mark or the end; after the bracket of an IPv6 address. */
function hostEnd(text: string, start: number): number {
  if (text.charCodeAt(start) === 91) {
    const close = text.indexOf(']', start)
    if (close < 0) throw bad(text, 'the bracket of the IPv6 address is not closed')
    const next = text.charCodeAt(close + 1)
    if (close + 1 < text.length && next !== 58 && next !== 59 && next !== 63)
      throw bad(text, 'text after the IPv6 address')
    return close + 1
  }
  let end = start
  while (end < text.length) {
    const code = text.charCodeAt(end)
    if (code === 58 || code === 59 || code === 63) break
    end++
  }
  return end
}

function checkHost(text: string, host: string): void {
  if (host === '') throw bad(text, 'no host')
  if (host.charCodeAt(0) === 91) {
    if (!isIPv6(host.slice(1, -1))) throw bad(text, 'no IPv6 address in the brackets')
    return
  }
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at)
    const isGood =
      (code >= 97 && code <= 122) ||
      (code >= 48 && code <= 57) ||
      (code >= 65 && code <= 90) ||
      code === 46 ||
      code === 45 ||
      code === 95
    // Host names beyond ASCII are tolerated: they are somebody's internationalised domain.
    if (!isGood && code < 128) throw bad(text, `the host may not hold ${JSON.stringify(host[at])}`)
  }
}

function lower(host: string): string {
  for (let at = 0; at < host.length; at++) {
    const code = host.charCodeAt(at)
    if (code >= 65 && code <= 90) return host.toLowerCase()
  }
  return host
}

/** Resolves `%xx`; what is no good escape stays as it is. */
export function unescapeUri(text: string): string {
  if (text.indexOf('%') < 0) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
}

/** Escapes text for the user part (RFC 3261 §25.1: unreserved and user-unreserved stand as they are). */
export function escapeUser(text: string): string {
  return encodeURIComponent(text).replace(
    /%(26|3D|2B|24|2C|3B|3F|2F|23)/gi,
    (whole, hex: string) => (hex === '23' ? whole : String.fromCharCode(Number.parseInt(hex, 16))),
  )
}

/** The headers of a URI, names in lower case, escapes resolved. */
function headersOf(text: string): [name: string, value: string][] {
  if (text === '') return []
  return text.split('&').map((piece) => {
    const sign = piece.indexOf('=')
    const name = sign < 0 ? piece : piece.slice(0, sign)
    return [unescapeUri(name).toLowerCase(), sign < 0 ? '' : unescapeUri(piece.slice(sign + 1))]
  })
}

/** Parameters that must stand on both sides or on neither (RFC 3261 §19.1.4). */
const weighty = new Set(['user', 'ttl', 'method', 'maddr', 'transport'])

/** Whether two URIs mean the same (RFC 3261 §19.1.4). Schemes that are not understood compare as text. */
export function isSameUri(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme) return false
  if (!a.isSip) {
    if (a.scheme === 'tel') return isSameTel(a, b)
    return a.text === b.text
  }
  // The user and password compare with case, the rest without; %xx equals what it stands for.
  if (unescapeUri(a.user ?? '') !== unescapeUri(b.user ?? '')) return false
  if ((a.user === undefined) !== (b.user === undefined)) return false
  if (unescapeUri(a.password ?? '') !== unescapeUri(b.password ?? '')) return false
  if (a.host !== b.host || a.port !== b.port) return false
  return hasSameParameters(a, b) && hasSameHeaders(a.headers, b.headers)
}

function parameterMap(uri: SipUri): Map<string, string> {
  return new Map(
    parametersOf(uri.parameters).map(([name, value]) => [
      unescapeUri(name).toLowerCase(),
      unescapeUri(value).toLowerCase(),
    ]),
  )
}

function hasSameParameters(a: SipUri, b: SipUri): boolean {
  if (a.parameters === b.parameters) return true
  const left = parameterMap(a)
  const right = parameterMap(b)
  for (const [name, value] of left) {
    const other = right.get(name)
    if (other === undefined ? weighty.has(name) : other !== value) return false
  }
  for (const name of right.keys()) if (weighty.has(name) && !left.has(name)) return false
  return true
}

function hasSameHeaders(a: string, b: string): boolean {
  if (a === b) return true
  const left = headersOf(a).map(([name, value]) => `${name}=${value}`)
  const right = headersOf(b).map(([name, value]) => `${name}=${value}`)
  return left.sort().join('&') === right.sort().join('&')
}

/** Numbers compare without their visual separators, parameters without order (RFC 3966 §4). */
function isSameTel(a: SipUri, b: SipUri): boolean {
  const number = (uri: SipUri) => (uri.user ?? '').replace(/[-.()]/g, '').toLowerCase()
  if (number(a) !== number(b)) return false
  const list = (uri: SipUri) =>
    [...parameterMap(uri)]
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join(';')
  return list(a) === list(b)
}
