/** show: tables of what there is and what goes on. */
import { callTable, channelTable, isChannelLike } from '../core/channel-rows.ts'
import { usage } from '../core/command-usage.ts'
import { type InterfaceRow, interfaceRows } from '../core/interface-rows.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { countText, parseTableFormat, type Table, tableText } from '../core/table-text.ts'

const columnsOf: Readonly<Record<string, (row: InterfaceRow) => string>> = {
  type: (row) => row.type,
  name: (row) => row.name,
  description: (row) => row.description,
  syntax: (row) => row.syntax,
  ikey: (row) => row.key,
  filename: (row) => row.file,
}

function interfaceTable(
  sw: Switch,
  columns: readonly string[],
  keep: (row: InterfaceRow) => boolean,
): Table {
  const rows = interfaceRows(sw).filter(keep)
  return { columns, rows: rows.map((row) => columns.map((name) => columnsOf[name]?.(row) ?? '')) }
}

/** Kinds of interfaces, by how the word begins; one plural s is dropped and what is left must be the type. */
const kinds = /^(codec|dialplan|file|timer|chat|limit|say|management|endpoint)/i

/**
 * FreeSWITCH keeps two tables under the machine's name and asks for them under the switch's: where these differ, they are
 * always empty.
 */
function isOneName(sw: Switch): boolean {
  return sw.globals.get('hostname') === sw.globals.get('switchname')
}

function taskTable(sw: Switch): Table {
  const columns = 'task_id task_desc task_group task_runtime task_sql_manager hostname'.split(' ')
  const hostname = sw.globals.get('hostname') ?? ''
  const rows = sw.scheduler
    .list()
    .map((task) => [
      String(task.id),
      task.description,
      task.group,
      String(task.runtime),
      '0',
      hostname,
    ])
  return { columns, rows }
}

function registrationTable(sw: Switch): Table {
  const columns =
    'reg_user realm token url expires network_ip network_port network_proto hostname metadata'
  const hostname = sw.globals.get('switchname') ?? ''
  const found = [...sw.registrationSources].flatMap((source) => [...source()])
  return {
    columns: columns.split(' '),
    rows: found.map((row) => [
      row.user,
      row.realm,
      row.token,
      row.url,
      String(row.expires),
      row.networkIp,
      row.networkPort,
      row.networkProto,
      hostname,
      row.metadata,
    ]),
  }
}

