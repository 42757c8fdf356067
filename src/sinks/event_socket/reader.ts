/** Cuts what a client sends into commands: a line, `Name: value` lines, a blank line, and a body where Content-Length says so. */

export interface SocketCommand {
  /** The first line. */
  readonly line: string
  /** The lines after it, names as written. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
}

/** The value of a command's header, its name in any case. */
export function headerOf(command: SocketCommand, name: string): string | undefined {
  const wanted = name.toLowerCase()
  return command.headers.find(([key]) => key.toLowerCase() === wanted)?.[1]
}

/** As much as a command may hold before its blank line, and its body: more ends the connection. */
const headLimit = 1024 * 1024
const bodyLimit = 10 * 1024 * 1024

export class CommandReader {
  #buffer: Buffer = Buffer.alloc(0)
  #waiting: { line: string; headers: [string, string][]; length: number } | undefined

  /** Takes what arrived; gives the commands that are whole now, or undefined when the client sends what no command can be. */
  push(data: Buffer): SocketCommand[] | undefined {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data])
    const commands: SocketCommand[] = []
    for (;;) {
      if (!this.#waiting) {
        const head = this.#takeHead()
        if (head === 'wait') return commands
        if (head === 'bad') return undefined
        this.#waiting = head
      }
      const { line, headers, length } = this.#waiting
      if (length > bodyLimit) return undefined
      if (this.#buffer.length < length) return commands
      const body = length > 0 ? this.#buffer.toString('utf8', 0, length) : undefined
      this.#buffer = this.#buffer.subarray(length)
      this.#waiting = undefined
      commands.push({ line, headers, body })
    }
  }

  #takeHead(): { line: string; headers: [string, string][]; length: number } | 'wait' | 'bad' {
    let start = 0
    // Blank lines before a command mean nothing.
    while (this.#buffer[start] === 0x0a || this.#buffer[start] === 0x0d) start++
    if (start > 0) this.#buffer = this.#buffer.subarray(start)
    const end = blankLine(this.#buffer)
    if (!end) return this.#buffer.length > headLimit ? 'bad' : 'wait'
    const text = this.#buffer.toString('utf8', 0, end.head)
    this.#buffer = this.#buffer.subarray(end.next)
    const [line = '', ...rest] = text.split('\n').map((part) => part.replace(/\r$/, ''))
    const headers: [string, string][] = []
    let length = 0
    for (const part of rest) {
      const colon = part.indexOf(':')
      if (colon < 1) continue
      const name = part.slice(0, colon)
      const value = part.slice(colon + 1).replace(/^ +/, '')
      headers.push([name, value])
      if (name.toLowerCase() === 'content-length')
        length = Math.max(0, Number.parseInt(value, 10) || 0)
    }
    return { line, headers, length }
  }
}

/** Where the head ends and where what follows begins: `\n\n`, `\r\n\r\n` and mixtures. */
function blankLine(buffer: Buffer): { head: number; next: number } | undefined {
  for (let at = buffer.indexOf(0x0a); at >= 0; at = buffer.indexOf(0x0a, at + 1)) {
    if (buffer[at + 1] === 0x0a) return { head: at, next: at + 2 }
    if (buffer[at + 1] === 0x0d && buffer[at + 2] === 0x0a) return { head: at, next: at + 3 }
  }
  return undefined
}
