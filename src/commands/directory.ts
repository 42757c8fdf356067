/** The commands that ask the directory: who there is and what is known of them. */
import { usage } from '../core/command-usage.ts'
import type { DirectoryUser } from '../core/directory.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import type { Switch } from '../core/switch.ts'
import { entryValue, mergedUserXml, userXmlValue } from '../core/user-xml.ts'
import type { XmlNode } from '../xml/node.ts'
import { child, children, childWith } from '../xml/query.ts'
import { writeXml } from '../xml/write.ts'

/** `user@domain`; without a domain the switch's own. */
function splitUser(sw: Switch, text: string): { user: string; domain: string } {
  const at = text.indexOf('@')
  if (at < 0) return { user: text, domain: sw.globals.get('domain') ?? '' }
  return { user: text.slice(0, at), domain: text.slice(at + 1) }
}

/** The last `<param>` or `<variable>` of that name in any case; `attr` reads the element itself. */
function dataOf(node: XmlNode, type: string, name: string): string {
  if (type === 'attr') return node.attributes.get(name) ?? ''
  const [container, entry] = type === 'var' ? ['variables', 'variable'] : ['params', 'param']
  const wanted = name.toLowerCase()
  return entryValue(
    children(child(node, container), entry).filter(
      (one) => one.attributes.get('name')?.toLowerCase() === wanted,
    ),
  )
}

/** The same of a user, as its element would have it with what group and domain add. */
function dataOfUser(user: DirectoryUser, type: string, name: string): string {
  if (type !== 'attr') return userXmlValue(user, type === 'var' ? 'variables' : 'params', name)
  return name === 'domain-name' ? user.domain : (user.attributes.get(name) ?? '')
}

/** The user of `<key> <user> <domain>`. */
function find(sw: Switch, args: string): DirectoryUser | 'bad args' | "can't find user" {
  const [key, user, domain] = separate(args, ' ', 3)
  if (key === undefined || user === undefined || domain === undefined) return 'bad args'
  return sw.directory.userBy(key.toLowerCase(), user, domain) ?? "can't find user"
}

export const userExists: Command = {
  name: 'user_exists',
  syntax: '<key> <user> <domain>',
  about: 'Find a user',
  run: (args, { sw }) => String(typeof find(sw, args) !== 'string'),
}

export const findUserXml: Command = {
  name: 'find_user_xml',
  syntax: '<key> <user> <domain>',
  about: 'Find a user',
  run(args, { sw, channel }) {
    const found = find(sw, args)
    // In a channel's text it only says whether there is one.
    if (channel) return String(typeof found !== 'string')
    return typeof found === 'string' ? `-ERR ${found}\n` : writeXml(mergedUserXml(found))
  },
}

export const userData: Command = {
  name: 'user_data',
  syntax: '<user>@<domain> [var|param|attr] <name>',
  about: 'Find user data',
  run(args, { sw }) {
    const [who, type, name] = separate(args, ' ', 3)
    if (who === undefined || type === undefined || name === undefined) return ''
    const { user, domain } = splitUser(sw, who)
    const found = sw.directory.user(user, domain)
    return found ? dataOfUser(found, type, name) : ''
  },
}

export const domainExists: Command = {
  name: 'domain_exists',
  syntax: '<domain>',
  about: 'Check if a domain exists',
  run: (args, { sw }) => (args === '' ? '' : String(sw.directory.domain(args) !== undefined)),
}

export const domainData: Command = {
  name: 'domain_data',
  syntax: '<domain> [var|param|attr] <name>',
  about: 'Find domain data',
  run(args, { sw }) {
    const [name = '', type, key] = separate(args, ' ', 3)
    const domain = sw.directory.domain(name)
    return domain && type !== undefined && key !== undefined ? dataOf(domain, type, key) : ''
  },
}

export const inGroup: Command = {
  name: 'in_group',
  syntax: '<user>[@<domain>] <group_name>',
  about: 'Determine if a user is in a group',
  run(args, { sw }) {
    // A comma, whatever the syntax shows.
    const [who, group] = separate(args, ',', 2)
    if (who === undefined || group === undefined) return 'false'
    const { user, domain } = splitUser(sw, who)
    const users = child(sw.directory.group(group, domain), 'users')
    return String(childWith(users, 'user', 'id', user) !== undefined)
  },
}

