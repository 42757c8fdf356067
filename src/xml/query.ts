/** Small questions to the XML tree. */
import type { SourcePlace } from '../base/errors.ts'
import type { XmlNode } from './node.ts'

/** The first child with that name. */
export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((one) => one.name === name)
}

/** All children with that name, in document order. */
export function children(node: XmlNode | undefined, name: string): XmlNode[] {
  return node ? node.children.filter((one) => one.name === name) : []
}

/** The value of an attribute; undefined when it is not there. */
export function attribute(node: XmlNode | undefined, name: string): string | undefined {
  return node?.attributes.get(name)
}

/** The first child with that name whose attribute has that value, in any case. */
export function childWith(
  node: XmlNode | undefined,
  name: string,
  attributeName: string,
  value: string,
): XmlNode | undefined {
  const wanted = value.toLowerCase()
  return node?.children.find(
    (one) => one.name === name && one.attributes.get(attributeName)?.toLowerCase() === wanted,
  )
}

/** One setting: `<param name="…" value="…"/>`. */
export interface Param {
  readonly name: string
  /** Empty when the element has none. */
  readonly value: string
  readonly place: SourcePlace
}

/**
 * The settings among the children of a node: `<param>` or what else `tag` says (`variable`). Those without a name are
 * left out. `params(child(profile, 'settings'))`.
 */
export function params(node: XmlNode | undefined, tag = 'param'): Param[] {
  const found: Param[] = []
  for (const one of node?.children ?? []) {
    const name = one.name === tag ? one.attributes.get('name') : undefined
    if (name !== undefined)
      found.push({ name, value: one.attributes.get('value') ?? '', place: one.place })
  }
  return found
}
