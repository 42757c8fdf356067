/** Presence documents (PIDF, RFC 3863, with RFC 4479 and RFC 4480): what a phone says of its user, and what watchers are told. */
import { escapeXmlAttribute } from '../../core/event-text.ts'
import { plainField } from '../../core/untrusted.ts'
import type { XmlNode } from '../../xml/node.ts'
import { parseXml } from '../../xml/parse.ts'

export const pidfType = 'application/pidf+xml'

/** How somebody is. */
export interface Presence {
  readonly isOpen: boolean
  /** In words: `In a meeting`. */
  readonly note: string
  /** What he does, of RFC 4480: `busy`, `away`, `on-the-phone`; empty when it is not said. */
  readonly activity: string
}

const longestNote = 256

/** Reads a document; undefined when it is none. */
export function readPidf(text: string): Presence | undefined {
  // Nothing that grows when it is read.
  if (/<!(?!--)/.test(text)) return undefined
  let root: XmlNode
  try {
    root = parseXml(text, 'PUBLISH')
  } catch {
    return undefined
  }
  if (localName(root) !== 'presence') return undefined
  const tuple = inner(root, 'tuple')
  const person = inner(root, 'person')
  const basic = inner(inner(tuple, 'status'), 'basic')?.text.trim().toLowerCase()
  if (basic !== undefined && basic !== 'open' && basic !== 'closed') return undefined
  const note = (inner(person, 'note') ?? inner(tuple, 'note') ?? inner(root, 'note'))?.text ?? ''
  const activity = inner(person, 'activities')?.children.find((one) => localName(one) !== 'note')
  return {
    isOpen: basic !== 'closed',
    note: plainField(note.trim()).slice(0, longestNote),
    activity: activity ? localName(activity) : '',
  }
}

/** Names with whatever prefix the phone gave to their namespaces. */
function localName(node: XmlNode): string {
  return node.name.slice(node.name.indexOf(':') + 1)
}

function inner(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((one) => localName(one) === name)
}

/** The document of a user, `address` as `user@domain`. */
export function pidfOf(address: string, { isOpen, note, activity }: Presence): string {
  const id = escapeXmlAttribute(address.split('@', 1)[0] ?? '')
  const isName = /^[a-z][a-z-]*$/.test(activity)
  const doing = isName ? `<rpid:activities><rpid:${activity}/></rpid:activities>` : ''
  const words = note === '' ? '' : `<dm:note>${escapeXmlAttribute(note)}</dm:note>`
  const person = doing + words === '' ? '' : `<dm:person id="p${id}">${doing}${words}</dm:person>\n`
  return `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:${escapeXmlAttribute(address)}">
<tuple id="t${id}"><status><basic>${isOpen ? 'open' : 'closed'}</basic></status></tuple>
${person}</presence>
`
}
