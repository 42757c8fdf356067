/** Events as text: plain (URL-encoded lines), JSON and XML, as Event Socket clients and `uuid_dump` have them. */
import type { SwitchEvent } from './events.ts'
import type { EventHeader, VariableValue } from './variables.ts'
import { arrayText } from './variables.ts'

/** What is sent as it is; everything else becomes `%XX` for each of its bytes. */
const safe = "!$'()*,-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~"

/** What each byte is sent as. */
const encoded: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return safe.includes(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})
const isSafe = Uint8Array.from(encoded, (text) => (text.length === 1 ? 1 : 0))

/** Percent-encodes a header value; a `%XX` that is there already (capital hex) is left alone. */
export function encodeValue(text: string): string {
  let at = 0
  while (at < text.length && isSafe[text.charCodeAt(at)] === 1) at++
  return at === text.length ? text : encodeFrom(text, at)
}

/** The same, of which all before `at` is known to be safe. */
function encodeFrom(text: string, at: number): string {
  let out = ''
  let start = 0
  for (let i = at; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (isSafe[code] === 1) continue
    if (code >= 0x80) return out + text.slice(start, i) + encodeBytes(text.slice(i))
    out += text.slice(start, i)
    start = i + 1
    const isDone =
      code === 0x25 && isCapitalHex(text.charCodeAt(i + 1)) && isCapitalHex(text.charCodeAt(i + 2))
    out += isDone ? '%' : encoded[code]
  }
  return out + text.slice(start)
}

function encodeBytes(text: string): string {
  let out = ''
  const bytes = Buffer.from(text, 'utf8')
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    if (byte === 0x25 && isCapitalHex(bytes[i + 1]) && isCapitalHex(bytes[i + 2])) out += '%'
    else out += encoded[byte]
  }
  return out
}

function isCapitalHex(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46))
}

function asText(value: VariableValue): string {
  return typeof value === 'string' ? value : arrayText(value)
}

/** `Name: value` lines, a blank line, and the body if there is one. An empty value reads `_undef_`. */
export function plainText(event: SwitchEvent, encode = true): string {
  const { headers } = event
  const lines: string[] = new Array(headers.length)
  for (let at = 0; at < headers.length; at++) {
    const header = headers[at]
    if (header === undefined) continue
    lines[at] = encode ? encodedLine(header) : `${header[0]}: [${asText(header[1])}]\n`
  }
  const text = lines.join('')
  if (event.body) return `${text}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`
  return `${text}\n`
}

/** A header's line, kept with it: variables stand in many events, and an event goes to several clients. */
function encodedLine(header: EventHeader): string {
  let line = header[2]
  if (line === undefined) {
    const plain = asText(header[1])
    line = `${header[0]}: ${plain ? encodeValue(plain) : '_undef_'}\n`
    header[2] = line
  }
  return line
}

/** One flat object; lists are arrays, everything else a string. */
export function jsonText(event: SwitchEvent): string {
  const fields: Record<string, VariableValue> = {}
  for (const [name, value] of event.headers) fields[name] = value
  if (event.body) {
    fields['Content-Length'] = String(Buffer.byteLength(event.body))
    fields['_body'] = event.body
  }
  return JSON.stringify(fields)
}

/** `<event><headers>…` with values percent-encoded. */
export function xmlText(event: SwitchEvent): string {
  let text = '<event>\n  <headers>\n'
  for (const [name, value] of event.headers) {
    const tag = name.replace(/[^A-Za-z0-9_.-]/g, '_')
    text += `    <${tag}>${escapeXml(encodeValue(asText(value)))}</${tag}>\n`
  }
  text += '  </headers>\n'
  if (event.body) {
    text += `  <Content-Length>${Buffer.byteLength(event.body)}</Content-Length>\n`
    text += `  <body>${escapeXml(event.body)}</body>\n`
  }
  return `${text}</event>\n`
}

/** What may stand between the tags of an element. */
export function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/** The same, and what may stand between the quotes of an attribute. */
export function escapeXmlAttribute(text: string): string {
  return escapeXml(text).replaceAll('"', '&quot;')
}
