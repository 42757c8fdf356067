/**
 * SIP messages: header fields as they came (header-fields.ts), the structured ones taken apart when first asked for and remembered,
 * and a body. Writing is joining strings (RFC 3261 §7).
 */
import type { SwitchError } from '../base/errors.ts'
import { SwitchError as Fault } from '../base/errors.ts'
import type { Flow } from './flow.ts'
import { HeaderFields } from './header-fields.ts'
import { type NameAddress, parseNameAddress } from './name-address.ts'
import { reasonPhrase } from './status.ts'
import { digitsOf, skipBlanks, topLevelComma } from './text.ts'
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

export abstract class SipMessage extends HeaderFields {
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

  /** The first line, without its line end. */
  abstract startLine(): string

  protected forget(): void {
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
    const lines = [this.startLine()]
    let hasLength = false
    for (let at = 0; at < this.names.length; at++) {
      if (this.keys[at] === 'Content-Length') {
        if (hasLength) continue
        hasLength = true
        lines.push(`Content-Length: ${length}`)
      } else lines.push(`${this.names[at]}: ${this.values[at]}`)
    }
    if (!hasLength) lines.push(`Content-Length: ${length}`)
    const text = lines.join('\r\n')
    // Whatever brought it there, a value with a line end is no way to headers of its own.
    const isFlat = breaksIn(text, '\r') < lines.length && breaksIn(text, '\n') < lines.length
    return `${isFlat ? text : lines.map(flat).join('\r\n')}\r\n\r\n`
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
  override toString(): string {
    return this.toBuffer().toString(this.charset)
  }
}

function breaksIn(text: string, mark: string): number {
  let count = 0
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) count++
  return count
}

function flat(line: string): string {
  return line.replace(/[\r\n]+/g, ' ')
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
  #uri: SipUri | undefined

  constructor(
    method: string,
    uriText: string,
    names?: string[],
    values?: string[],
    keys?: string[],
  ) {
    super(names, values, keys)
    this.method = method
    this.uriText = uriText
  }

  startLine(): string {
    return `${this.method} ${this.uriText} SIP/2.0`
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
