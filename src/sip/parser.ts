/**
 * Octets to messages, in one pass over the text (RFC 3261 §7, §25). What cannot even be read as a request or a response is thrown;
 * what can be read but is wrong comes back with its `fault`, so that it can be answered.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { SwitchError } from '../base/errors.ts'
import { type HeaderKind, headerKind } from './headers.ts'
import { type SipMessage, SipRequest, SipResponse } from './message.ts'
import { digitsOf, isToken, isTokenCode } from './text.ts'
import { findFault } from './validate.ts'

/** The bounds of what is read; beyond them a request is answered with the status given. */
export const limits = {
  /** Octets of a whole message: 413. */
  message: 65536,
  /** Characters of the Request-URI: 414. */
  uri: 4096,
  /** Header lines: 400. */
  headers: 256,
  /** Characters of one header value: 400. */
  value: 32768,
}

/** Whether `data` is only line ends: a keep-alive (RFC 5626 §3.5.1). */
export function isKeepAlive(data: Uint8Array): boolean {
  for (let at = 0; at < data.length; at++) if (data[at] !== 13 && data[at] !== 10) return false
  return true
}

/**
 * Parses one whole message: a datagram, or what the stream framer cut out (`isStream`, where Content-Length must stand).
 * Throws SwitchError SIP_NOT_A_MESSAGE when the first line is none.
 */
export function parseMessage(data: Buffer, isStream = false): SipMessage {
  const raw = data.toString('latin1')
  const isPlain = isAscii(data)
  const charset = isPlain || isUtf8(data) ? 'utf8' : 'latin1'
  // Only in plain text (or octets read one by one) a character's index is its octet's.
  let text = raw
  let bodyStart = -1
  if (!isPlain && charset === 'utf8') {
    bodyStart = headEnd(raw)
    text = data.toString('utf8', 0, bodyStart)
  }
  const scan = new Scan(text)
  const message = scan.run()
  message.charset = charset
  if (bodyStart < 0) bodyStart = scan.at
  if (data.length > limits.message) scan.fail('SIP_TOO_LARGE', 'Request Entity Too Large', 413)
  const length = bodyLength(message, data.length - bodyStart, isStream, scan)
  if (length > 0) {
    const end = bodyStart + length
    if (isPlain) message.body = raw.slice(bodyStart, end)
    else message.setBodyBytes(data.subarray(bodyStart, end))
  }
  message.fault = scan.fault ?? findFault(message)
  return message
}

/** Where the body begins, in octets. */
function headEnd(raw: string): number {
  let at = 0
  while (raw.charCodeAt(at) === 13 || raw.charCodeAt(at) === 10) at++
  for (;;) {
    const end = raw.indexOf('\n', at)
    if (end < 0) return raw.length
    const next = raw.charCodeAt(end + 1)
    if (next === 10) return end + 2
    if (next === 13 && raw.charCodeAt(end + 2) === 10) return end + 3
    at = end + 1
  }
}

/** How many of the `available` octets after the head are the body (§18.3). */
function bodyLength(message: SipMessage, available: number, isStream: boolean, scan: Scan): number {
  const value = message.get('Content-Length')
  if (value === undefined) {
    if (isStream) {
      // §18.3: over streams it must stand.
      scan.fail('SIP_NO_LENGTH', 'Missing Content-Length Header', 400)
      return 0
    }
    return available
  }
  const length = digitsOf(value, Number.MAX_SAFE_INTEGER)
  if (length < 0) {
    scan.fail('SIP_BAD_LENGTH', 'Bad Content-Length Header', 400)
    return 0
  }
  if (length > limits.message) {
    scan.fail('SIP_TOO_LARGE', 'Request Entity Too Large', 413)
    return Math.min(length, available)
  }
  if (length > available) {
    // §18.3: a datagram that ends before its body is an error; octets beyond it are dropped.
    scan.fail('SIP_TRUNCATED', 'Bad Request', 400)
    return available
  }
  return length
}

/** One pass over the head of a message. */
class Scan {
  /** The index after the empty line, once run. */
  at = 0
  /** The first thing found wrong. */
  fault: SwitchError | undefined
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** Keeps the first fault; later ones cost nothing. */
  fail(code: string, words: string, status?: number): void {
    if (this.fault !== undefined) return
    this.fault = new SwitchError(code, words, status === undefined ? {} : { status })
  }

  run(): SipMessage {
    const text = this.#text
    // §7.5: line ends before the first line are skipped.
    while (text.charCodeAt(this.at) === 13 || text.charCodeAt(this.at) === 10) this.at++
    let end = text.indexOf('\n', this.at)
    if (end < 0) end = text.length
    const stop = end > this.at && text.charCodeAt(end - 1) === 13 ? end - 1 : end
    const names: string[] = []
    const values: string[] = []
    const keys: string[] = []
    const message = this.#firstLine(text.slice(this.at, stop), names, values, keys)
    this.at = Math.min(end + 1, text.length)
    this.#headers(names, values, keys)
    return message
  }

