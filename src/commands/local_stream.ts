/** mod_local_stream: the streams of music on hold, and the command that looks after them. */
import { logger } from '../base/log.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command, Module } from '../core/interfaces.ts'
import { LocalStreams } from '../core/local-streams.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'

const log = logger('commands/local_stream')

const streams = new WeakMap<Switch, LocalStreams>()

type Row = ReturnType<LocalStreams['rows']>[number]

/** What `show <name>` tells, in its order. */
function figures(row: Row): readonly (readonly [name: string, value: string])[] {
  return [
    ['location', row.folder],
    ['channels', String(row.channels)],
    ['rate', String(row.rate)],
    ['interval', String(row.interval)],
    ['samples', String(Math.trunc((row.rate * row.interval) / 1000))],
    ['prebuf', String(row.prebuffer)],
    ['timer', row.timerName],
    ['total', String(row.listeners)],
    ['shuffle', String(row.shuffle)],
    ['ready', 'true'],
    ['stopped', 'false'],
  ]
}

function showText(row: Row): string {
  const lines = [...figures(row), ['reloading', 'false'] as const].map(
    ([name, value]) => `  ${`${name}:`.padEnd(9)} ${value}\n`,
  )
  return `${row.name}\n${lines.join('')}`
}

function showXml(row: Row): string {
  const lines = figures(row).map(([name, value]) => `  <${name}>${quoted(value)}</${name}>\n`)
  return `<?xml version="1.0"?>\n<local_stream name="${quoted(row.name)}">\n${lines.join('')}</local_stream>\n`
}

function quoted(text: string): string {
  return text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`)
}

function missing(name: string): string {
  return `-ERR Cannot locate local_stream ${name}!\n`
}

/** `vol`: shows the gain, or sets it. */
function volume(sw: Switch, name: string, text: string | undefined): string {
  if (text?.startsWith('auto:')) return '-ERR loudness is not evened out by itself here\n'
  const { music: control } = sw.media
  if (text !== undefined) control.setVolume(name, Math.max(-50, Math.min(50, leadingInteger(text))))
  const row = control.rows().find((one) => one.name === name)
  return row ? `+OK vol stream: ${name} is ${row.volume}` : missing(name)
}

const localStream: Command = {
  name: 'local_stream',
  syntax: '<show|start|reload|stop|hup|vol> <local_stream_name>',
  about: 'manage local streams',
  completions: ['show', 'start', 'reload', 'stop', 'hup', 'vol'],
  run(args, { sw }) {
    const table = streams.get(sw)
    const [verb = '', name, third, fourth] = separate(args, ' ', 5)
    if (!table || verb === '') return `-USAGE: ${localStream.syntax}\n`
    const { music: control } = sw.media
    const word = verb.toLowerCase()
    if (word === 'show') {
      if (name === undefined)
        return table
          .rows()
          .map((row) => `${row.name},${row.folder}\n`)
          .join('')
      const row = table.rows().find((one) => one.name === name)
      if (!row) return missing(name)
      // FreeSWITCH wants `as xml`.
      return fourth?.toLowerCase() === 'xml' || third?.toLowerCase() === 'xml'
        ? showXml(row)
        : showText(row)
    }
    if (name === undefined) return `-USAGE: ${localStream.syntax}\n`
    switch (word) {
      case 'hup':
        return control.next(name) ? `+OK hup stream: ${name}` : missing(name)
      case 'stop':
        return control.stop(name) ? '+OK' : missing(name)
      case 'reload':
        if (!control.rows().some((row) => row.name === name)) return missing(name)
        return table.start(name) ? '+OK' : `-ERR local_stream.conf has no ${name} any more\n`
      case 'start':
        if (control.rows().some((row) => row.name === name)) return `+OK stream: ${name}`
        return table.start(name) ? `+OK stream: ${name}` : missing(name)
      case 'vol':
        return volume(sw, name, third)
      default:
        return `-USAGE: ${localStream.syntax}\n`
    }
  },
}

/** The older words: `show_local_stream moh` is `local_stream show moh`. */
const shorthands: readonly Command[] = ['show', 'start', 'stop', 'reload'].map((verb) => ({
  name: `${verb}_local_stream`,
  syntax: verb === 'show' ? '[<local_stream_name>]' : '<local_stream_name>',
  about: `local_stream ${verb}`,
  run: (args, context) => localStream.run(`${verb} ${args}`, context),
}))

export const module: Module = {
  name: 'mod_local_stream',
  commands: [localStream, ...shorthands],
  formats: ['local_stream'],
  start(sw) {
    const table = new LocalStreams(sw)
    streams.set(sw, table)
    if (table.startAll() === 0) log.warning('local_stream.conf has no stream')
    return Promise.resolve({
      [Symbol.asyncDispose]: () => {
        table.stopAll()
        streams.delete(sw)
        return Promise.resolve()
      },
    })
  },
}
