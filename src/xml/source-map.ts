/** Text put together from many files that still knows, for each character, the file, line and column it came from. */
import type { SourcePlace } from '../base/errors.ts'

/** The outcome of merging: the whole text, and the way back to where a person wrote it. */
export interface MergedText {
  readonly text: string
  /** Where the character at `offset` was written. Past the end it is the last place known. */
  placeAt(offset: number): SourcePlace
}

/** One stretch of text; `isMade` when it stands in no file and all of it counts as being at `place`. */
interface Piece {
  readonly start: number
  readonly text: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly isMade: boolean
  /** Where its lines start within `text`, made when first asked for. */
  lineStarts: readonly number[] | undefined
}

/** Collects pieces of text with their places. Lines end with `\n`. */
export class MergedTextBuilder {
  readonly #pieces: Piece[] = []
  #length = 0

  /** Adds text as it stands in a file, one line or many; `place` is that of its first character. */
  add(text: string, place: SourcePlace): void {
    this.#push(text, place, false)
  }

  /** Adds text that stands in no file (what a command printed, a variable's value): all of it is at `place`. */
  addMade(text: string, place: SourcePlace): void {
    this.#push(text, place, true)
  }

  finish(): MergedText {
    const pieces = this.#pieces
    return {
      text: pieces.map((piece) => piece.text).join(''),
      placeAt(offset) {
        const piece =
          pieces[lastAtOrBefore(pieces.length, (index) => pieces[index]?.start ?? 0, offset)]
        return piece ? placeIn(piece, offset - piece.start) : { file: '', line: 1, column: 1 }
      },
    }
  }

  #push(text: string, { file, line, column = 1 }: SourcePlace, isMade: boolean): void {
    if (text === '') return
    this.#pieces.push({
      start: this.#length,
      text,
      file,
      line,
      column,
      isMade,
      lineStarts: undefined,
    })
    this.#length += text.length
  }
}

function placeIn(piece: Piece, offset: number): SourcePlace {
  const { file, line, column, isMade } = piece
  if (isMade) return { file, line, column }
  piece.lineStarts ??= startsOfLines(piece.text)
  const starts = piece.lineStarts
  const index = lastAtOrBefore(starts.length, (at) => starts[at] ?? 0, offset)
  const within = offset - (starts[index] ?? 0)
  return { file, line: line + index, column: index === 0 ? column + within : within + 1 }
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The last index whose value, in rising order, does not exceed `wanted`. */
function lastAtOrBefore(count: number, startOf: (index: number) => number, wanted: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (startOf(middle) <= wanted) low = middle
    else high = middle - 1
  }
  return low
}

/** A text that stands in one file as it is. */
export function plainText(text: string, file: string): MergedText {
  const builder = new MergedTextBuilder()
  builder.add(text.replace(/\r\n?/g, '\n'), { file, line: 1, column: 1 })
  return builder.finish()
}
