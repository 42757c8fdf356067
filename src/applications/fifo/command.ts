/** The commands `fifo`, `fifo_member`, `fifo_add_outbound` and `fifo_check_bridge`. */
import type { Command } from '../../core/interfaces.ts'
import { separate } from '../../core/separate.ts'
import { Entry } from './entry.ts'
import { type Fifo, priorityOf } from './fifo.ts'
import { type Fifos, fifosOf } from './fifos.ts'
import { reportText } from './list.ts'

const syntax =
  'list|list_verbose|count|debug|status|has_outbound|importance [<fifo name>]|reparse [del_all]'

export const fifoCommand: Command = {
  name: 'fifo',
  syntax,
  about: 'Show fifos, those who wait and those who serve',
  completions: [
    'list',
    'list_verbose',
    'count',
    'debug',
    'status',
    'has_outbound',
    'importance',
    'reparse',
  ],
  run(args, { sw }) {
    const [word = '', name, value] = separate(args, ' ')
    const fifos = fifosOf(sw)
    switch (word.toLowerCase()) {
      case '':
        return `${syntax}\n`
      case 'list':
      case 'list_verbose':
        return reportText(fifos, chosen(fifos, name))
      case 'count':
        return lines(fifos, name, (fifo) => countLine(fifos, fifo))
      case 'has_outbound':
        return lines(fifos, name, (fifo) => (hasMembers(fifos, fifo) ? '1' : '0'))
      case 'status':
        return statusText(fifos)
      case 'importance':
        return importance(fifos, name, value)
      case 'debug':
        if (name !== undefined) fifos.debug = Math.max(0, Number.parseInt(name, 10) || 0)
        return `debug ${fifos.debug}\n`
      case 'reparse':
        fifos.reparse(name?.toLowerCase() === 'del_all')
        return '+OK\n'
      default:
        return `-ERR Usage: ${syntax}\n`
    }
  },
}

function chosen(fifos: Fifos, name: string | undefined): Fifo[] {
  if (name === undefined) return [...fifos.byName.values()]
  const one = fifos.get(name)
  return one ? [one] : []
}

/** A line for each fifo, `none` without any. */
function lines(fifos: Fifos, name: string | undefined, lineOf: (fifo: Fifo) => string): string {
  const list = chosen(fifos, name)
  if (list.length === 0) return 'none\n'
  return list.map((fifo) => `${fifo.name}:${lineOf(fifo)}\n`).join('')
}

/** Consumers, callers, members, members who ring, idle consumers. */
function countLine(fifos: Fifos, fifo: Fifo): string {
  return [
    fifo.consumers.size,
    fifo.waiting,
    fifos.membersOf(fifo.name).length,
    fifo.ringing.size,
    fifo.idleConsumers,
  ].join(':')
}

function hasMembers(fifos: Fifos, fifo: Fifo): boolean {
  return fifos.membersOf(fifo.name).length > 0
}

function importance(fifos: Fifos, name: string | undefined, value: string | undefined): string {
  const fifo = name === undefined ? undefined : fifos.get(name)
  if (!fifo) return 'no fifo by that name\n'
  if (value !== undefined) fifo.importance = Math.max(0, Number.parseInt(value, 10) || 0)
  return `importance: ${fifo.importance}\n`
}

function statusText(fifos: Fifos): string {
  const nodes = [...fifos.byName.values()].map(
    (fifo) => `node: ${fifo.name}
 outbound_name: ${fifo.outbound.name}
 outbound_per_cycle: ${fifo.outbound.perCycle}
 outbound_per_cycle_min: ${fifo.outbound.perCycleLeast}
 outbound_priority: ${fifo.outbound.priority}
 outbound_strategy: ${fifo.outbound.strategy}
 has_outbound: ${hasMembers(fifos, fifo) ? 1 : 0}
 waiting: ${fifo.waiting}
`,
  )
  const dialled = [...fifos.byName.values()]
    .flatMap((fifo) => fifo.entries())
    .filter(({ dialling }) => dialling)
    .map(({ channel }) => `  ${channel?.uuid}\n`)
  const ringing = fifos.members
    .list()
    .filter(({ ringCount }) => ringCount > 0)
    .map(({ uuid }) => `  ${uuid}\n`)
  const bridged = [...fifos.bridged].map((id) => `  ${id}\n`)
  return `${nodes.join('')} caller_orig:\n${dialled.join('')} consumer_orig:\n${ringing.join('')} bridge:\n${bridged.join('')}`
}

const memberSyntax =
  '[add <fifo_name> <originate_string> [<simo_count>] [<timeout>] [<lag>] [<expires>] [<taking_calls>] | del <fifo_name> <originate_string>]'

export const fifoMember: Command = {
  name: 'fifo_member',
  syntax: memberSyntax,
  about: 'Add or delete a member of a fifo',
  completions: ['add', 'del'],
  run(args, { sw }) {
    if (args === '') return `-USAGE: ${memberSyntax}\n`
    const [word = '', fifo, dialString, ...rest] = separate(args, ' ', 8)
    if (!fifo || !dialString) return '-ERR Invalid!\n'
    const fifos = fifosOf(sw)
    const number = (index: number, least: number, fallback: number) => {
      const value = Number.parseInt(rest[index] ?? '', 10)
      return value >= least ? value : fallback
    }
    if (word.toLowerCase() === 'add') {
      const lifetime = number(3, 1, 0)
      fifos.addMember(fifo, dialString, {
        simoCount: number(0, 0, 1),
        timeout: number(1, 0, 60),
        lag: number(2, 0, 5),
        expires: lifetime > 0 ? fifos.now() + lifetime : 0,
        takingCalls: number(4, 1, 1),
      })
    } else if (word.toLowerCase() === 'del') fifos.removeMember(fifo, dialString)
    else return '-ERR Invalid!\n'
    fifos.flush()
    return '+OK\n'
  },
}

export const fifoAddOutbound: Command = {
  name: 'fifo_add_outbound',
  syntax: '<fifo> <dial string> [<priority>]',
  about: 'Somebody is to be called as soon as a consumer is free',
  run(args, { sw }) {
    const [name, url, priority] = separate(args, ' ')
    if (!name || !url) return '0'
    const fifos = fifosOf(sw)
    const fifo = fifos.open(name)
    const entry = new Entry(fifo, priorityOf(priority), url)
    const before = fifo.entries().filter((one) => one.priority === entry.priority).length
    fifos.push(entry)
    return String(before + 1)
  },
}

export const fifoCheckBridge: Command = {
  name: 'fifo_check_bridge',
  syntax: '<uuid>|<outbound_id>',
  about: 'Whether a channel or a member talks in a fifo',
  completions: ['::console::list_uuid'],
  run: (args, { sw }) => String(fifosOf(sw).bridged.has(args)),
}
