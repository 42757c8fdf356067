/**
 * SIP messages. Headers are kept as raw text in the order they came; structured ones are taken apart when first asked for and
 * remembered. Writing is joining strings (RFC 3261 §7).
 */
import type { SwitchError } from '../base/errors.ts'
import { SwitchError as Fault } from '../base/errors.ts'
import type { Flow } from './flow.ts'
import { headerKey } from './headers.ts'
import { type NameAddress, parseNameAddress } from './name-address.ts'
import { reasonPhrase } from './status.ts'
import { digitsOf, skipBlanks, splitCommas, topLevelComma } from './text.ts'
import { parseUri, type SipUri } from './uri.ts'
import { parseVia, type Via } from './via.ts'

/** A header as written by a caller of the library: name and value. */
export type HeaderLine = readonly [name: string, value: string]

export interface CSeq {
  readonly number: number
  readonly method: string
}

/** The largest CSeq and RSeq: they must be below 2^31 (§8.1.1.5). Up to 2^32-1 is read. */
const largestSequence = 0xffff_ffff

export abstract class SipMessage {
  /** Header names in order: the usual spelling where it is known, else as written. */
  readonly names: string[]
  /** The raw value of each, trimmed, folds resolved. */
  readonly values: string[]
  /** Under which key each is found (`headerKey`). */
  protected readonly keys: string[]
  /** Where it came from; undefined for one that was made here. */
  flow: Flow | undefined
  /** What is wrong with a received message that could still be read; `status` is what to answer. */
  fault: SwitchError | undefined
  /** How the text is turned into octets: `latin1` keeps the octets of a message that was no good UTF-8. */
  charset: 'utf8' | 'latin1' = 'utf8'
  protected content: string | Uint8Array = ''

  private viaCache: Via | undefined
  private fromCache: NameAddress | undefined
  private toCache: NameAddress | undefined
  private sequenceCache: CSeq | undefined
  private contactsCache: readonly NameAddress[] | undefined

  constructor(names: string[] = [], values: string[] = [], keys: string[] = []) {
    this.names = names
    this.values = values
    this.keys = keys
  }

  /** The first line, without its line end. */
  abstract startLine(): string

  /** The raw value of the first header of that name, any spelling; undefined when it is not there. */
  get(name: string): string | undefined {
    const at = this.keys.indexOf(headerKey(name))
    return at < 0 ? undefined : this.values[at]
  }

  has(name: string): boolean {
    return this.keys.includes(headerKey(name))
  }

  /** The raw values of all headers of that name, one for each line. */
  lines(name: string): string[] {
    const key = headerKey(name)
    const found: string[] = []
    for (let at = this.keys.indexOf(key); at >= 0; at = this.keys.indexOf(key, at + 1))
      found.push(this.values[at] ?? '')
    return found
  }

  /** All values of a list header: lines split at their commas (quotes and brackets respected). */
  list(name: string): string[] {
    const lines = this.lines(name)
    const only = lines[0]
    if (lines.length === 1 && only !== undefined) return splitCommas(only)
    return lines.flatMap(splitCommas)
  }

  /** Whether a list of tokens (`Supported`, `Require`, `Allow`) holds `token`, any case. */
  lists(name: string, token: string): boolean {
    const wanted = token.toLowerCase()
    return this.list(name).some((value) => value.toLowerCase() === wanted)
  }

  /** Puts the value in place of all headers of that name: where the first stood, else at the end. */
  set(name: string, value: string): this {
    const key = headerKey(name)
    const at = this.keys.indexOf(key)
    if (at < 0) return this.add(name, value)
    this.values[at] = value
    for (let more = this.keys.indexOf(key, at + 1); more >= 0; ) {
      this.removeAt(more)
      more = this.keys.indexOf(key, at + 1)
    }
    this.forget()
    return this
  }

  /** Adds a header line at the end. */
  add(name: string, value: string): this {
    const key = headerKey(name)
    this.keys.push(key)
    this.names.push(name)
    this.values.push(value)
    this.forget()
    return this
  }

  /** Adds header lines at the end. */
  addAll(headers: readonly HeaderLine[]): this {
    for (const header of headers) this.add(header[0], header[1])
    return this
  }

