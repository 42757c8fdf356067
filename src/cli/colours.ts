/** The console's colours: those of log levels, of fs_cli.conf's names, and none at all. */

/** By log level, 0 console … 7 debug; as the field's eyes are used to. */
const levelColours: readonly string[] = [
  '', // console
  '\x1b[31m', // alert
  '\x1b[31m', // crit
  '\x1b[31m', // err
  '\x1b[35m', // warning
  '\x1b[36m', // notice
  '\x1b[32m', // info
  '\x1b[33m', // debug
]

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']

/** What fs_cli.conf may say. `bold-red` is a red ground: the word is older than its meaning. */
export const colourNames: readonly string[] = [...names, ...names.map((name) => `bold-${name}`)]

/** The sequence of a name of fs_cli.conf; '' for an unknown one. */
export function namedColour(name: string): string {
  const index = colourNames.indexOf(name.toLowerCase())
  if (index < 0) return ''
  return index < names.length ? `\x1b[${30 + index}m` : `\x1b[${40 + index - names.length}m`
}

const reset = '\x1b[0m'

export interface Palette {
  readonly isOn: boolean
  /** The text in the colour of its log level; each line by itself, so that a cut page stays right. */
  level(level: number, text: string): string
  /** The text in a colour given as a sequence. */
  in(sequence: string, text: string): string
  bold(text: string): string
  dim(text: string): string
}

const plain: Palette = {
  isOn: false,
  level: (_, text) => text,
  in: (_, text) => text,
  bold: (text) => text,
  dim: (text) => text,
}

function wrap(sequence: string, text: string): string {
  if (sequence === '' || text === '') return text
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : `${sequence}${line}${reset}`))
    .join('\n')
}

const coloured: Palette = {
  isOn: true,
  level: (level, text) => wrap(levelColours[level] ?? '', text),
  in: wrap,
  bold: (text) => wrap('\x1b[1m', text),
  dim: (text) => wrap('\x1b[2m', text),
}

export function palette(isOn: boolean): Palette {
  return isOn ? coloured : plain
}

/**
 * Text of others made safe for a terminal: colours stay, every other control character becomes visible. A caller's
 * name can hold anything, and must not be able to move the cursor of whoever watches the log.
 */
export function printable(text: string): string {
  return (
    text
      .replaceAll('\r\n', '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
      .replace(/\x1b\[[0-9;]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (found) => {
        if (found.length > 1) return found
        const code = found.charCodeAt(0)
        return code < 0x20 ? `^${String.fromCharCode(code + 64)}` : '\ufffd'
      })
  )
}
