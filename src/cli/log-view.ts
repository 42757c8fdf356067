/** The log as one console shows it: its filters, its colours, the uuid before the line. */
import type { Palette } from './colours.ts'
import type { SocketLogLine } from './event-socket-client.ts'

export class LogView {
  /** Only lines that hold this text are shown; '' shows all. */
  text = ''
  /** Only lines of this channel, and those of no channel, are shown; '' shows all. */
  uuid: string
  readonly #colours: Palette
  readonly #uuidLength: number

  constructor(colours: Palette, uuidLength: number, uuid = '') {
    this.#colours = colours
    this.#uuidLength = uuidLength
    this.uuid = uuid
  }

  /** What to print, or undefined for a line that is filtered out or empty. */
  render(line: SocketLogLine): string | undefined {
    if (line.text.trim() === '') return undefined
    if (
      this.uuid !== '' &&
      line.uuid !== '' &&
      line.uuid.toLowerCase() !== this.uuid.toLowerCase()
    ) {
      return undefined
    }
    if (!line.text.includes(this.text)) return undefined
    const prefix =
      line.uuid && this.#uuidLength > 0 ? `${line.uuid.slice(0, this.#uuidLength)} ` : ''
    return this.#colours.level(line.level, prefix + line.text)
  }
}
