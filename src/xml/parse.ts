/** XML text to a tree of nodes that know their source lines. */
import { XMLParser } from 'fast-xml-parser'
import { reasonOf, type SourcePlace, SwitchError } from '../base/errors.ts'
import { checkXml } from './check.ts'
import { decodeAttribute, decodeText } from './entities.ts'
import type { XmlNode } from './node.ts'
import { type MergedText, plainText } from './source-map.ts'

/** A node that also knows how much of its parent's text stands before it, which is needed to write it out again. */
export interface PlacedNode extends XmlNode {
  readonly textOffset?: number
}

/** A PlacedNode while it is being made. */
interface Draft {
  name: string
  attributes: ReadonlyMap<string, string>
  children: Draft[]
  text: string
  place: SourcePlace
  parent: Draft | undefined
  textOffset: number
}

/** One entry of the parser's ordered output: `{ <tag>: children, ':@': attributes }`, with its offset under a symbol. */
type Entry = Readonly<Record<string, readonly Entry[] | string | Readonly<Record<string, unknown>>>>

const textKey = '#text'
const cdataKey = '#cdata'
const attributesKey = ':@'
/** Keeps attribute names apart from what objects have of their own, and numbers from being sorted to the front. */
const namePrefix = '@'
const nestingLimit = 1000
const noAttributes: ReadonlyMap<string, string> = new Map()

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true,
  ignoreAttributes: false,
  allowBooleanAttributes: true,
  attributeNamePrefix: namePrefix,
  textNodeName: textKey,
  cdataPropName: cdataKey,
  // Entities are resolved here, so that an unknown one stays as it is.
  processEntities: false,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  strictReservedNames: false,
  maxNestedTags: nestingLimit,
})
// Declared as the object type Symbol, which is none that indexes.
const metaKey = XMLParser.getMetaDataSymbol() as unknown as symbol

/** Parses text that stands in one file, or is of no file (`file` is then what an error should name). */
export function parseXml(text: string, file: string): XmlNode {
  return parseMerged(plainText(text, file))
}

/** Parses what the preprocessor made. Throws a SwitchError with the place in the source when it is no XML. */
export function parseMerged(merged: MergedText): XmlNode {
  const text = checkXml(merged)
  let entries: readonly Entry[]
  try {
    entries = parser.parse(text) as readonly Entry[]
  } catch (thrown) {
    throw new SwitchError('XML_BAD', reasonOf(thrown), { place: merged.placeAt(0) })
  }
  const root = entries.find((entry) => tagOf(entry) !== textKey)
  if (!root)
    throw new SwitchError('XML_NO_ROOT', 'there is no element', { place: merged.placeAt(0) })
  return makeNode(root, undefined, merged)
}

function tagOf(entry: Entry): string {
  for (const key in entry) if (key !== attributesKey) return key
  return textKey
}

function makeNode(entry: Entry, parent: Draft | undefined, merged: MergedText): Draft {
  const name = tagOf(entry)
  const meta = (entry as { readonly [key: symbol]: { readonly startIndex: number } })[metaKey]
  const node: Draft = {
    name,
    attributes: attributesOf(entry),
    children: [],
    text: '',
    place: merged.placeAt(meta?.startIndex ?? 0),
    parent,
    textOffset: parent?.text.length ?? 0,
  }
  for (const child of entry[name] as readonly Entry[]) {
    const key = tagOf(child)
    if (key === textKey) node.text += decodeText(String(child[textKey]))
    else if (key === cdataKey) {
      for (const part of child[cdataKey] as readonly Entry[]) node.text += String(part[textKey])
    } else node.children.push(makeNode(child, node, merged))
  }
  return node
}

function attributesOf(entry: Entry): ReadonlyMap<string, string> {
  const given = entry[attributesKey] as Readonly<Record<string, string | true>> | undefined
  if (!given) return noAttributes
  const attributes = new Map<string, string>()
  for (const key in given) {
    const value = given[key]
    // `true` is an attribute without a value.
    attributes.set(
      key.slice(namePrefix.length),
      value === undefined || value === true ? '' : decodeAttribute(value),
    )
  }
  return attributes
}
