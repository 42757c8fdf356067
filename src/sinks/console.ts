/** mod_console: the log on standard output, for a server without a terminal (a service, a container). */
import { LineBatch } from '../base/line-batch.ts'
import type { LogLine } from '../base/log.ts'
import { logger, logLevelNumber, logLevels, onLog } from '../base/log.ts'
import { idleShare } from '../core/heartbeat.ts'
import type { Command, Module } from '../core/interfaces.ts'
import { formatLogLine } from '../core/log-line.ts'
import { readMappings } from '../core/log-mappings.ts'
import type { Setting } from '../core/settings.ts'
import { readSettings } from '../core/settings.ts'

const log = logger('sinks/console')

const settings: readonly Setting[] = [
  { name: 'loglevel', type: 'text', default: 'info', about: 'the most detailed level shown' },
  { name: 'colorize', type: 'boolean', default: 'true', about: 'colours by level on a terminal' },
  { name: 'uuid', type: 'boolean', default: 'true', about: 'the channel in front of its lines' },
]

/** FreeSWITCH's console colours by level. */
const colours = [
  '\x1b[0m',
  '\x1b[31m',
  '\x1b[31m',
  '\x1b[31m',
  '\x1b[35m',
  '\x1b[36m',
  '\x1b[32m',
  '\x1b[33m',
]

const state = {
  level: 6,
  coloured: true,
  withUuid: true,
  isMuted: false,
  /** Who read it has gone: the terminal was closed, the pipe ended. */
  isUnread: false,
  passes: (_line: LogLine) => true as boolean,
}

/** The level that `loglevel` of console.conf or the command `console` has set, by name. */
export function consoleLevel(): string {
  return logLevels[state.level] ?? 'debug'
}

/** The interactive console shows the log itself; meanwhile nothing is printed here. */
export function muteConsole(on: boolean): void {
  state.isMuted = on
}

function print(line: LogLine): void {
  if (state.isMuted || state.isUnread || line.level > state.level || !state.passes(line)) return
  const text = formatLogLine(line, idleShare(), state.withUuid)
  const coloured = state.coloured && process.stdout.isTTY
  lines.add(coloured ? `${colours[line.level] ?? ''}${text}\x1b[0m\n` : `${text}\n`, line.level)
}

const lines = new LineBatch((text) => process.stdout.write(text))
const flush = () => lines.flush()

/** What cannot be written is no fault of the server's: a line about it would be another one that cannot be written. */
function onUnread(error: Error): void {
  if (state.isUnread) return
  state.isUnread = true
  log.warning(
    `nobody reads the console any more (${error.message}): nothing is printed from here on`,
  )
}

const consoleCommand: Command = {
  name: 'console',
  syntax: 'loglevel [<level>|0-7] | colorize [on|off|toggle] | uuid [on|off]',
  about: 'Shows or sets what the console prints',
  run(args) {
    const [word = '', value] = args.trim().split(/\s+/)
    if (word === 'loglevel') {
      const level = value === undefined ? state.level : logLevelNumber(value)
      if (level === undefined) return '-ERR no such level\n'
      state.level = level
      return `+OK console log level set to ${levelName(level)}\n`
    }
    if (word === 'colorize') {
      state.coloured = value === 'toggle' ? !state.coloured : value !== 'off'
      return `+OK console color ${state.coloured ? 'enabled' : 'disabled'}\n`
    }
    if (word === 'uuid') {
      state.withUuid = value !== 'off'
      return `+OK console uuid ${state.withUuid ? 'enabled' : 'disabled'}\n`
    }
    return `-USAGE: ${consoleCommand.syntax}\n`
  },
}

function levelName(level: number): string {
  return ['CONSOLE', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'][level] ?? 'DEBUG'
}

export const module: Module = {
  name: 'mod_console',
  commands: [consoleCommand],
  async start(sw) {
    const values = readSettings(sw.configuration('console.conf'), settings)
    state.level = logLevelNumber(values.text('loglevel')) ?? 6
    state.passes = readMappings(sw.configuration('console.conf'))
    state.coloured = values.boolean('colorize')
    state.withUuid = values.boolean('uuid')
    const listening = onLog(print, { withEarly: true })
    process.on('exit', flush)
    process.stdout.off('error', onUnread).on('error', onUnread)
    return {
      async [Symbol.asyncDispose]() {
        listening[Symbol.dispose]()
        process.off('exit', flush)
        flush()
      },
    }
  },
}