  /** Puts a header line before all others. */
  prepend(name: string, value: string): this {
    this.keys.unshift(headerKey(name))
    this.names.unshift(name)
    this.values.unshift(value)
    this.forget()
    return this
  }

  /** Removes all headers of that name. */
  remove(name: string): this {
    const key = headerKey(name)
    for (let at = this.keys.indexOf(key); at >= 0; at = this.keys.indexOf(key)) this.removeAt(at)
    this.forget()
    return this
  }

  private removeAt(at: number): void {
    this.keys.splice(at, 1)
    this.names.splice(at, 1)
    this.values.splice(at, 1)
  }

  private forget(): void {
    this.viaCache = undefined
    this.fromCache = undefined
    this.toCache = undefined
    this.sequenceCache = undefined
    this.contactsCache = undefined
  }

  /** Replaces the first value of the first Via, leaving others of its line alone. */
  replaceTopVia(value: string): void {
    const at = this.keys.indexOf('Via')
    if (at < 0) {
      this.prepend('Via', value)
      return
    }
    const old = this.values[at] ?? ''
    const comma = topLevelComma(old)
    this.values[at] = comma < 0 ? value : value + old.slice(comma)
    this.viaCache = undefined
  }

  /** The text of the first Via value. */
  get topViaText(): string {
    const line = this.get('Via') ?? ''
    const comma = topLevelComma(line)
    return comma < 0 ? line : line.slice(0, comma)
  }

  /** The first Via; throws SIP_BAD_VIA, also when there is none. */
  get via(): Via {
    this.viaCache ??= parseVia(this.topViaText)
    return this.viaCache
  }

  /** Throws SIP_BAD_ADDRESS, also when there is none. */
  get from(): NameAddress {
    this.fromCache ??= parseNameAddress(this.get('From') ?? '')
    return this.fromCache
  }

  get to(): NameAddress {
    this.toCache ??= parseNameAddress(this.get('To') ?? '')
    return this.toCache
  }

  get callId(): string {
    return this.get('Call-ID') ?? ''
  }

  /** Throws SIP_BAD_CSEQ, also when there is none. */
  get cseq(): CSeq {
    this.sequenceCache ??= parseSequence(this.get('CSeq') ?? '')
    return this.sequenceCache
  }

  /** All contacts; a lone `*` comes as an address whose uriText is `*`. Throws SIP_BAD_ADDRESS. */
  get contacts(): readonly NameAddress[] {
    this.contactsCache ??= this.list('Contact').map(parseNameAddress)
    return this.contactsCache
  }

  /** The first contact, if there is one. */
  get contact(): NameAddress | undefined {
    return this.contacts[0]
  }

  /** A header that is a number (`Expires`, `Max-Forwards`, `RSeq`); undefined when missing or no number. Its parameters are left off. */
  number(name: string): number | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    const end = value.indexOf(';')
    const digits = digitsOf((end < 0 ? value : value.slice(0, end)).trim(), largestSequence)
    return digits < 0 ? undefined : digits
  }

  /** The body as text. */
  get body(): string {
    if (typeof this.content === 'string') return this.content
    return Buffer.from(this.content).toString(this.charset)
  }

  /** The body as octets. */
  get bodyBytes(): Uint8Array {
    return typeof this.content === 'string' ? Buffer.from(this.content, this.charset) : this.content
  }

  set body(value: string) {
    this.content = value
  }

  setBodyBytes(value: Uint8Array): void {
    this.content = value
  }

  get hasBody(): boolean {
    return this.content.length > 0
  }

  /** The media type in lower case without parameters: `application/sdp`; '' when there is none. */
  get contentType(): string {
    const value = this.get('Content-Type') ?? ''
    const end = value.indexOf(';')
    return (end < 0 ? value : value.slice(0, end)).trim().toLowerCase()
  }

  /** First line and headers with the empty line; Content-Length stands where the message has it, else last. */
  private head(length: number): string {
    let text = `${this.startLine()}\r\n`
    let hasLength = false
    for (let at = 0; at < this.names.length; at++) {
      if (this.keys[at] === 'Content-Length') {
        if (hasLength) continue
        hasLength = true
        text += `Content-Length: ${length}\r\n`
      } else text += `${this.names[at]}: ${this.values[at]}\r\n`
    }
    return hasLength ? `${text}\r\n` : `${text}Content-Length: ${length}\r\n\r\n`
  }

  /** The octets for the wire; the true length of the body is filled in. */
  toBuffer(): Buffer {
    const content = this.content
    if (typeof content === 'string') {
      const length = content === '' ? 0 : Buffer.byteLength(content, this.charset)
      return Buffer.from(this.head(length) + content, this.charset)
    }
    return Buffer.concat([Buffer.from(this.head(content.length), this.charset), content])
  }

  /** The text for logs and tests. */
  toString(): string {
    return this.toBuffer().toString(this.charset)
  }
}

