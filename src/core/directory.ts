/** The directory: domains, groups and users of the XML section `directory`, indexed once per loaded tree. */
import type { XmlNode } from '../xml/node.ts'

/** A user with what its group and domain add; the user's own values win, then the group's, then the domain's. */
export interface DirectoryUser {
  readonly id: string
  readonly domain: string
  /** The group it was found in. */
  readonly group: string | undefined
  readonly node: XmlNode
  readonly groupNode: XmlNode | undefined
  readonly domainNode: XmlNode
  readonly attributes: ReadonlyMap<string, string>
  /** By name as written; look up in lower case with `param`. */
  readonly params: ReadonlyMap<string, string>
  readonly variables: ReadonlyMap<string, string>
  readonly profileVariables: ReadonlyMap<string, string>
}

interface DomainIndex {
  readonly name: string
  readonly node: XmlNode
  /** By id in lower case: the first entry found, groups before plain users. */
  readonly users: Map<string, { node: XmlNode; group: XmlNode | undefined }>
  readonly aliases: Map<string, { node: XmlNode; group: XmlNode | undefined }>
  readonly groups: Map<string, XmlNode>
}

const indexes = new WeakMap<XmlNode, Map<string, DomainIndex>>()
const merged = new WeakMap<XmlNode, Map<string, DirectoryUser>>()

function childrenOf(node: XmlNode | undefined, name: string): XmlNode[] {
  return node ? node.children.filter((child) => child.name === name) : []
}

function indexOf(section: XmlNode): Map<string, DomainIndex> {
  const present = indexes.get(section)
  if (present) return present
  const domains = new Map<string, DomainIndex>()
  for (const node of childrenOf(section, 'domain')) {
    const name = node.attributes.get('name')
    if (!name || domains.has(name.toLowerCase())) continue
    domains.set(name.toLowerCase(), indexDomain(name, node))
  }
  indexes.set(section, domains)
  return domains
}

function indexDomain(name: string, node: XmlNode): DomainIndex {
  const index: DomainIndex = { name, node, users: new Map(), aliases: new Map(), groups: new Map() }
  const add = (user: XmlNode, group: XmlNode | undefined) => {
    const id = user.attributes.get('id')?.toLowerCase()
    const alias = user.attributes.get('number-alias')?.toLowerCase()
    if (id !== undefined && !index.users.has(id)) index.users.set(id, { node: user, group })
    if (alias !== undefined && !index.aliases.has(alias)) {
      index.aliases.set(alias, { node: user, group })
    }
  }
  for (const groups of childrenOf(node, 'groups')) {
    for (const group of childrenOf(groups, 'group')) {
      const groupName = group.attributes.get('name')?.toLowerCase()
      if (groupName !== undefined && !index.groups.has(groupName))
        index.groups.set(groupName, group)
      for (const users of childrenOf(group, 'users')) {
        for (const user of childrenOf(users, 'user')) add(user, group)
      }
    }
  }
  for (const users of childrenOf(node, 'users')) {
    for (const user of childrenOf(users, 'user')) add(user, undefined)
  }
  for (const user of childrenOf(node, 'user')) add(user, undefined)
  return index
}

export class Directory {
  readonly #section: () => XmlNode | undefined

  /** `section` gives the directory section of the tree that is loaded now. */
  constructor(section: () => XmlNode | undefined) {
    this.#section = section
  }

  /** The `<domain>` of that name, in any case. */
  domain(name: string): XmlNode | undefined {
    return this.#domain(name)?.node
  }

  /** The names of all domains, as written. */
  domains(): string[] {
    const section = this.#section()
    return section ? [...indexOf(section).values()].map((domain) => domain.name) : []
  }

  /** A user by id, or else by number-alias, with group and domain merged in. */
  user(name: string, domainName: string): DirectoryUser | undefined {
    const domain = this.#domain(domainName)
    if (!domain) return undefined
    const found = domain.users.get(name.toLowerCase()) ?? domain.aliases.get(name.toLowerCase())
    return found ? this.#merge(domain, found.node, found.group) : undefined
  }

