/** mod_hash: values in memory, by realm and key, that calls and the console share. */

import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { Application, Command, Module } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'

const log = logger('commands/hash')

const tableOf = onePer<Switch, Map<string, string>>(() => new Map())

const commandSyntax = 'insert|insert_ifempty|select|delete|delete_ifmatch/realm/key[/value]'

/** What one line does to the table; undefined when it is no line for it. */
function change(table: Map<string, string>, line: string, maySelect: boolean): string | undefined {
  const [verb = '', realm, name, value] = separate(line, '/', 4)
  if (realm === undefined || name === undefined) return undefined
  const key = `${realm}_${name}`
  const present = table.get(key)
  switch (verb.toLowerCase()) {
    case 'insert':
      if (value === undefined) return undefined
      // A key that is set anew stands last, as in `hash_dump`.
      table.delete(key)
      table.set(key, value)
      return '+OK\n'
    case 'insert_ifempty':
      if (value === undefined) return undefined
      if (present !== undefined) return '-ERR key already exists\n'
      table.set(key, value)
      return '+OK\n'
    case 'delete':
      return table.delete(key) ? '+OK\n' : '-ERR Not found\n'
    case 'delete_ifmatch':
      if (value === undefined) return undefined
      if (present === undefined) return '-ERR Not found\n'
      if (present !== value) return "-ERR Doesn't match\n"
      table.delete(key)
      return '+OK\n'
    case 'select':
      return maySelect ? (present ?? '') : undefined
    default:
      return undefined
  }
}

const hash: Command = {
  name: 'hash',
  syntax: '[insert|delete|select]/<realm>/<key>/<value>',
  about: 'hash get/set',
  run: (args, { sw }) => change(tableOf(sw), args, true) ?? `-ERR Usage: hash ${commandSyntax}\n`,
}

const hashDump: Command = {
  name: 'hash_dump',
  syntax: 'all|limit|db [<realm>]',
  about: 'dump hash/limit_hash data (used for synchronization)',
  run(args, { sw }) {
    const words = separate(args, ' ', 4)
    const [what = ''] = words
    const realm = words.length === 2 ? `${words[1]}_` : ''
    if (!['all', 'limit', 'db'].includes(what)) return `Usage: ${hashDump.syntax}\n`
    let text = ''
    if (what !== 'db') {
      for (const [key, usage] of sw.limits.entries()) {
        text += `L/${key}/${usage.count}/${usage.rate}/${usage.intervalSeconds}/${usage.since}\n`
      }
    }
    if (what !== 'limit') {
      for (const [key, value] of tableOf(sw)) {
        if (key.includes(realm)) text += `D/${key}/${value}\n`
      }
    }
    return text
  },
}

const hashApplication: Application = {
  name: 'hash',
  syntax: '[insert|insert_ifempty|delete|delete_ifmatch]/<realm>/<key>/<val>',
  about: 'Insert into the hashtable',
  needs: 'nothing',
  zombie: true,
  run(channel, data) {
    const reply = change(tableOf(channel.sw), data, false)
    if (reply === undefined) log.warning(`hash ${data}: ${hashApplication.syntax}`, channel.uuid)
  },
}

export const module: Module = {
  name: 'mod_hash',
  interfaces: [{ type: 'limit', name: 'hash' }],
  commands: [hash, hashDump],
  applications: [hashApplication],
}
