/** mod_logfile: the log in a file below the data directory, as text or as JSON, rotated by size or by `fsctl send_sighup`. */
import { existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { destination, pino } from 'pino'
import { reasonOf } from '../base/errors.ts'
import { LineBatch } from '../base/line-batch.ts'
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
  let stream = openLog(path)
  // Not line by line for another reason too: the stream measures anew all that waits in it whenever it is given more.
  const batch = new LineBatch((text) => stream.write(text))
  const write =
    values.text('format') === 'json' ? jsonWriter(batch) : textWriter(batch, values.boolean('uuid'))
  const limit = values.number('rollover')
  let size = existsSync(path) ? statSync(path).size : 0

  /** What was written is on its way to the disk. */
  const closing = new Map<LogStream, Promise<void>>()
  const close = (full: LogStream) => {
    const closed = new Promise<void>((resolve) => {
      full.once('close', resolve)
      full.once('error', () => resolve())
      // One that was never opened never closes.
      if (isUnopened(full)) resolve()
    })
    closing.set(
      full,
      closed.then(() => void closing.delete(full)),
    )
    full.end()
  }

  const rotate = () => {
    // If it cannot be done, the line that says so is written to this file too: it must not ask for the same again.
    size = 0
    try {
      batch.flush()
      shiftFiles(path, values.number('maximum-rotate'))
      // Each file has a stream of its own: the next lines stand in the new one even where that is full within this turn, too.
      close(stream)
      stream = openLog(path)
    } catch (thrown) {
      log.err(`${path} cannot be rotated: ${reasonOf(thrown)}`)
    }
  }
  const onHangup = () => {
    // A terminal that closes may send it twice: an empty file is as good as a new one.
    if (common.boolean('rotate-on-hup') && size > 0) rotate()
  }
  const flush = () => {
    batch.flush()
    for (const each of [...closing.keys(), stream]) {
      try {
        each.flushSync()
      } catch {
        // The file may never have been opened; there is nothing to save then.
      }
    }
  }
  process.on('SIGHUP', onHangup)
  process.on('exit', flush)
  const listening = onLog(
    (line) => {
      if (line.level > level || !passes(line)) return
      size += write(line)
      if (limit > 0 && size > limit) rotate()
    },
    { withEarly: true },
  )
  return {
    async [Symbol.asyncDispose]() {
      listening[Symbol.dispose]()
      process.off('SIGHUP', onHangup)
      batch.flush()
      close(stream)
      await Promise.all(closing.values())
      process.off('exit', flush)
    },
  }
}

type LogStream = ReturnType<typeof destination>

/** Whether there is no file behind it. */
function isUnopened(stream: LogStream): boolean {
  return (stream as LogStream & { readonly fd: number }).fd < 0
}

/** Opens the file at once; one that cannot be opened is told on stderr, and the server goes on without it. */
function openLog(path: string): LogStream {
  let target: { fd: number } | { dest: string } = { dest: path }
  try {
    target = { fd: openSync(path, 'a') }
  } catch {
    // Opened by its name, the stream says why not.
  }
  const stream = destination({ ...target, sync: false, minLength: 0 })
  stream.on('error', (thrown: unknown) => process.stderr.write(`${path}: ${reasonOf(thrown)}\n`))
  return stream
}

type Writer = (line: Parameters<Parameters<typeof onLog>[0]>[0]) => number

function textWriter(batch: LineBatch, withUuid: boolean): Writer {
  return (line) => {
    const text = `${formatLogLine(line, idleShare(), withUuid)}\n`
    batch.add(text, line.level)
    return text.length
  }
}

function jsonWriter(batch: LineBatch): Writer {
  let level = 0
  const writer = pino(
    { level: 'debug', base: null, timestamp: false },
    { write: (text) => batch.add(text, level) },
  )
  return (line) => {
    level = line.level
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