  /** A user by any attribute (`number-alias`, `ip`): the first that has that value. */
  userBy(attribute: string, value: string, domainName: string): DirectoryUser | undefined {
    if (attribute === 'id') return this.user(value, domainName)
    const domain = this.#domain(domainName)
    if (!domain) return undefined
    for (const { node, group } of domain.users.values()) {
      if (node.attributes.get(attribute)?.toLowerCase() === value.toLowerCase()) {
        return this.#merge(domain, node, group)
      }
    }
    return undefined
  }

  /** Every user of a domain, in the order of the file. */
  users(domainName: string): DirectoryUser[] {
    const domain = this.#domain(domainName)
    if (!domain) return []
    return [...domain.users.values()].map(({ node, group }) => this.#merge(domain, node, group))
  }

  group(name: string, domainName: string): XmlNode | undefined {
    return this.#domain(domainName)?.groups.get(name.toLowerCase())
  }

  groups(domainName: string): readonly XmlNode[] {
    return [...(this.#domain(domainName)?.groups.values() ?? [])]
  }

  /** The users of a group as they stand there: pointers are not followed (`pointed` says which they mean). */
  groupUsers(name: string, domainName: string): { entry: XmlNode; user: DirectoryUser }[] {
    const domain = this.#domain(domainName)
    const group = domain?.groups.get(name.toLowerCase())
    if (!domain || !group) return []
    return childrenOf(group, 'users')
      .flatMap((users) => childrenOf(users, 'user'))
      .map((entry) => ({ entry, user: this.#merge(domain, entry, group) }))
  }

  #domain(name: string): DomainIndex | undefined {
    const section = this.#section()
    return section ? indexOf(section).get(name.toLowerCase()) : undefined
  }

  #merge(domain: DomainIndex, node: XmlNode, group: XmlNode | undefined): DirectoryUser {
    const users = merged.get(domain.node) ?? new Map<string, DirectoryUser>()
    merged.set(domain.node, users)
    const key = `${group?.attributes.get('name') ?? ''}/${node.attributes.get('id') ?? ''}/${node.place.line}`
    const present = users.get(key)
    if (present?.node === node) return present
    const levels = [node, group, domain.node].filter((level) => level !== undefined)
    const user: DirectoryUser = {
      id: node.attributes.get('id') ?? '',
      domain: domain.name,
      group: group?.attributes.get('name'),
      node,
      groupNode: group,
      domainNode: domain.node,
      attributes: node.attributes,
      params: pairs(levels, 'params', 'param'),
      variables: pairs(levels, 'variables', 'variable'),
      profileVariables: pairs(levels, 'profile-variables', 'variable'),
    }
    users.set(key, user)
    return user
  }
}

/** Name/value pairs of several levels, the first that has a name wins. Order: the first level's, then what others add. */
function pairs(levels: readonly XmlNode[], list: string, item: string): Map<string, string> {
  const values = new Map<string, string>()
  const seen = new Set<string>()
  for (const level of levels) {
    for (const group of childrenOf(level, list)) {
      for (const node of childrenOf(group, item)) {
        const name = node.attributes.get('name')
        const value = node.attributes.get('value')
        if (name === undefined || value === undefined || seen.has(name.toLowerCase())) continue
        seen.add(name.toLowerCase())
        values.set(name, value)
      }
    }
  }
  return values
}

/** A param of a user by its name in any case. */
export function userParam(user: DirectoryUser, name: string): string | undefined {
  return pairValue(user.params, name)
}

/** A variable of a user by its name in any case. */
export function userVariable(user: DirectoryUser, name: string): string | undefined {
  return pairValue(user.variables, name)
}

function pairValue(values: ReadonlyMap<string, string>, name: string): string | undefined {
  const direct = values.get(name)
  if (direct !== undefined) return direct
  const wanted = name.toLowerCase()
  for (const [key, value] of values) if (key.toLowerCase() === wanted) return value
  return undefined
}
