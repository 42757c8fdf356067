/** Takes an argument text apart at a delimiter, with quotes and escapes, as every application and command line is. */

/**
 * The parts of `text` between unquoted, unescaped delimiters.
 *
 * - Single quotes group and are dropped; a quote without a partner is an ordinary character.
 * - A backslash takes the meaning from a quote, the delimiter and itself; `\n \r \t \s` are newline, return, tab, space.
 *   Before any other character it stays.
 * - Unquoted spaces at either end of a part are dropped.
 * - A text that starts `^^` and a character is separated at that character instead, which is not part of the first part.
 * - A space as delimiter takes runs of spaces as one.
 * - Of at most `limit` parts the last keeps the whole rest, delimiters included.
 * - A delimiter at the very end makes no empty part after it; an empty text has no parts.
 */
export function separate(
  text: string,
  delimiter: string,
  limit = Number.POSITIVE_INFINITY,
): string[] {
  let rest = text
  let at = delimiter
  if (text.startsWith('^^') && text.length > 3) {
    at = text[2] ?? delimiter
    rest = text.slice(3)
  }
  if (limit < 1) return []
  return at === ' ' ? atSpaces(rest, limit) : atCharacter(rest, at, limit)
}

function atCharacter(text: string, delimiter: string, limit: number): string[] {
  const parts: string[] = []
  const lastQuote = text.lastIndexOf("'")
  let start = 0
  let quoted = false
  let position = 0
  while (position < text.length && parts.length < limit - 1) {
    const character = text[position]
    if (character === '\\') position++
    else if (character === "'" && (quoted || position < lastQuote)) quoted = !quoted
    else if (character === delimiter && !quoted) {
      parts.push(tidy(text.slice(start, position), delimiter))
      start = position + 1
    }
    position++
  }
  if (start < text.length) parts.push(tidy(text.slice(start), delimiter))
  return parts
}

function atSpaces(text: string, limit: number): string[] {
  const parts: string[] = []
  let start = 0
  let position = 0
  while (start < text.length && parts.length < limit - 1) {
    while (text[position] === ' ') position++
    let quoted = false
    while (position < text.length && (quoted || text[position] !== ' ')) {
      if (text[position] === '\\') position++
      else if (text[position] === "'") quoted = !quoted
      position++
    }
    parts.push(tidy(text.slice(start, position), ''))
    while (text[position] === ' ') position++
    start = position
  }
  if (start < text.length) parts.push(tidy(text.slice(start), ''))
  return parts
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', s: ' ' }

/** Drops quotes, unquoted spaces at the ends, and the backslashes that did their work. */
function tidy(part: string, delimiter: string): string {
  if (!/['\\]/.test(part)) return part.replace(/^ +| +$/g, '')
  let position = 0
  while (part[position] === ' ') position++
  const lastQuote = part.lastIndexOf("'")
  let made = ''
  let kept = 0
  let quoted = false
  for (; position < part.length; position++) {
    const character = part[position] ?? ''
    const next = part[position + 1]
    if (character === '\\' && next !== undefined) {
      const meant =
        next === "'" || next === '"' || next === '\\' || next === delimiter ? next : escapes[next]
      if (meant !== undefined) {
        made += meant
        kept = made.length
        position++
        continue
      }
    }
    if (character === "'" && (quoted || position < lastQuote)) {
      quoted = !quoted
      if (quoted) kept = made.length
      continue
    }
    made += character
    if (character !== ' ' || quoted) kept = made.length
  }
  return made.slice(0, kept)
}
