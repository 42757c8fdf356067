/** mod_logfile: the log in a file below the data directory, as text or as JSON, rotated by size or by `fsctl send_sighup`. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { type DestinationStream, destination, pino } from 'pino'
import { reasonOf } from '../base/errors.ts'
import { logger, logLevelNumber, onLog } from '../base/log.ts'
import { idleShare } from '../core/heartbeat.ts'
import type { Module } from '../core/interfaces.ts'
import { formatLogLine } from '../core/log-line.ts'
import { readMappings } from '../core/log-mappings.ts'
import type { Setting } from '../core/settings.ts'
import { readSettings } from '../core/settings.ts'
import type { Switch } from '../core/switch.ts'

const log = logger('sinks/logfile')

const settings: readonly Setting[] = [
  {
    name: 'logfile',
    type: 'text',
    default: 'strowger.log',
    about: 'the file, relative to the log directory',
  },
  { name: 'loglevel', type: 'text', default: 'debug', about: 'the most detailed level written' },
  {
    name: 'rollover',
    type: 'number',
    default: '10485760',
    about: 'bytes until a new file is begun; 0 never',
  },
  { name: 'maximum-rotate', type: 'number', default: '32', about: 'old files kept' },
  { name: 'uuid', type: 'boolean', default: 'true', about: 'the channel in front of its lines' },
  { name: 'format', type: 'text', default: 'text', about: 'text, or json for one object a line' },
]

/** What stands outside the profiles. */
const commonSettings: readonly Setting[] = [
  { name: 'rotate-on-hup', type: 'boolean', default: 'true', about: 'begin a new file on SIGHUP' },
]

/** pino's own numbers for our levels. */
const pinoLevels = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'] as const

function startLog(sw: Switch): AsyncDisposable {
  const configuration = sw.configuration('logfile.conf')
  const profiles = configuration?.children.find((child) => child.name === 'profiles')
  const profile = profiles?.children.find((child) => child.name === 'profile')
  const common = readSettings(configuration, commonSettings)
  const values = readSettings(profile, settings)
  const passes = readMappings(profile)
  const name = values.text('logfile')
  const path = isAbsolute(name) ? name : join(sw.globals.get('log_dir') ?? '.', name)
  mkdirSync(dirname(path), { recursive: true })
  const level = logLevelNumber(values.text('loglevel')) ?? 7
  const stream = destination({ dest: path, sync: false, minLength: 0 })
  stream.on('error', (thrown: unknown) => process.stderr.write(`${path}: ${reasonOf(thrown)}\n`))
  const write =
    values.text('format') === 'json'
      ? jsonWriter(stream)
      : textWriter(stream, values.boolean('uuid'))
  const limit = values.number('rollover')
  let size = existsSync(path) ? statSync(path).size : 0

  const rotate = () => {
    try {
      stream.flushSync()
      shiftFiles(path, values.number('maximum-rotate'))
      stream.reopen()
      size = 0
    } catch (thrown) {
      log.err(`${path} cannot be rotated: ${reasonOf(thrown)}`)
    }
  }
  const onHangup = () => {
    // A terminal that closes may send it twice: an empty file is as good as a new one.
    if (common.boolean('rotate-on-hup') && size > 0) rotate()
  }
  const flush = () => {
    try {
      stream.flushSync()
    } catch {
      // The file may never have been opened; there is nothing to save then.
    }
  }
  process.on('SIGHUP', onHangup)
  process.on('exit', flush)
  const listening = onLog((line) => {
    if (line.level > level || !passes(line)) return
    size += write(line)
    if (limit > 0 && size > limit) rotate()
  })
  return {
    async [Symbol.asyncDispose]() {
      listening[Symbol.dispose]()
      process.off('SIGHUP', onHangup)
      process.off('exit', flush)
      flush()
      stream.end()
    },
  }
}

type Writer = (line: Parameters<Parameters<typeof onLog>[0]>[0]) => number

function textWriter(stream: DestinationStream, withUuid: boolean): Writer {
  return (line) => {
    const text = `${formatLogLine(line, idleShare(), withUuid)}\n`
    stream.write(text)
    return text.length
  }
}

function jsonWriter(stream: DestinationStream): Writer {
  const writer = pino({ level: 'debug', base: null, timestamp: false }, stream)
  return (line) => {
    const fields = {
      time: Math.round(line.time),
      area: line.area,
      ...(line.uuid ? { uuid: line.uuid } : {}),
    }
    writer[pinoLevels[line.level] ?? 'debug'](fields, line.text)
    return line.text.length + 80
  }
}

/** `log` → `log.1`, `log.1` → `log.2`…; the oldest goes. */
function shiftFiles(path: string, keep: number): void {
  rmSync(`${path}.${keep}`, { force: true })
  for (let number = keep - 1; number >= 1; number--) {
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
  }
  if (existsSync(path) && keep > 0) renameSync(path, `${path}.1`)
}

export const module: Module = {
  name: 'mod_logfile',
  start: (sw) => Promise.resolve(startLog(sw)),
}
