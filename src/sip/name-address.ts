/** `"Name" <uri>;parameter`: what From, To, Contact, Route, Refer-To and their like hold (RFC 3261 §20.10). */
import { SwitchError } from '../base/errors.ts'
import { closingQuote, parameterOf, quote, skipBlanks, unescapeQuoted } from './text.ts'
import { parseUri, type SipUri } from './uri.ts'

export class NameAddress {
  /** The display name without quotes; '' when there is none. */
  readonly display: string
  /** The URI as it came, without angle brackets. */
  readonly uriText: string
  /** The header parameters, from their first semicolon on. */
  readonly parameters: string
  #uri: SipUri | undefined

  constructor(display: string, uriText: string, parameters = '') {
    this.display = display
    this.uriText = uriText
    this.parameters = parameters
  }

  /** The URI taken apart; throws SIP_BAD_URI. */
  get uri(): SipUri {
    this.#uri ??= parseUri(this.uriText)
    return this.#uri
  }

  get tag(): string | undefined {
    return this.parameters === '' ? undefined : parameterOf(this.parameters, 'tag')
  }

  /** A header parameter, unquoted; '' when it has no value. `name` in lower case. */
  parameter(name: string): string | undefined {
    return this.parameters === '' ? undefined : parameterOf(this.parameters, name)
  }

  toString(): string {
    return `${formatAddress(this.display, this.uriText)}${this.parameters}`
  }
}

/** `"Name" <uri>`, or `<uri>` without a name. */
export function formatAddress(display: string, uri: string): string {
  return display === '' ? `<${uri}>` : `${quote(display)} <${uri}>`
}

function bad(text: string, why: string): SwitchError {
  return new SwitchError('SIP_BAD_ADDRESS', `bad address ${text.slice(0, 80)}: ${why}`, {
    status: 400,
  })
}

/** Parses one address; throws SIP_BAD_ADDRESS. The URI inside is looked at only when it is asked for. */
export function parseNameAddress(text: string): NameAddress {
  let at = skipBlanks(text, 0)
  let display = ''
  if (text.charCodeAt(at) === 34) {
    const close = closingQuote(text, at)
    if (close < 0) throw bad(text, 'the quote is not closed')
    display = unescapeQuoted(text, at + 1, close)
    at = skipBlanks(text, close + 1)
    if (text.charCodeAt(at) !== 60) throw bad(text, 'no < after the name')
  } else {
    const open = text.indexOf('<', at)
    if (open < 0) return bareAddress(text, at)
    display = text.slice(at, open).trim()
    at = open
  }
  const close = text.indexOf('>', at)
  if (close < 0) throw bad(text, 'the < is not closed')
  const uri = text.slice(at + 1, close).trim()
  if (uri === '') throw bad(text, 'no URI')
  const rest = skipBlanks(text, close + 1)
  if (rest < text.length && text.charCodeAt(rest) !== 59) throw bad(text, 'text after the >')
  return new NameAddress(display, uri, rest < text.length ? text.slice(rest) : '')
}

/** Without angle brackets every parameter belongs to the header (§20.10). */
function bareAddress(text: string, at: number): NameAddress {
  const end = text.indexOf(';', at)
  const uri = (end < 0 ? text.slice(at) : text.slice(at, end)).trim()
  if (uri === '') throw bad(text, 'no URI')
  for (let index = 0; index < uri.length; index++) {
    const code = uri.charCodeAt(index)
    if (code === 32 || code === 9 || code === 34)
      throw bad(text, 'a URI may hold no blank or quote')
  }
  return new NameAddress('', uri, end < 0 ? '' : text.slice(end))
}
