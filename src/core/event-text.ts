/** Events as text: plain (URL-encoded lines), JSON and XML, as Event Socket clients and `uuid_dump` have them. */
import type { SwitchEvent } from './events.ts'
import type { VariableValue } from './variables.ts'
import { arrayText } from './variables.ts'

/** What is sent as it is; everything else becomes `%XX` for each of its bytes. */
const unsafe = /[^!$'()*,\-./0-9A-Z_a-z~]/

/** Percent-encodes a header value; a `%XX` that is there already (capital hex) is left alone. */
export function encodeValue(text: string): string {
  if (!unsafe.test(text)) return text
  let out = ''
  const bytes = Buffer.from(text, 'utf8')
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const character = String.fromCharCode(byte)
    if (byte < 0x80 && !unsafe.test(character)) out += character
    else if (byte === 0x25 && isCapitalHex(bytes[i + 1]) && isCapitalHex(bytes[i + 2])) out += '%'
    else out += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
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
  let text = ''
  for (const [name, value] of event.headers) {
    const plain = asText(value)
    text += encode
      ? `${name}: ${plain ? encodeValue(plain) : '_undef_'}\n`
      : `${name}: [${plain}]\n`
  }
  if (event.body) return `${text}Content-Length: ${Buffer.byteLength(event.body)}\n\n${event.body}`
  return `${text}\n`
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

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}
