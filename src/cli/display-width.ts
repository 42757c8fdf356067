/** How many columns of a terminal a text takes, and where it wraps. */

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a person sees as single characters. */
export function splitCharacters(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
}

/** East Asian Wide and Fullwidth blocks (UAX #11), first and last code point. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x20000, 0x3fffd],
]

/** Columns of one character as a person sees it: 0 (a lone combining mark), 1 or 2. */
function characterWidth(character: string): 0 | 1 | 2 {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0
  if (code < 0x300) return 1
  if (/^[\p{M}\u200b-\u200f\ufeff]/u.test(character)) return 0
  if (/^\p{Emoji_Presentation}|\ufe0f/u.test(character)) return 2
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1
}

/** Columns of a text without line breaks; colour sequences take none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of splitCharacters(withoutColours(text))) width += characterWidth(character)
  return width
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour sequence begins with the escape character
const colourSequence = /\x1b\[[0-9;]*m/g

function withoutColours(text: string): string {
  return text.replace(colourSequence, '')
}

export interface Place {
  /** Rows below the row where the text began. */
  readonly row: number
  readonly column: number
}

/** Where the cursor stands after this text has been written from `start` on, in a terminal that wraps at `columns`. */
export function placeAfter(
  text: string,
  columns: number,
  start: Place = { row: 0, column: 0 },
): Place {
  let { row, column } = start
  for (const character of splitCharacters(withoutColours(text))) {
    const width = characterWidth(character)
    if (column + width > columns) {
      row++ // a wide character does not split at the margin
      column = 0
    }
    column += width
    if (column === columns) {
      row++
      column = 0
    }
  }
  return { row, column }
}
