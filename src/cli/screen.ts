/** The bottom of a terminal: the line being typed stays whole there while text scrolls by above it. */
import type { Writable } from 'node:stream'
import { placeAfter } from './display-width.ts'

/** Lines that arrive while this many bytes still wait for a slow terminal are counted, not kept. */
const largestBacklog = 4 * 1024 * 1024

export interface EditedLine {
  /** May hold colour sequences. */
  readonly prompt: string
  readonly text: string
  /** An index into `text`. */
  readonly cursor: number
}

/** A writable that knows how wide it is, as process.stdout does. */
export type TerminalOutput = Writable & { readonly columns?: number | undefined }

/** What draws the edited line from the first column on, and where that leaves the cursor. */
export function paint(line: EditedLine, columns: number): { sequence: string; cursorRow: number } {
  const start = placeAfter(line.prompt, columns)
  const end = placeAfter(line.text, columns, start)
  const cursor = placeAfter(line.text.slice(0, line.cursor), columns, start)
  let sequence = line.prompt + line.text
  // A full last row leaves a terminal undecided whether it has wrapped: settle it.
  if (end.column === 0 && end.row > 0) sequence += '\r\n'
  if (end.row > cursor.row) sequence += `\x1b[${end.row - cursor.row}A`
  sequence += '\r'
  if (cursor.column > 0) sequence += `\x1b[${cursor.column}C`
  return { sequence, cursorRow: cursor.row }
}

export class Screen {
  readonly #output: TerminalOutput
  /** What is to be shown, or undefined while no line is being typed. */
  #line: EditedLine | undefined
  /** What is painted now. */
  #painted: EditedLine | undefined
  #above = ''
  #dropped = 0
  #scheduled = false

  constructor(output: TerminalOutput) {
    this.#output = output
  }

  get columns(): number {
    return Math.max(2, this.#output.columns ?? 80)
  }

  /** Text of whole lines above the line being typed; a missing last line break is added. */
  print(text: string): void {
    if (text === '') return
    this.#above += text.endsWith('\n') ? text : `${text}\n`
    this.#schedule()
  }

  /** Like `print`, for what may be lost when the terminal cannot keep up: the log. */
  printIfKeepingUp(text: string): void {
    if (this.#output.writableLength + this.#above.length > largestBacklog) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0) {
      this.print(`[${this.#dropped} log lines left out: the terminal was too slow]`)
      this.#dropped = 0
    }
    this.print(text)
  }

  /** Shows this line (undefined: none) from now on. */
  show(line: EditedLine | undefined): void {
    this.#line = line
    this.#schedule()
  }

  /** Leaves the line as it stands among what scrolls by, and shows no line any more. */
  finishLine(): void {
    this.flush()
    if (!this.#painted) return
    const whole = { ...this.#painted, cursor: this.#painted.text.length }
    const end = placeAfter(whole.text, this.columns, placeAfter(whole.prompt, this.columns))
    const settled = end.column === 0 && end.row > 0
    this.#output.write(`${this.#erase()}${whole.prompt}${whole.text}${settled ? '\r\n' : '\n'}`)
    this.#painted = undefined
    this.#line = undefined
  }

  /** An empty terminal with the line at its top. */
  clear(): void {
    this.flush()
    this.#output.write('\x1b[H\x1b[2J')
    this.#painted = undefined
    this.#schedule()
  }

  /** The terminal has another size: draw the line anew. */
  resized(): void {
    this.#schedule()
  }

  /** Writes at once what waits. */
  flush(): void {
    this.#scheduled = false
    const erased = this.#erase()
    let text = erased + this.#above
    this.#above = ''
    this.#painted = this.#line
    if (this.#line) text += paint(this.#line, this.columns).sequence
    if (text !== '') this.#output.write(text)
  }

  /** Many lines at once cost one drawing. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      if (this.#scheduled) this.flush()
    })
  }

  /** Counted in the columns of now: terminals wrap anew what they show when their size changes. */
  #erase(): string {
    if (!this.#painted) return ''
    const { cursorRow } = paint(this.#painted, this.columns)
    return `${cursorRow > 0 ? `\x1b[${cursorRow}A` : ''}\r\x1b[J`
  }
}
