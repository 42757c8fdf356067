/** Sets of bytes, as a class or an escape of a regular expression means them. PCRE without its UTF mode matches bytes. */

/** 256 entries, 1 where the byte belongs to the set. Never changed once made. */
export type ByteSet = Uint8Array

export function setOf(test: (byte: number) => boolean): ByteSet {
  return Uint8Array.from({ length: 256 }, (_, byte) => (test(byte) ? 1 : 0))
}

export function invert(set: ByteSet): ByteSet {
  return setOf((byte) => set[byte] === 0)
}

const range = (from: string, to: string) => {
  const low = from.charCodeAt(0)
  const high = to.charCodeAt(0)
  return (byte: number) => byte >= low && byte <= high
}
const isDigit = range('0', '9')
const isUpper = range('A', 'Z')
const isLower = range('a', 'z')
const isLetter = (byte: number) => isUpper(byte) || isLower(byte)
const isWord = (byte: number) => isLetter(byte) || isDigit(byte) || byte === 0x5f
const isSpace = (byte: number) => byte === 0x20 || (byte >= 9 && byte <= 13)
const isGraph = (byte: number) => byte > 0x20 && byte < 0x7f

/** Classes that bear a name in `[[:name:]]`, by PCRE's default (C locale) tables. */
export const posixSets: ReadonlyMap<string, ByteSet> = new Map([
  ['alnum', setOf((byte) => isLetter(byte) || isDigit(byte))],
  ['alpha', setOf(isLetter)],
  ['ascii', setOf((byte) => byte < 0x80)],
  ['blank', setOf((byte) => byte === 0x20 || byte === 9)],
  ['cntrl', setOf((byte) => byte < 0x20 || byte === 0x7f)],
  ['digit', setOf(isDigit)],
  ['graph', setOf(isGraph)],
  ['lower', setOf(isLower)],
  ['print', setOf((byte) => isGraph(byte) || byte === 0x20)],
  ['punct', setOf((byte) => isGraph(byte) && !isLetter(byte) && !isDigit(byte))],
  ['space', setOf(isSpace)],
  ['upper', setOf(isUpper)],
  ['word', setOf(isWord)],
  ['xdigit', setOf((byte) => isDigit(byte) || range('a', 'f')(byte) || range('A', 'F')(byte))],
])

const digit = setOf(isDigit)
const space = setOf(isSpace)
const horizontal = setOf((byte) => byte === 9 || byte === 0x20 || byte === 0xa0)
const vertical = setOf((byte) => (byte >= 10 && byte <= 13) || byte === 0x85)

export const wordSet = setOf(isWord)
export const anySet = setOf(() => true)
/** `.` without the s flag: the newline of FreeSWITCH's PCRE is LF. */
export const notNewline = setOf((byte) => byte !== 10)
/** What `\R` takes as one byte. */
export const verticalSet = vertical

/** `\d` and its like, by letter. */
export const escapeSets: ReadonlyMap<string, ByteSet> = new Map([
  ['d', digit],
  ['D', invert(digit)],
  ['s', space],
  ['S', invert(space)],
  ['w', wordSet],
  ['W', invert(wordSet)],
  ['h', horizontal],
  ['H', invert(horizontal)],
  ['v', vertical],
  ['V', invert(vertical)],
  ['N', notNewline],
  ['C', anySet],
])

const singles = Array.from({ length: 256 }, (_, wanted) => setOf((byte) => byte === wanted))
const foldedSingles = singles.map((set) => foldSet(set))

/** The set of one byte, of both cases of a letter when `ignoreCase`. Shared, not made anew. */
export function single(byte: number, ignoreCase: boolean): ByteSet {
  return (ignoreCase ? foldedSingles : singles)[byte] ?? anySet
}

/** The set with the other case of each of its letters. */
export function foldSet(set: ByteSet): ByteSet {
  return setOf((byte) => set[byte] === 1 || (isLetter(byte) && set[byte ^ 0x20] === 1))
}

/** The byte in lower case (ASCII only, as PCRE's default tables have it). */
export function foldByte(byte: number): number {
  return isUpper(byte) ? byte + 0x20 : byte
}

/**
 * `\p{L}`, `\p{Lu}`, `\p{Greek}`: without UTF mode PCRE looks at bytes as at the first 256 code points. Undefined when there
 * is no such property.
 */
export function propertySet(name: string): ByteSet | undefined {
  if (name === 'Any') return anySet
  if (name === 'L&') return propertySetOf('LC')
  if (name === 'Xan') return setOf((byte) => /[\p{L}\p{N}]/u.test(String.fromCharCode(byte)))
  if (name === 'Xwd') return setOf((byte) => /[\p{L}\p{N}_]/u.test(String.fromCharCode(byte)))
  if (name === 'Xsp' || name === 'Xps')
    return setOf((byte) => isSpace(byte) || byte === 0x85 || byte === 0xa0)
  return propertySetOf(name) ?? propertySetOf(`Script=${name}`)
}

function propertySetOf(property: string): ByteSet | undefined {
  if (!/^[\w=]+$/.test(property)) return undefined
  try {
    const matcher = new RegExp(`\\p{${property}}`, 'u')
    return setOf((byte) => matcher.test(String.fromCharCode(byte)))
  } catch {
    return undefined
  }
}
