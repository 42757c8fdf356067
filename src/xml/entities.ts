/** Entities of XML text, as FreeSWITCH's parser takes them: the five names and numbers; what is none of them stays as it is. */

const names: Readonly<Record<string, string>> = {
  'lt;': '<',
  'gt;': '>',
  'amp;': '&',
  'quot;': '"',
  'apos;': "'",
}

/** Text between tags with its entities resolved, each once. */
export function decodeText(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:(lt;|gt;|amp;|quot;|apos;)|#(?:x([0-9a-fA-F]+)|([0-9]+));)/g, decodeOne)
}

/** An attribute's value: line ends and tabs are blanks (XML 1.0 §3.3.3), entities are resolved. */
export function decodeAttribute(value: string): string {
  const flat = /[\t\n\r\v\f]/.test(value) ? value.replace(/[\t\n\r\v\f]/g, ' ') : value
  return decodeText(flat)
}

function decodeOne(all: string, name?: string, hex?: string, decimal?: string): string {
  if (name !== undefined) return names[name] ?? all
  const code = hex !== undefined ? Number.parseInt(hex, 16) : Number(decimal)
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return isCharacter ? String.fromCodePoint(code) : all
}
