/** Writes XML trees, and makes and changes copies of them, the way `xml_locate` and `find_user_xml` print them. */
import type { SourcePlace } from '../base/errors.ts'
import type { XmlNode } from './node.ts'
import { type PlacedNode, parseXml } from './parse.ts'

const indent = '  '

/** The XML of a node: each element on a line of its own, two blanks per level, never `<x/>`, its own blank text kept. */
export function writeXml(node: XmlNode): string {
  return writeElement(node, 0, '')
}

function writeElement(node: XmlNode, depth: number, before: string): string {
  let out = before
  if (out.endsWith('>')) out += '\n'
  out += `${indent.repeat(depth)}<${node.name}`
  for (const [name, value] of node.attributes) out += ` ${name}="${escapeAttribute(value)}"`
  out += '>'
  let written = 0
  for (const one of node.children) {
    const placed = (one as PlacedNode).textOffset ?? 0
    const offset = Math.min(Math.max(placed, written), node.text.length)
    out += escapeText(textBefore(node.text, written, offset))
    written = offset
    out = writeElement(one, depth + 1, out)
  }
  out += escapeText(node.text.slice(written))
  if (out.endsWith('\n')) out += indent.repeat(depth)
  return `${out}</${node.name}>\n`
}

/**
 * The text between two children. Where there is none FreeSWITCH prints all that is left of it; that is kept up as far as it is
 * blank and so means nothing, since the replies are compared as text.
 */
function textBefore(text: string, from: number, to: number): string {
  if (from < to) return text.slice(from, to)
  const rest = text.slice(from)
  return rest.trim() === '' ? rest : ''
}

/** From `<!` on text is left as it is: somebody put markup there on purpose. */
export function escapeText(text: string): string {
  const raw = text.indexOf('<!')
  const plain = raw < 0 ? text : text.slice(0, raw)
  return escapeAll(plain) + (raw < 0 ? '' : text.slice(raw))
}

function escapeAll(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#xD;')
}

/** What may stand between the quotes of an attribute. */
export function escapeAttribute(value: string): string {
  const raw = value.indexOf('<!')
  const plain = escapeAll(raw < 0 ? value : value.slice(0, raw))
    .replace(/"/g, '&quot;')
    .replace(/\n/g, '&#xA;')
    .replace(/\t/g, '&#x9;')
  return plain + (raw < 0 ? '' : value.slice(raw))
}

/** A copy that shares nothing with the original, written and parsed again as FreeSWITCH copies users. */
export function duplicate(node: XmlNode): XmlNode {
  return parseXml(writeXml(node), node.place.file)
}

/** A node that stands in no file: one that is computed, or merged from several. Children are given in document order. */
export function makeElement(
  name: string,
  attributes: Iterable<readonly [string, string]>,
  children: readonly XmlNode[],
  place: SourcePlace,
): XmlNode {
  const node: { -readonly [K in keyof PlacedNode]: PlacedNode[K] } = {
    name,
    attributes: new Map(attributes),
    children: [],
    text: '',
    place,
    parent: undefined,
    textOffset: 0,
  }
  node.children = children.map((one) => adopt(one, node))
  return node
}

/** The same node under another parent; the children below it go along. */
function adopt(node: XmlNode, parent: XmlNode): XmlNode {
  const copy: { -readonly [K in keyof PlacedNode]: PlacedNode[K] } = {
    ...node,
    parent,
    textOffset: 0,
  }
  copy.children = node.children.map((one) => ({
    ...adopt(one, copy),
    textOffset: (one as PlacedNode).textOffset ?? 0,
  }))
  return copy
}
