/** What a backslash means in a PCRE pattern, outside of classes and inside (pcre2pattern(3), "Backslash"). */
import type { RegexCursor } from './regex-cursor.ts'
import { type ByteSet, escapeSets, invert, propertySet } from './regex-set.ts'
import type { Assertion } from './regex-tree.ts'

export type Escape =
  | { readonly type: 'byte'; readonly byte: number }
  | { readonly type: 'set'; readonly set: ByteSet }
  | { readonly type: 'assert'; readonly kind: Assertion }
  | { readonly type: 'keep' }
  /** `\R` */
  | { readonly type: 'newline' }
  /** A reference back to a group by number or name. */
  | { readonly type: 'group'; readonly group: number }
  | { readonly type: 'name'; readonly name: string }
  /** `\g<1>`, `\g<name>`: matches as that group would. */
  | { readonly type: 'call'; readonly target: string }

const controls: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
])

const assertions: ReadonlyMap<string, Assertion> = new Map<string, Assertion>([
  ['A', 'start'],
  // A match always starts at the beginning of the subject, where \G stands too.
  ['G', 'start'],
  ['Z', 'last'],
  ['z', 'end'],
  ['b', 'word'],
  ['B', 'not word'],
])

/** Reads the escape that begins with the backslash at the cursor. */
export function readEscape(cursor: RegexCursor): Escape {
  const shared = readCommon(cursor)
  if (shared) return shared
  const found = cursor.match(/\\([1-9]\d*)/y)
  if (found) return readDigits(cursor, found[1] ?? '')
  const group = cursor.match(/\\g(?:\{([+-]?\d+)\}|([+-]?\d+))/y)
  if (group) {
    const number = relative(cursor, group[1] ?? group[2] ?? '')
    if (number < 1) cursor.bad('there is no such group')
    return { type: 'group', group: number }
  }
  const name = cursor.match(/\\(?:k\{(\w+)\}|k<(\w+)>|k'(\w+)'|g\{([A-Za-z_]\w*)\})/y)
  if (name) return { type: 'name', name: name[1] ?? name[2] ?? name[3] ?? name[4] ?? '' }
  const call = cursor.match(/\\g(?:<([+-]?\w+)>|'([+-]?\w+)')/y)
  if (call) return { type: 'call', target: call[1] ?? call[2] ?? '' }
  const letter = cursor.pattern.charAt(cursor.at + 1)
  const kind = assertions.get(letter)
  if (kind) {
    cursor.at += 2
    return { type: 'assert', kind }
  }
  if (letter === 'X') cursor.unsupported('\\X')
  if (letter === 'K' || letter === 'R') {
    cursor.at += 2
    return { type: letter === 'K' ? 'keep' : 'newline' }
  }
  return readRest(cursor)
}

/** Reads an escape inside `[…]`: there `\b` is a backspace and digits are octal. */
export function readClassEscape(cursor: RegexCursor): Escape {
  if (cursor.take('\\b')) return { type: 'byte', byte: 8 }
  const shared = readCommon(cursor)
  if (shared?.type === 'set' && /[NC]$/.test(cursor.pattern.slice(0, cursor.at))) {
    cursor.bad('this escape has no meaning in a class')
  }
  if (shared) return shared
  const octal = cursor.match(/\\([0-7]{1,3})/y)
  if (octal) return byteOf(cursor, Number.parseInt(octal[1] ?? '', 8))
  const digit = cursor.match(/\\([89])/y)
  if (digit) return { type: 'byte', byte: (digit[1] ?? '').charCodeAt(0) }
  if (/\\[BRX]/y.test(cursor.pattern.slice(cursor.at, cursor.at + 2))) {
    cursor.bad('this escape has no meaning in a class')
  }
  return readRest(cursor)
}

/** What means the same inside and outside of classes; undefined when it is something else. */
function readCommon(cursor: RegexCursor): Escape | undefined {
  const hex = cursor.match(/\\x(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{0,2}))/y)
  if (hex) {
    if (hex[1] === undefined && cursor.char === '{' && hex[2] === '')
      cursor.bad('bad number after \\x{')
    return byteOf(cursor, Number.parseInt(hex[1] ?? (hex[2] || '0'), 16))
  }
  const octal = cursor.match(/\\(?:o\{([0-7]+)\}|(0[0-7]{0,2}))/y)
  if (octal) return byteOf(cursor, Number.parseInt(octal[1] ?? octal[2] ?? '', 8))
  const control = cursor.match(/\\c([\x20-\x7e])/y)
  if (control) return { type: 'byte', byte: (control[1] ?? '').toUpperCase().charCodeAt(0) ^ 0x40 }
  const property = cursor.match(/\\([pP])(?:\{(\^?)([^}]*)\}|([A-Za-z]))/y)
  if (property) {
    const set = propertySet(property[3] ?? property[4] ?? '')
    if (!set) return cursor.bad('unknown property')
    const isNegative = (property[1] === 'P') !== (property[2] === '^')
    return { type: 'set', set: isNegative ? invert(set) : set }
  }
  const letter = cursor.pattern.charAt(cursor.at + 1)
  if (letter === 'N' && cursor.pattern.charAt(cursor.at + 2) === '{')
    cursor.bad('\\N{name} is unknown')
  const set = escapeSets.get(letter)
  const code = controls.get(letter)
  if (!set && code === undefined) return undefined
  cursor.at += 2
  return set ? { type: 'set', set } : { type: 'byte', byte: code ?? 0 }
}

/** A character that stands for itself. A letter or digit without a meaning is an error, as in PCRE2. */
function readRest(cursor: RegexCursor): Escape {
  const byte = cursor.pattern.charCodeAt(cursor.at + 1)
  if (Number.isNaN(byte)) cursor.bad('a backslash at the end')
  if (/[0-9A-Za-z]/.test(String.fromCharCode(byte))) {
    cursor.bad(`\\${String.fromCharCode(byte)} has no meaning`)
  }
  cursor.at += 2
  return { type: 'byte', byte }
}

/** `\1` to `\9` and what has so many groups before it is a reference; otherwise up to three octal digits. */
function readDigits(cursor: RegexCursor, digits: string): Escape {
  const number = Number(digits)
  if (number < 10 || /^[89]/.test(digits) || number <= cursor.groups) {
    return { type: 'group', group: number }
  }
  cursor.at -= digits.length
  const octal = cursor.match(/[0-7]{1,3}/y)
  return byteOf(cursor, Number.parseInt(octal?.[0] ?? '', 8))
}

/** `-1` is the group opened last, `+1` the next. */
export function relative(cursor: RegexCursor, text: string): number {
  const number = Number(text)
  if (text.startsWith('-')) return cursor.groups + 1 + number
  return text.startsWith('+') ? cursor.groups + number : number
}

function byteOf(cursor: RegexCursor, code: number): Escape {
  if (code > 255) cursor.bad('the character code is above 255')
  return { type: 'byte', byte: code }
}
