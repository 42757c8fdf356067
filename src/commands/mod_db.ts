/** mod_db: values by realm and key, and groups of dial strings, that outlive a restart. */
import { logger } from '../base/log.ts'
import type { Application, Command, Module, Store } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('commands/db')

/** The realms of the switch's store that are used here. */
const values = 'db'
const groups = 'db_group'

/** One key of the store for a realm and its key; a realm may hold a slash. */
function storeKey(realm: string, key: string): string {
  return `${encodeURIComponent(realm)}/${key}`
}

function keysOf(store: Store, realm: string): string[] {
  const prefix = storeKey(realm, '')
  return [...store.list(values, prefix)].map(([key]) => key.slice(prefix.length))
}

function realmsOf(store: Store): string[] {
  const found = [...store.list(values)].map(([key]) => key.slice(0, key.indexOf('/')))
  return [...new Set(found)].map(decodeURIComponent)
}

const failure = '!err!'

const db: Command = {
  name: 'db',
  syntax: '[insert|delete|select|exists|count|list]/<realm>/<key>/<value>',
  about: 'db get/set',
  run(args, { sw }) {
    const { store } = sw.options
    const [verb = '', realm, key, value] = separate(args, '/', 4)
    switch (verb.toLowerCase()) {
      case 'insert':
        if (realm === undefined || key === undefined || value === undefined) return failure
        store.put(values, storeKey(realm, key), value)
        return '+OK'
      case 'delete':
        if (realm === undefined) return failure
        if (key !== undefined) store.delete(values, storeKey(realm, key))
        return '+OK'
      case 'select':
        if (realm === undefined || key === undefined) return failure
        return store.get(values, storeKey(realm, key)) ?? ''
      case 'exists':
        if (realm === undefined || key === undefined) return failure
        return String((store.get(values, storeKey(realm, key)) ?? '') !== '')
      case 'count':
        if (key !== undefined) return failure
        return String((realm === undefined ? realmsOf(store) : keysOf(store, realm)).length)
      case 'list':
        if (key !== undefined) return failure
        return (realm === undefined ? realmsOf(store) : keysOf(store, realm)).join(',')
      default:
        return failure
    }
  },
}

const dbApplication: Application = {
  name: 'db',
  syntax: '[insert|delete]/<realm>/<key>/<val>',
  about: 'Insert to the db',
  needs: 'nothing',
  zombie: true,
  run(channel, data) {
    const { store } = channel.sw.options
    const [verb = '', realm = '', key, value] = separate(data, '/', 4)
    const word = verb.toLowerCase()
    if (word === 'insert' && key !== undefined && value !== undefined) {
      store.put(values, storeKey(realm, key), value)
    } else if (word === 'delete' && key !== undefined) {
      store.delete(values, storeKey(realm, key))
    } else {
      log.warning(`db ${data}: ${dbApplication.syntax}`, channel.uuid)
    }
  },
}

/** The dial strings of a group, in the order they were added. */
function members(store: Store, name: string): string[] {
  const text = store.get(groups, name)
  return text === undefined ? [] : text.split('\n')
}

/** Adds a dial string at the end (moves it there when it is in the group already), or takes it away. */
function changeGroup(store: Store, verb: string, name: string, url: string): boolean {
  const others = members(store, name).filter((member) => member !== url)
  if (verb === 'insert') others.push(url)
  else if (verb !== 'delete') return false
  if (others.length === 0 || (verb === 'delete' && url === '*')) store.delete(groups, name)
  else store.put(groups, name, others.join('\n'))
  return true
}

const joints: Readonly<Record<string, string>> = { order: '|', multi: ':_:' }

const group: Command = {
  name: 'group',
  syntax: '[insert|delete|call]:<group name>:<url>',
  about: 'group [insert|delete|call]',
  run(args, { sw }) {
    const { store } = sw.options
    const [word = '', name, url] = separate(args, ':', 4)
    const verb = word.toLowerCase()
    if (name === undefined) return failure
    if (verb === 'call') {
      return members(store, name).join(joints[(url ?? '').toLowerCase()] ?? ',')
    }
    return url !== undefined && changeGroup(store, verb, name, url) ? '+OK' : failure
  },
}

const groupApplication: Application = {
  name: 'group',
  syntax: '[insert|delete]:<group name>:<val>',
  about: 'Manage a group',
  needs: 'nothing',
  zombie: true,
  run(channel, data) {
    const [verb = '', name, url] = separate(data, ':', 3)
    const isDone =
      name !== undefined &&
      url !== undefined &&
      changeGroup(channel.sw.options.store, verb.toLowerCase(), name, url)
    if (!isDone) log.warning(`group ${data}: ${groupApplication.syntax}`, channel.uuid)
  },
}

export const module: Module = {
  name: 'mod_db',
  interfaces: [{ type: 'limit', name: 'db' }],
  commands: [db, group],
  applications: [dbApplication, groupApplication],
}
