/** The command line of fs_cli: a table of options, read as getopt_long reads them. */
import { SwitchError } from '../base/errors.ts'

/** What was given; what was not stays undefined, so that a profile or the local server can say it. */
export interface CommandLine {
  host?: string
  port?: number
  user?: string
  password?: string
  execute?: string
  logLevel?: string
  /** Characters of the channel's uuid before a log line; Infinity for all. */
  logUuidLength?: number
  uuidFilter?: string
  isQuiet?: boolean
  isBatch?: boolean
  isInterruptible?: boolean
  keepsNoHistory?: boolean
  retries?: boolean
  reconnects?: boolean
  hasColour?: boolean
  /** 0–7, how much the console says of itself; 7 shows the wire. */
  debug?: number
  /** Milliseconds for one command. */
  timeout?: number
  /** Milliseconds. */
  connectTimeout?: number
  /** Where the local server keeps its data. */
  data?: string
  /** The profile of fs_cli.conf. */
  profile?: string
  wants?: 'help' | 'version'
}

interface Option {
  readonly short: string
  readonly long: string
  /** What its value is called; '' when it takes none. */
  readonly value: string
  readonly about: string
  readonly read: (value: string) => CommandLine
}

function row(
  short: string,
  long: string,
  value: string,
  about: string,
  read: (value: string) => CommandLine,
): Option {
  return { short, long, value, about, read }
}

function whole(option: string, text: string, low: number, high: number): number {
  const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN
  if (number >= low && number <= high) return number
  throw new SwitchError(
    'CLI_BAD_OPTION',
    `--${option} is a whole number from ${low} to ${high}, not ${text}`,
  )
}

/** The number of characters shown by the short form of the uuid. */
export const shortUuidLength = 8
/** Milliseconds; no wait is longer. */
const day = 86_400_000

// biome-ignore format: a table keeps its columns
const options: readonly Option[] = [
  row('H', 'host',            'host',        'connect to this host',                        (host) => ({ host })),
  row('P', 'port',            'port',        'connect to this port, 1 to 65535',            (text) => ({ port: whole('port', text, 1, 65535) })),
  row('u', 'user',            'user@domain', 'authenticate as this user of the directory',  (user) => ({ user })),
  row('p', 'password',        'password',    'the password; the local server leaves its own in its data folder', (password) => ({ password })),
  row('x', 'execute',         'command',     'run one command, print its answer and leave', (execute) => ({ execute })),
  row('l', 'loglevel',        'level',       'show the log up to this level: console … debug, or 0 to 7', (logLevel) => ({ logLevel })),
  row('U', 'log-uuid',        '',            "show the channel's uuid before its log lines", () => ({ logUuidLength: Number.POSITIVE_INFINITY })),
  row('S', 'log-uuid-short',  '',            'the same, its first eight characters',        () => ({ logUuidLength: shortUuidLength })),
  row('s', 'set-log-uuid',    'uuid',        'show the log lines of this channel only',     (uuidFilter) => ({ uuidFilter })),
  row('q', 'quiet',           '',            'do not show the log',                         () => ({ isQuiet: true })),
  row('b', 'batchmode',       '',            'read commands line by line, without colours or line editing', () => ({ isBatch: true })),
  row('i', 'interrupt',       '',            'Control-C leaves at once',                    () => ({ isInterruptible: true })),
  row('r', 'retry',           '',            'while the server does not answer, try again for two minutes', () => ({ retries: true })),
  row('R', 'reconnect',       '',            'connect again when the connection is lost',   () => ({ reconnects: true })),
  row('t', 'timeout',         'ms',          'wait this long for the answer to a command',  (text) => ({ timeout: whole('timeout', text, 0, day) })),
  row('T', 'connect-timeout', 'ms',          'wait this long for the connection',           (text) => ({ connectTimeout: whole('connect-timeout', text, 0, day) })),
  row('d', 'debug',           'level',       'how much the console says of itself, 0 to 7; 7 shows the wire', (text) => ({ debug: whole('debug', text, 0, 7) })),
  row('n', 'no-color',        '',            'no colours',                                  () => ({ hasColour: false })),
  row('Q', 'no-history-file', '',            'forget the typed lines when leaving',         () => ({ keepsNoHistory: true })),
  row('',  'data',            'folder',      "the local server's data folder: else $STROWGER_DATA, or data/ beside the program", (data) => ({ data })),
  row('',  'version',         '',            'print the version and leave',                 () => ({ wants: 'version' })),
  row('h', 'help',            '',            'print this and leave (also -?)',              () => ({ wants: 'help' })),
]

/** Throws CLI_BAD_OPTION with a sentence for the person who typed it. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const result: CommandLine = {}
  const rest = [...args]
  const takeValue = (option: Option, name: string, attached: string | undefined): string => {
    if (option.value === '') {
      if (attached !== undefined) throw bad(`${name} takes no value`)
      return ''
    }
    const value = attached ?? rest.shift()
    if (value === undefined) throw bad(`${name} needs a ${option.value}`)
    return value
  }
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      for (const plain of rest.splice(0)) setProfile(result, plain)
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals < 0 ? word : word.slice(0, equals)
      const option = byLongName(name.slice(2))
      Object.assign(
        result,
        option.read(takeValue(option, name, equals < 0 ? undefined : word.slice(equals + 1))),
      )
    } else if (word.startsWith('-') && word !== '-') {
      readShort(word.slice(1), result, takeValue)
    } else {
      setProfile(result, word)
    }
  }
  return result
}

/** `-qx status`: letters in a row, the last of which may take the rest, or the next word, as its value. */
function readShort(
  letters: string,
  result: CommandLine,
  takeValue: (option: Option, name: string, attached: string | undefined) => string,
): void {
  for (let index = 0; index < letters.length; index++) {
    const letter = letters[index] === '?' ? 'h' : letters[index]
    const option = options.find((candidate) => candidate.short === letter)
    if (!option) throw bad(`there is no option -${letter}`)
    const attached = letters.slice(index + 1)
    if (option.value === '') {
      Object.assign(result, option.read(''))
      continue
    }
    Object.assign(
      result,
      option.read(takeValue(option, `-${letter}`, attached === '' ? undefined : attached)),
    )
    return
  }
}

/** A long name may be shortened as long as it fits one option only. */
function byLongName(name: string): Option {
  const exact = options.find((option) => option.long === name)
  if (exact) return exact
  const fitting = options.filter((option) => option.long.startsWith(name))
  const [only] = fitting
  if (only && fitting.length === 1) return only
  if (fitting.length === 0) throw bad(`there is no option --${name}`)
  throw bad(`--${name} may be ${fitting.map((option) => `--${option.long}`).join(' or ')}`)
}

function setProfile(result: CommandLine, name: string): void {
  if (result.profile !== undefined) throw bad(`one profile only: ${result.profile} or ${name}?`)
  result.profile = name
}

function bad(why: string): SwitchError {
  return new SwitchError('CLI_BAD_OPTION', why)
}

export function usage(program: string): string {
  const rows = options.map((option) => {
    const short = option.short ? `-${option.short}, ` : '    '
    const value = option.value ? ` ${option.value}` : ''
    return `  ${`${short}--${option.long}${value}`.padEnd(30)}${option.about}`
  })
  return [
    `Usage: ${program} [options] [profile]`,
    '',
    ...rows,
    '',
    'A profile is a [section] of ~/.fs_cli_conf or /etc/fs_cli.conf.',
    'Ends with 0; with 1 after a wrong option or an interruption, 254 when a command took too long,',
    '255 when there is no connection.',
    '',
  ].join('\n')
}