const columns =
  'userid|context|domain|group|contact|callgroup|effective_caller_id_name|effective_caller_id_number'

/** What `list_users` shows of the variables; a level below overrides what its parents say. */
const shown = [
  'user_context',
  'callgroup',
  'effective_caller_id_name',
  'effective_caller_id_number',
]

interface Level {
  readonly domain: XmlNode
  readonly group: string
  readonly values: ReadonlyMap<string, string>
}

function withVariables(values: ReadonlyMap<string, string>, node: XmlNode): Map<string, string> {
  const next = new Map(values)
  for (const one of children(child(node, 'variables'), 'variable')) {
    const name = one.attributes.get('name')?.toLowerCase() ?? ''
    if (shown.includes(name)) next.set(name, one.attributes.get('value') ?? '')
  }
  return next
}

async function userLine(sw: Switch, entry: XmlNode, level: Level): Promise<string> {
  const domain = level.domain.attributes.get('name') ?? ''
  const id = entry.attributes.get('id') ?? ''
  const values = withVariables(level.values, targetOf(entry, level.domain))
  const value = (name: string) => values.get(name) ?? ''
  const contact = (await sw.commandInText('sofia_contact', `*/${id}@${domain}`, undefined)) ?? ''
  const cells = [
    id,
    value('user_context'),
    domain,
    level.group,
    contact,
    ...shown.slice(1).map(value),
  ]
  return `${cells.join('|')}\n`
}

/** What a pointer points at: the user of that id in another group. */
function targetOf(entry: XmlNode, domain: XmlNode): XmlNode {
  if (entry.attributes.get('type')?.toLowerCase() !== 'pointer') return entry
  const id = entry.attributes.get('id')?.toLowerCase()
  const lists = children(child(domain, 'groups'), 'group').flatMap((one) => children(one, 'users'))
  const users = [...lists, ...children(domain, 'users')].flatMap((one) => children(one, 'user'))
  const isMeant = (one: XmlNode) =>
    one.attributes.get('id')?.toLowerCase() === id &&
    one.attributes.get('type')?.toLowerCase() !== 'pointer'
  return users.find(isMeant) ?? entry
}

export const listUsers: Command = {
  name: 'list_users',
  syntax: '[group <group>] [domain <domain>] [user <user>] [context <context>]',
  about: 'List Users configured in Directory',
  async run(args, { sw }) {
    const words = separate(args, ' ', 9)
    if (words.length >= 9) return usage(listUsers.syntax)
    const wanted = (name: string) => {
      const at = words.findLastIndex((word) => word.toLowerCase() === name)
      return at < 0 ? undefined : words[at + 1]?.toLowerCase()
    }
    const isWanted = (name: string, node: XmlNode, attribute: string) =>
      wanted(name) === undefined || node.attributes.get(attribute)?.toLowerCase() === wanted(name)
    let text = `${columns}\n`
    const add = async (list: XmlNode, level: Level) => {
      for (const users of children(list, 'users')) {
        for (const entry of children(users, 'user')) {
          const values = withVariables(level.values, targetOf(entry, level.domain))
          const context = values.get('user_context')?.toLowerCase()
          if (wanted('context') !== undefined && context !== wanted('context')) continue
          if (isWanted('user', entry, 'id')) text += await userLine(sw, entry, level)
        }
      }
    }
    for (const name of sw.directory.domains()) {
      const domain = sw.directory.domain(name)
      if (!domain || !isWanted('domain', domain, 'name')) continue
      const values = withVariables(new Map(), domain)
      const groups = child(domain, 'groups')
      if (!groups) await add(domain, { domain, group: '', values })
      for (const group of children(groups, 'group')) {
        if (!isWanted('group', group, 'name')) continue
        const level = { domain, group: group.attributes.get('name') ?? '' }
        await add(group, { ...level, values: withVariables(values, group) })
      }
    }
    return `${text}\n+OK\n`
  },
}