function interfaceTypes(sw: Switch): Table {
  const counts = new Map<string, number>()
  for (const { type } of isOneName(sw) ? interfaceRows(sw) : []) {
    counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return {
    columns: ['type', 'total'],
    rows: [...counts].map(([type, count]) => [type, String(count)]),
  }
}

function aliasTable(sw: Switch): Table {
  const hostname = sw.globals.get('switchname') ?? ''
  const entries = [...sw.aliases].sort(([a], [b]) => (a < b ? -1 : 1))
  const isSticky = (alias: string) => sw.options.store.get('alias', alias) !== undefined
  return {
    columns: ['sticky', 'alias', 'command', 'hostname'],
    rows: entries.map(([alias, command]) => [
      isSticky(alias) ? '1' : '0',
      alias,
      command,
      hostname,
    ]),
  }
}

function completeTable(sw: Switch): Table {
  const hostname = sw.globals.get('switchname') ?? ''
  const arguments_ = Array.from({ length: 10 }, (_, index) => index)
  const lines = isOneName(sw) ? sw.completions.lines() : []
  return {
    columns: ['sticky', ...arguments_.map((index) => `a${index + 1}`), 'hostname'],
    rows: lines.map((words) => ['0', ...arguments_.map((index) => words[index] ?? ''), hostname]),
  }
}

/** The tables of a word that lists what modules bring; undefined when it is none of them. */
function moduleTable(sw: Switch, word: string, name: string | undefined): Table | undefined {
  const lower = word.toLowerCase()
  if (kinds.test(word)) {
    const type = word.endsWith('s') ? word.slice(0, -1) : word
    return interfaceTable(sw, ['type', 'name', 'ikey'], (row) => row.type === type)
  }
  if (lower.startsWith('module')) {
    const columns = ['type', 'name', 'ikey', 'filename']
    return interfaceTable(sw, columns, (row) => name === undefined || row.key === name)
  }
  if (lower === 'interfaces') return interfaceTable(sw, ['type', 'name', 'ikey'], () => true)
  if (lower === 'application' || lower === 'api') {
    const columns = ['name', 'description', 'syntax', 'ikey']
    const isShown = (row: InterfaceRow) =>
      row.type === word && row.description !== '' && (name === undefined || row.name === name)
    return interfaceTable(sw, columns, isShown)
  }
  switch (lower) {
    case 'interface_types':
      return interfaceTypes(sw)
    case 'tasks':
      return taskTable(sw)
    case 'aliases':
      return aliasTable(sw)
    case 'complete':
      return completeTable(sw)
    case 'nat_map':
      // Ports are not mapped on routers.
      return { columns: ['port', 'proto', 'proto_num', 'sticky'], rows: [] }
    default:
      return undefined
  }
}

/** Tables of what goes on; those can be counted. */
function liveTable(sw: Switch, word: string): Table | undefined {
  const channels = sw.channels.list()
  switch (word.toLowerCase()) {
    case 'channels':
      return channelTable(channels)
    case 'calls':
      return callTable(channels, { detailed: false, bridgedOnly: false })
    case 'registrations':
      return registrationTable(sw)
    case 'detailed_calls':
      return callTable(channels, { detailed: true, bridgedOnly: false })
    case 'bridged_calls':
      return callTable(channels, { detailed: false, bridgedOnly: true })
    case 'detailed_bridged_calls':
      return callTable(channels, { detailed: true, bridgedOnly: true })
    default:
      return undefined
  }
}

const countable = new Set(['channels', 'calls', 'registrations'])

const showWords =
  'aliases api application calls channels chat codec complete dialplan detailed_calls bridged_calls detailed_bridged_calls endpoint file interfaces interface_types limits tasks management modules nat_map registrations say status timer'

export const show: Command = {
  name: 'show',
  syntax:
    'codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete|chat|management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status',
  about: 'Show various reports',
  completions: [...showWords.split(' '), 'channels count', 'channels like', 'calls count'],
  run(args, { sw }) {
    const words = separate(args, ' ', 6)
    const [what = '', second = '', third, fourth, fifth] = words
    const isAs = second.toLowerCase() === 'as'
    const lower = what.toLowerCase()
    if (lower.startsWith('status')) return sw.runCommand(`${what} ${(isAs && third) || second}`)
    const name = words.length > 1 && !isAs ? second : undefined
    let as = isAs ? third : undefined
    let table = moduleTable(sw, what, name)
    let isCount = false
    if (!table) {
      table = liveTable(sw, what)
      if (!table) return usage(show.syntax)
      isCount = countable.has(lower) && second.toLowerCase() === 'count'
      if (isCount && third?.toLowerCase() === 'as') as = fourth
      if (lower === 'channels' && second.toLowerCase() === 'like' && third !== undefined) {
        const like = sw.channels.list().filter((one) => isChannelLike(one, third))
        table = channelTable(like)
        if (fourth?.toLowerCase() === 'as') as = fifth
      }
    }
    const format = as === undefined ? 'separated' : parseTableFormat(as)
    if (!format) return `-ERR Cannot find format ${as}\n`
    if (isCount) return countText(table.rows.length, format)
    return tableText(table, format, (as !== undefined && fourth) || ',')
  },
}

export const help: Command = {
  name: 'help',
  syntax: '[<command>]',
  about: 'Show help for all the api commands',
  run(args, { sw }) {
    const columns = ['name', 'syntax', 'description', 'ikey']
    const isWanted = (row: InterfaceRow) =>
      row.type === 'api' && (args === '' || row.name.toLowerCase() === args.toLowerCase())
    const { rows } = interfaceTable(sw, columns, isWanted)
    if (rows.length === 0) return '-ERR No such command\n'
    const lines = rows.map((row) => `${row.join(',')}\n`).join('')
    return args === '' ? `\nValid Commands:\n\n${lines}` : lines
  },
}
