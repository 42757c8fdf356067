/** Scanning of SIP header text by hand: quotes, angle brackets, comma lists and `;name=value` parameters (RFC 3261 §7.3.1, §25.1). */

const space = 32
const tab = 9
const quoteMark = 34
const comma = 44
const semicolon = 59
const less = 60
const equals = 61
const greater = 62
const backslash = 92

/** Which characters make a token (RFC 3261 §25.1), by code. */
const tokenTable = new Uint8Array(128)
for (const character of "-.!%*_+`'~") tokenTable[character.charCodeAt(0)] = 1
for (let code = 48; code < 58; code++) tokenTable[code] = 1
for (let code = 65; code < 91; code++) tokenTable[code] = tokenTable[code + 32] = 1

export function isTokenCode(code: number): boolean {
  return code < 128 && tokenTable[code] === 1
}

export function isToken(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isTokenCode(text.charCodeAt(at))) return false
  return text.length > 0
}

/** The first index at or after `at` that is not a blank. */
export function skipBlanks(text: string, at: number): number {
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code !== space && code !== tab) break
    at++
  }
  return at
}

/** The index of the quote that closes the one at `open`; -1 when none does. */
export function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quoteMark) return at
  }
  return -1
}

/** The content of a quoted string between `start` and `end`, its `\x` pairs resolved. */
export function unescapeQuoted(text: string, start: number, end: number): string {
  const inner = text.slice(start, end)
  if (inner.indexOf('\\') < 0) return inner
  let out = ''
  for (let at = 0; at < inner.length; at++) {
    if (inner.charCodeAt(at) === backslash && at + 1 < inner.length) at++
    out += inner[at]
  }
  return out
}

/** Text as a quoted string: quotes and backslashes escaped, line breaks turned into blanks. */
export function quote(text: string): string {
  let out = '"'
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quoteMark || code === backslash) out += '\\'
    out += code === 13 || code === 10 ? ' ' : text[at]
  }
  return `${out}"`
}

/** The index of the first comma that is neither quoted nor inside `<>`, from `from` on; -1 when there is none. */
export function topLevelComma(text: string, from = 0): number {
  if (text.indexOf(',', from) < 0) return -1
  let isInBrackets = false
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quoteMark && !isInBrackets) {
      const end = closingQuote(text, at)
      if (end < 0) return -1
      at = end
    } else if (code === less) isInBrackets = true
    else if (code === greater) isInBrackets = false
    else if (code === comma && !isInBrackets) return at
  }
  return -1
}

/** Splits a header value at its top-level commas; parts are trimmed, empty ones dropped. */
export function splitCommas(text: string): string[] {
  let at = topLevelComma(text)
  if (at < 0) {
    const only = text.trim()
    return only === '' ? [] : [only]
  }
  const parts: string[] = []
  let start = 0
  for (;;) {
    const part = text.slice(start, at < 0 ? text.length : at).trim()
    if (part !== '') parts.push(part)
    if (at < 0) return parts
    start = at + 1
    at = topLevelComma(text, start)
  }
}

/**
 * The value of parameter `name` (given in lower case) in `;a=b;c` text, unquoted: the empty string when it stands
 * without a value, undefined when it is not there. Names compare without case.
 */
export function parameterOf(text: string, name: string): string | undefined {
  let at = text.indexOf(';')
  while (at >= 0) {
    const start = skipBlanks(text, at + 1)
    let end = start
    while (end < text.length) {
      const code = text.charCodeAt(end)
      if (code === semicolon || code === equals || code === space || code === tab) break
      end++
    }
    const isMatch =
      end - start === name.length &&
      (text.startsWith(name, start) || text.slice(start, end).toLowerCase() === name)
    let next = skipBlanks(text, end)
    if (text.charCodeAt(next) === equals) {
      next = skipBlanks(text, next + 1)
      if (text.charCodeAt(next) === quoteMark) {
        const close = closingQuote(text, next)
        const stop = close < 0 ? text.length : close
        if (isMatch) return unescapeQuoted(text, next + 1, stop)
        next = stop
      } else {
        let stop = text.indexOf(';', next)
        if (stop < 0) stop = text.length
        if (isMatch) return text.slice(next, stop).trim()
        next = stop
      }
    } else if (isMatch) return ''
    at = text.indexOf(';', next)
  }
  return undefined
}

/** All `;name=value` parameters in order, names as written, values as written (quotes kept; '' when there is none). */
export function parametersOf(text: string): [name: string, value: string][] {
  const found: [string, string][] = []
  let at = text.indexOf(';')
  while (at >= 0) {
    let end = at + 1
    while (end < text.length && text.charCodeAt(end) !== semicolon) {
      if (text.charCodeAt(end) === quoteMark) {
        const close = closingQuote(text, end)
        if (close < 0) end = text.length - 1
        else end = close
      }
      end++
    }
    const piece = text.slice(at + 1, end)
    const sign = piece.indexOf('=')
    const name = (sign < 0 ? piece : piece.slice(0, sign)).trim()
    if (name !== '') found.push([name, sign < 0 ? '' : piece.slice(sign + 1).trim()])
    at = end < text.length ? end : -1
  }
  return found
}

/** Text of digits as a number, -1 when it is anything else or beyond `limit`. */
export function digitsOf(text: string, limit: number): number {
  if (text.length === 0 || text.length > 16) return -1
  let value = 0
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value > limit ? -1 : value
}

/**
 * The same text in memory of its own. Pieces cut out of a message keep the whole of it alive, and texts joined of pieces keep each
 * piece: what outlives its message is kept like this.
 */
export function flatText(text: string): string {
  return text.length === 0 ? text : ` ${text}`.slice(1)
}