function parseSequence(text: string): CSeq {
  let end = 0
  while (end < text.length && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  const number = digitsOf(text.slice(0, end), largestSequence)
  const start = skipBlanks(text, end)
  if (number < 0 || start === end || start === text.length)
    throw new Fault('SIP_BAD_CSEQ', `bad CSeq ${text.slice(0, 40)}`, { status: 400 })
  return { number, method: text.slice(start) }
}

export class SipRequest extends SipMessage {
  readonly method: string
  /** The Request-URI as text. */
  uriText: string
  /** `SIP/2.0` unless the sender had another idea. */
  readonly version: string
  #uri: SipUri | undefined

  constructor(
    method: string,
    uriText: string,
    names?: string[],
    values?: string[],
    keys?: string[],
    version = 'SIP/2.0',
  ) {
    super(names, values, keys)
    this.method = method
    this.uriText = uriText
    this.version = version
  }

  startLine(): string {
    return `${this.method} ${this.uriText} ${this.version}`
  }

  /** The Request-URI taken apart; throws SIP_BAD_URI. */
  get uri(): SipUri {
    if (this.#uri === undefined || this.#uri.text !== this.uriText)
      this.#uri = parseUri(this.uriText)
    return this.#uri
  }

  /** The tag of the To: set in a request inside a dialog. */
  get toTag(): string | undefined {
    return this.to.tag
  }
}

export class SipResponse extends SipMessage {
  readonly status: number
  readonly reason: string
  /**
   * Why it was made here instead of coming from the other side: `timeout` stands for a 408 (§8.1.3.1), `transport` for a 503.
   * Undefined for one that was received.
   */
  local: 'timeout' | 'transport' | undefined

  constructor(
    status: number,
    reason: string = reasonPhrase(status),
    names?: string[],
    values?: string[],
    keys?: string[],
  ) {
    super(names, values, keys)
    this.status = status
    this.reason = reason
  }

  startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`
  }
}

/** Methods whose 101–2xx responses carry the route set back (§12.1.1, RFC 6665 §4.2.1, RFC 3515). */
const dialogMethods: readonly string[] = ['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'UPDATE']

/**
 * A response with what it takes over from its request (§8.2.6.2): all Vias, From, To, Call-ID, CSeq; Record-Route where a dialog
 * comes of it; Timestamp in a 100. `toTag` goes into the To of all but 100 when the request has none.
 */
export function responseTo(
  request: SipRequest,
  status: number,
  reason?: string,
  toTag?: string,
): SipResponse {
  const response = new SipResponse(status, reason)
  response.charset = request.charset
  for (const via of request.lines('Via')) response.add('Via', via)
  if (status > 100 && status < 300 && dialogMethods.includes(request.method))
    for (const route of request.lines('Record-Route')) response.add('Record-Route', route)
  response.add('From', request.get('From') ?? '')
  let to = request.get('To') ?? ''
  if (toTag !== undefined && status > 100 && request.to.tag === undefined) to += `;tag=${toTag}`
  response.add('To', to)
  response.add('Call-ID', request.callId)
  response.add('CSeq', request.get('CSeq') ?? '')
  if (status === 100) {
    const stamp = request.get('Timestamp')
    if (stamp !== undefined) response.add('Timestamp', stamp)
  }
  return response
}
