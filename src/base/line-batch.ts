/** Lines on their way to a file or a terminal: those of a few ms go together, for each write is a system call. */

/** How long a line waits at the most, ms. */
const longest = 20
/** More characters than that do not wait. */
const most = 65_536
/** Lines of this level (err) and worse do not wait: who knows what comes next. */
const urgent = 3

export class LineBatch {
  readonly #write: (text: string) => void
  #text = ''
  #timer: NodeJS.Timeout | undefined

  /** `write` gets one or more whole lines. */
  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** A line with its line end; `level` as the log counts them. */
  add(line: string, level: number): void {
    // It does not keep a process that ends: whoever holds lines flushes them then.
    if (this.#text === '') this.#timer = setTimeout(() => this.flush(), longest).unref()
    this.#text += line
    if (level <= urgent || this.#text.length > most) this.flush()
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.#timer)
    const text = this.#text
    this.#text = ''
    if (text !== '') this.#write(text)
  }
}
