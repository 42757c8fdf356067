/** A directory user as one XML element, with what its group and domain add: what `find_user_xml` prints and `user_data` reads. */

import type { XmlNode } from '../xml/node.ts'
import type { PlacedNode } from '../xml/parse.ts'
import { child, children } from '../xml/query.ts'
import { duplicate, makeElement } from '../xml/write.ts'
import type { DirectoryUser } from './directory.ts'

const containers = [
  ['params', 'param'],
  ['variables', 'variable'],
  ['profile-variables', 'variable'],
] as const

/** The user's own element with the entries of its group and then its domain that it does not have itself. */
export function mergedUserXml(user: DirectoryUser): XmlNode {
  let merged = duplicate(user.node)
  for (const source of [user.groupNode, user.domainNode]) {
    for (const [container, entry] of containers) merged = mergeOne(merged, source, container, entry)
  }
  const attributes = new Map(merged.attributes).set('domain-name', user.domain)
  return { ...merged, attributes }
}

/**
 * What `mergedUserXml` would have, without making it: the value of an entry, by its name in any case. Of several of one name the user's own
 * last one counts, else the first of its group, then of its domain. Empty where there is none.
 */
export function userXmlValue(
  user: DirectoryUser,
  container: (typeof containers)[number][0],
  name: string,
): string {
  const entry = container === 'params' ? 'param' : 'variable'
  const wanted = name.toLowerCase()
  const entriesOf = (level: XmlNode | undefined) =>
    children(child(level, container), entry).filter((one) => nameOf(one) === wanted)
  const own = entriesOf(user.node)
  if (own.length > 0) return entryValue(own)
  const inherited = entriesOf(user.groupNode)[0] ?? entriesOf(user.domainNode)[0]
  return inherited?.attributes.get('value') ?? ''
}

/** Of several entries the last that has a value. */
export function entryValue(entries: readonly XmlNode[]): string {
  return entries.findLast((one) => one.attributes.has('value'))?.attributes.get('value') ?? ''
}

function mergeOne(
  user: XmlNode,
  source: XmlNode | undefined,
  container: string,
  entry: string,
): XmlNode {
  const own = child(user, container)
  const place = source?.place ?? user.place
  const base = own ?? makeElement(container, [], [], place)
  const names = new Set(children(base, entry).map((one) => nameOf(one)))
  const added: XmlNode[] = []
  for (const one of children(child(source, container), entry)) {
    const name = nameOf(one)
    if (name === undefined || names.has(name)) continue
    names.add(name)
    const pairs = ['name', 'value'].map((key): [string, string] => [
      key,
      one.attributes.get(key) ?? '',
    ])
    added.push(makeElement(entry, pairs, [], one.place))
  }
  const filled = added.length > 0 ? withFirst(base, added) : base
  if (!own) return withFirst(user, [filled])
  return { ...user, children: user.children.map((one) => (one === own ? filled : one)) }
}

function nameOf(node: XmlNode): string | undefined {
  return node.attributes.get('name')?.toLowerCase()
}

/** Adds children where no text stands before them: behind others of that kind, before all that text precedes. */
function withFirst(node: XmlNode, added: readonly XmlNode[]): XmlNode {
  const behind = node.children.findIndex((one) => ((one as PlacedNode).textOffset ?? 0) > 0)
  const at = behind < 0 ? node.children.length : behind
  return {
    ...node,
    children: [...node.children.slice(0, at), ...added, ...node.children.slice(at)],
  }
}
