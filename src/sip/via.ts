/** The Via header: parsing, and the `received` and `rport` that a server adds (RFC 3261 §18.2.1, §20.42, RFC 3581). */
import { SwitchError } from '../base/errors.ts'
import { digitsOf, isTokenCode, parameterOf, parametersOf, skipBlanks } from './text.ts'

export class Via {
  /** In capitals: `UDP`, `TCP`, `TLS`, `WS`, `WSS` or whatever it was. */
  readonly protocol: string
  /** The sent-by as it came: `host` or `host:port`. */
  readonly sentBy: string
  /** The host of the sent-by, an IPv6 address in brackets. */
  readonly host: string
  readonly port: number | undefined
  readonly parameters: string

  constructor(
    protocol: string,
    sentBy: string,
    host: string,
    port: number | undefined,
    parameters: string,
  ) {
    this.protocol = protocol
    this.sentBy = sentBy
    this.host = host
    this.port = port
    this.parameters = parameters
  }

  get branch(): string | undefined {
    return parameterOf(this.parameters, 'branch')
  }

  parameter(name: string): string | undefined {
    return parameterOf(this.parameters, name)
  }
}

function bad(text: string, why: string): SwitchError {
  return new SwitchError('SIP_BAD_VIA', `bad Via ${text.slice(0, 80)}: ${why}`, { status: 400 })
}

const plainProtocols: readonly string[] = ['UDP', 'TCP', 'TLS', 'WS', 'WSS', 'SCTP']

/** Parses one Via value: `SIP/2.0/UDP host:port;branch=…`, blanks around the slashes allowed. Throws SIP_BAD_VIA. */
export function parseVia(text: string): Via {
  let at = 8
  if (!text.startsWith('SIP/2.0/')) {
    const match = /^\s*SIP\s*\/\s*2\.0\s*\/\s*/i.exec(text)
    if (match === null) throw bad(text, 'it must begin with SIP/2.0/')
    at = match[0].length
  }
  let end = at
  while (end < text.length && isTokenCode(text.charCodeAt(end))) end++
  if (end === at) throw bad(text, 'no transport')
  let protocol = text.slice(at, end)
  if (!plainProtocols.includes(protocol)) protocol = protocol.toUpperCase()
  const start = skipBlanks(text, end)
  if (start === end) throw bad(text, 'no blank after the transport')
  let stop = start
  if (text.charCodeAt(stop) === 91) {
    stop = text.indexOf(']', stop)
    if (stop < 0) throw bad(text, 'the bracket is not closed')
    stop++
  } else {
    while (stop < text.length) {
      const code = text.charCodeAt(stop)
      if (code === 58 || code === 59 || code === 32 || code === 9) break
      stop++
    }
  }
  const host = text.slice(start, stop)
  if (host === '') throw bad(text, 'no host')
  let port: number | undefined
  let next = skipBlanks(text, stop)
  let sentByEnd = stop
  if (text.charCodeAt(next) === 58) {
    next = skipBlanks(text, next + 1)
    let digits = next
    while (digits < text.length && text.charCodeAt(digits) >= 48 && text.charCodeAt(digits) <= 57)
      digits++
    port = digitsOf(text.slice(next, digits), 65535)
    if (port < 0) throw bad(text, 'the port is no number up to 65535')
    sentByEnd = digits
    next = skipBlanks(text, digits)
  }
  // A comment in parentheses may follow the sent-by in old messages.
  if (next < text.length && text.charCodeAt(next) !== 59 && text.charCodeAt(next) !== 40)
    throw bad(text, 'text after the sent-by')
  const sentBy = text.slice(start, sentByEnd)
  return new Via(protocol, sentBy, host, port, next < text.length ? text.slice(next) : '')
}

/**
 * The Via value with `received` and `rport` as RFC 3581 §4 wants them from the server that got it from `address`:`port`.
 * Forged `received` parameters are replaced. `forceRport` acts as if the client had asked for it.
 */
export function stampVia(
  text: string,
  via: Via,
  address: string,
  port: number,
  forceRport = false,
): string {
  const rport = via.parameter('rport')
  const hasReceived = via.parameter('received') !== undefined
  const wantsRport = rport !== undefined || forceRport
  const bareHost = via.host.charCodeAt(0) === 91 ? via.host.slice(1, -1) : via.host
  if (!wantsRport && !hasReceived && bareHost === address) return text
  let out = text
  if (hasReceived || (rport !== undefined && rport !== '') || text.indexOf('rport=') >= 0) {
    const kept = parametersOf(via.parameters).filter(([name]) => !isStamp(name.toLowerCase()))
    out = text.slice(0, text.length - via.parameters.length)
    for (const [name, value] of kept) out += value === '' ? `;${name}` : `;${name}=${value}`
    if (wantsRport) out += `;rport=${port}`
  } else if (rport === '') {
    const at = text.toLowerCase().indexOf('rport', text.length - via.parameters.length)
    out = `${text.slice(0, at + 5)}=${port}${text.slice(at + 5)}`
  } else if (forceRport) out = `${text};rport=${port}`
  // RFC 3581 §4: with rport the received goes in even if it equals the host.
  return wantsRport || bareHost !== address ? `${out};received=${address}` : out
}

function isStamp(name: string): boolean {
  return name === 'received' || name === 'rport'
}
