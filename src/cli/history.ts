/** The lines typed before: kept in memory for the editor and in a file for the next time. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'

/** How many lines are kept. */
export const historyLength = 500

/** Where the lines are kept between runs, by default. */
export const historyFileName = '.strowger_history'

export class History {
  readonly #lines: string[]
  readonly #file: string | undefined

  private constructor(lines: string[], file: string | undefined) {
    this.#lines = lines
    this.#file = file
  }

  static inMemory(lines: readonly string[] = []): History {
    return new History([...lines], undefined)
  }

  /** Reads the file, shortening it when it has grown past what is kept. A file that cannot be read is an empty history. */
  static load(file: string): History {
    let all: string[] = []
    try {
      all = readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    } catch {
      return new History([], file) // the first time there is none
    }
    const lines = all.slice(-historyLength)
    // Every console appends on its own; only a file that has doubled is written anew.
    if (all.length > 2 * historyLength) keep(() => writeFileSync(file, `${lines.join('\n')}\n`))
    return new History(lines, file)
  }

  get length(): number {
    return this.#lines.length
  }

  /** Line 0 is the newest. */
  back(steps: number): string | undefined {
    return this.#lines[this.#lines.length - 1 - steps]
  }

  /** Adds a line, unless it is blank or the same as the one before. */
  add(line: string): void {
    if (line.trim() === '' || line === this.back(0)) return
    this.#lines.push(line)
    if (this.#lines.length > historyLength) this.#lines.shift()
    const file = this.#file
    // Commands may hold passwords: nobody else shall read them.
    if (file !== undefined) keep(() => appendFileSync(file, `${line}\n`, { mode: 0o600 }))
  }

  /** The first line at `from` steps back or older that holds the text; undefined when there is none. */
  search(text: string, from: number): number | undefined {
    for (let steps = from; steps < this.#lines.length; steps++) {
      if (this.back(steps)?.includes(text)) return steps
    }
    return undefined
  }
}

/** A history that cannot be written (a read-only home) is no reason to stop working. */
function keep(write: () => void): void {
  try {
    write()
  } catch {
    // the lines stay in memory
  }
}