  #firstLine(line: string, names: string[], values: string[], keys: string[]): SipMessage {
    if (line.startsWith('SIP/2.0 ')) {
      const status = digitsOf(line.slice(8, 11), 999)
      const after = line.charCodeAt(11)
      if (status < 100 || (line.length > 11 && after !== 32)) throw noMessage(line)
      if (status > 699) this.fail('SIP_BAD_STATUS', 'status beyond 699')
      return new SipResponse(status, line.slice(12), names, values, keys)
    }
    const space = line.indexOf(' ')
    const method = line.slice(0, space)
    if (space <= 0 || !isToken(method)) throw noMessage(line)
    let start = space + 1
    while (line.charCodeAt(start) === 32) start++
    const uriEnd = line.indexOf(' ', start)
    if (uriEnd < 0) throw noMessage(line)
    const uri = line.slice(start, uriEnd)
    const version = line.slice(uriEnd + 1).trim()
    if (version !== 'SIP/2.0') {
      // A blank inside the URI ends here too: what follows it is no version, so nobody knows what was meant.
      const parts = /^SIP\s*\/\s*([0-9]+\.[0-9]+)$/i.exec(version)
      if (parts === null) throw noMessage(line)
      if (parts[1] !== '2.0') this.fail('SIP_VERSION', 'Version Not Supported', 505)
    }
    if (uri.length > limits.uri) this.fail('SIP_URI_TOO_LONG', 'Request-URI Too Long', 414)
    return new SipRequest(method, uri, names, values, keys)
  }

  #headers(names: string[], values: string[], keys: string[]): void {
    const text = this.#text
    let seen = 0
    let at = this.at
    while (at < text.length) {
      const start = at
      let end = text.indexOf('\n', at)
      const next = end < 0 ? text.length : end + 1
      if (end < 0) end = text.length
      if (end > at && text.charCodeAt(end - 1) === 13) end--
      if (end === at) {
        this.at = next
        return
      }
      let colon = at
      while (colon < end && isTokenCode(text.charCodeAt(colon))) colon++
      const nameEnd = colon
      while (colon < end && isBlank(text.charCodeAt(colon))) colon++
      if (text.charCodeAt(colon) !== 58 || colon >= end) {
        // A line without a name and colon: nothing can be made of it (nor of the lines folded under it).
        this.fail('SIP_BAD_HEADER', 'Bad Request', 400)
        at = next
        continue
      }
      const first = text.charCodeAt(next)
      let value: string
      if (first === 32 || first === 9) {
        const folded = this.#folded(colon + 1, end, next)
        value = folded.value
        at = folded.next
      } else {
        let from = colon + 1
        while (from < end && isBlank(text.charCodeAt(from))) from++
        let to = end
        while (to > from && isBlank(text.charCodeAt(to - 1))) to--
        value = text.slice(from, to)
        at = next
      }
      // A colon without a name before it: the line is passed over, as FreeSWITCH does.
      if (nameEnd === start) continue
      const written = text.slice(start, nameEnd)
      const kind = headerKind(written)
      seen = this.#keep(kind, written, value, seen, names, values, keys)
      if (names.length > limits.headers) {
        this.fail('SIP_TOO_MANY_HEADERS', 'Too Many Headers', 400)
        break
      }
    }
    this.at = at
  }

  #keep(
    kind: HeaderKind | undefined,
    written: string,
    value: string,
    seen: number,
    names: string[],
    values: string[],
    keys: string[],
  ): number {
    if (kind !== undefined && kind.singleBit !== 0) {
      if ((seen & kind.singleBit) !== 0) {
        this.fail('SIP_TWICE', `Bad ${kind.name} Header`, 400)
        return seen
      }
      seen |= kind.singleBit
    }
    if (value.length > limits.value) this.fail('SIP_HEADER_TOO_LONG', 'Header Too Long', 400)
    names.push(kind?.name ?? written)
    values.push(value)
    keys.push(kind?.name ?? written.toLowerCase())
    return seen
  }

  /** A value that goes on in the next lines: each fold counts as one blank (§7.3.1). */
  #folded(from: number, end: number, next: number): { value: string; next: number } {
    const text = this.#text
    const parts = [text.slice(from, end).trim()]
    let at = next
    while (at < text.length && isBlank(text.charCodeAt(at))) {
      let stop = text.indexOf('\n', at)
      const after = stop < 0 ? text.length : stop + 1
      if (stop < 0) stop = text.length
      parts.push(text.slice(at, stop).trim())
      at = after
    }
    return { value: parts.filter((part) => part !== '').join(' '), next: at }
  }
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9
}

function noMessage(line: string): SwitchError {
  return new SwitchError(
    'SIP_NOT_A_MESSAGE',
    `no SIP message: ${JSON.stringify(line.slice(0, 60))}`,
  )
}
