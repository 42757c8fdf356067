/** The text and time commands as plain functions: what `url_encode`, `escape`, `md5`, `strftime` and their like reply. */
import { createHash } from 'node:crypto'
import { leadingInteger } from './expand/expand.ts'
import { parseTime } from './time/parse-time.ts'
import { isCheckedPattern, strftime } from './time/strftime.ts'
import { fixedZone, localTime, type TimeZones } from './time/timezone.ts'

const unsafe = '\r\n #%&+:;<=>?@[\\]^`{|}"'

/** Percent-encodes UTF-8 bytes outside printable ASCII and what is unsafe in an address; what is encoded already stays. */
export function urlEncode(text: string): string {
  const bytes = Buffer.from(text)
  let made = ''
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    const character = String.fromCharCode(byte)
    const isEncoded =
      character === '%' && /^[0-9A-F]{2}$/.test(bytes.toString('latin1', at + 1, at + 3))
    const isPlain = byte >= 0x20 && byte <= 0x7e && !unsafe.includes(character)
    made +=
      isEncoded || isPlain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return made
}

/** Resolves `%41`; `+` stays, and so does a percent sign without a number behind it. `%00` ends the text. */
export function urlDecode(text: string): string {
  if (!text.includes('%')) return text
  const decoded = Buffer.from(text)
    .toString('latin1')
    .replace(/%([0-9a-f].)/gis, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    )
  return Buffer.from(decoded.split('\0', 1)[0] ?? '', 'latin1').toString()
}

/** ASCII letters only, as in the C locale. */
export function toUpper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
}

/** ASCII letters only. */
export function toLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  ' ': '\\s',
  $: '\\$',
}

/** Writes newline, return, tab, space and dollar with a backslash. */
export function escapeText(text: string): string {
  return text.replace(/[\n\r\t $]/g, (character) => escapes[character] ?? character)
}

/** One word of a POSIX shell. */
export function quoteShellArgument(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Doubles single quotes. */
export function sqlEscape(text: string): string {
  return text.replaceAll("'", "''")
}

/** The MD5 of the UTF-8 bytes in hexadecimal; `!err!` of nothing. */
export function md5Reply(text: string): string {
  return text === '' ? '!err!' : createHash('md5').update(text).digest('hex')
}

const defaultPattern = '%Y-%m-%d %T'

/** The reply of `strftime [<epoch>|][<pattern>]` in the server's zone. `now` in ms since the epoch. */
export function strftimeReply(args: string, now: number, zones: TimeZones): string {
  const bar = args.indexOf('|')
  // One character behind the bar is skipped: a blank is written there.
  const pattern = bar < 0 ? args : args.slice(bar + 2)
  const time = bar < 0 ? now : leadingInteger(args.slice(0, bar)) * 1000
  if (pattern !== '' && !isCheckedPattern(pattern)) return ''
  return strftime(pattern || defaultPattern, localTime(time, zones.server), zones.server.names)
}

/** The reply of `strftime_tz <zone> [[<epoch>|]<pattern>]`; an epoch of 0 is now. `%Z` names the server's zone. */
export function strftimeZoneReply(args: string, now: number, zones: TimeZones): string {
  const failure = '-ERR Invalid timezone/format\n'
  const space = args.indexOf(' ')
  const name = space < 0 ? args : args.slice(0, space)
  const rest = space < 0 ? '' : args.slice(space + 1)
  const bar = rest.indexOf('|')
  const pattern = bar < 0 ? rest : rest.slice(bar + 1)
  const epoch = bar < 0 ? 0 : leadingInteger(rest.slice(0, bar))
  const zone = name === '' ? fixedZone(0) : zones.find(name)
  if (!zone) return failure
  const time = localTime(epoch === 0 ? now : epoch * 1000, zone)
  return strftime(pattern || defaultPattern, time, zones.server.names) || failure
}

/** The reply of `strepoch [<date>]` in seconds: now without a date, 0 for what is no date. */
export function epochReply(args: string, now: number, zones: TimeZones): string {
  return String(Math.floor(epochOf(args, now, zones) / 1000))
}

/** The reply of `strmicroepoch [<date>]` in µs. */
export function microEpochReply(args: string, now: number, zones: TimeZones): string {
  return String(Math.round(epochOf(args, now, zones) * 1000))
}

function epochOf(args: string, now: number, zones: TimeZones): number {
  return args === '' ? now : (parseTime(args, now, zones.server) ?? 0)
}
