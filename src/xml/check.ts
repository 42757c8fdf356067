/**
 * The check that runs before the XML is parsed: tags that do not pair, quotes and comments that do not end, with the place
 * a person must go to. It forgives what FreeSWITCH's parser forgives (`&` that starts no entity, `<` and `>` in attribute
 * values, attributes without a value), so that trees that load there load here.
 */
import { placeText, SwitchError } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MergedText } from './source-map.ts'

const log = logger('xml/check')

interface OpenTag {
  readonly name: string
  readonly offset: number
}

const attribute = String.raw`[^\s=/>"'<]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s/>"'<]*))?`
/** A whole opening tag: name, attributes, `/` when it closes itself. */
const openingTag = new RegExp(String.raw`<([\p{L}_:][^\s/>]*)((?:\s*${attribute})*)\s*(/?)>`, 'uy')
const closingTag = /<\/([^\s>]*)\s*>/y

/** Throws a SwitchError at the first fault; gives the text with what is no element (DTD, `<?…?>`) blanked out. */
export function checkXml(merged: MergedText): string {
  const { text } = merged
  const open: OpenTag[] = []
  const blanks: [from: number, to: number][] = []
  let hasRoot = false
  let at = text.indexOf('<')
  const fail = (code: string, offset: number, message: string): never => {
    throw new SwitchError(code, message, { place: merged.placeAt(offset) })
  }
  const skip = (end: string, code: string, what: string): number => {
    const found = text.indexOf(end, at + 2)
    return found < 0 ? fail(code, at, `${what} is not closed by ${end}`) : found + end.length
  }
  while (at >= 0) {
    let next: number
    if (text.startsWith('<!--', at)) next = skip('-->', 'XML_UNCLOSED_COMMENT', 'the comment')
    else if (text.startsWith('<![CDATA[', at)) {
      next = skip(']]>', 'XML_UNCLOSED_CDATA', 'the CDATA section')
      if (open.length === 0) blanks.push([at, next])
    } else if (text.startsWith('<?', at)) {
      next = skip('?>', 'XML_UNCLOSED_INSTRUCTION', 'the processing instruction')
      blanks.push([at, next])
    } else if (/^<!DOCTYPE/i.test(text.slice(at, at + 9))) {
      next = doctypeEnd(text, at)
      if (next < 0) fail('XML_UNCLOSED_DOCTYPE', at, 'the DOCTYPE is not closed by >')
      blanks.push([at, next])
    } else if (text[at + 1] === '/') {
      closingTag.lastIndex = at
      const name = closingTag.exec(text)?.[1]
      if (name === undefined) return fail('XML_BAD_TAG', at, 'a closing tag is </name>')
      if (open.at(-1)?.name !== name) failPairing(merged, open, name, at)
      open.pop()
      next = closingTag.lastIndex
    } else {
      openingTag.lastIndex = at
      const tag = openingTag.exec(text)
      if (!tag) return failTag(merged, at)
      if (open.length === 0 && hasRoot)
        fail('XML_SECOND_ROOT', at, `<${tag[1]}> is outside the root element`)
      checkAttributes(merged, at, tag[1] ?? '', tag[2] ?? '')
      hasRoot = true
      if (tag[3] === '') open.push({ name: tag[1] ?? '', offset: at })
      next = openingTag.lastIndex
    }
    at = text.indexOf('<', next)
  }
  const last = open.at(-1)
  if (last) fail('XML_UNCLOSED_TAG', last.offset, `<${last.name}> is never closed`)
  if (!hasRoot) fail('XML_NO_ROOT', 0, 'there is no element')
  return blankOut(text, blanks)
}

function failPairing(
  merged: MergedText,
  open: readonly OpenTag[],
  name: string,
  at: number,
): never {
  const last = open.at(-1)
  const closing = `</${name}>`
  if (last && open.some((tag) => tag.name === name)) {
    throw new SwitchError(
      'XML_UNCLOSED_TAG',
      `<${last.name}> is not closed before ${closing} at ${placeText(merged.placeAt(at))}`,
      { place: merged.placeAt(last.offset) },
    )
  }
  const instead = last
    ? `</${last.name}> is due for ${placeText(merged.placeAt(last.offset))}`
    : 'no element is open'
  throw new SwitchError('XML_UNOPENED_TAG', `${closing} closes nothing, ${instead}`, {
    place: merged.placeAt(at),
  })
}

/** Says what is wrong with a tag that is none. */
function failTag(merged: MergedText, at: number): never {
  const place = merged.placeAt(at)
  const rest = merged.text.slice(at, at + 65536)
  if (!/^<[\p{L}_:]/u.test(rest)) {
    throw new SwitchError('XML_UNEXPECTED_MARKUP', 'a lone < stands for no tag, write &lt;', {
      place,
    })
  }
  // Up to where attributes are still well formed; a quote that opens there and does not close is the fault.
  const good =
    new RegExp(String.raw`^<[\p{L}_:][^\s/>]*(?:\s*${attribute})*`, 'u').exec(rest)?.[0] ?? ''
  const cut = rest.slice(good.length).trimStart()
  const name = /^<([^\s/>]*)/.exec(rest)?.[1] ?? ''
  if (cut.startsWith('"') || cut.startsWith("'")) {
    throw new SwitchError('XML_UNCLOSED_QUOTE', `a quote in <${name}> is not closed`, {
      place: merged.placeAt(at + good.length),
    })
  }
  throw new SwitchError('XML_BAD_TAG', `<${name} does not end with >`, { place })
}

const oneAttribute = /([^\s=/>"'<]+)(?:\s*=\s*(?:("[^"]*"|'[^']*')|[^\s/>"'<]*))?/g

function checkAttributes(merged: MergedText, at: number, tag: string, text: string): void {
  if (text === '') return
  const seen: string[] = []
  for (const found of text.matchAll(oneAttribute)) {
    const name = found[1] ?? ''
    const place = () => merged.placeAt(at + 1 + tag.length + found.index)
    if (seen.includes(name)) {
      throw new SwitchError('XML_DUPLICATE_ATTRIBUTE', `<${tag}> has ${name} twice`, {
        place: place(),
      })
    }
    seen.push(name)
    if (found[2] === undefined) {
      log.warning(
        `${placeText(place())}: ${name} of <${tag}> has no value in quotes and counts as empty`,
      )
    }
  }
}

/** The end of `<!DOCTYPE …>` with or without `[…]`; -1 when there is none. */
function doctypeEnd(text: string, at: number): number {
  const bracket = text.indexOf('[', at)
  const close = text.indexOf('>', at)
  if (bracket < 0 || close < bracket) return close < 0 ? -1 : close + 1
  const inner = text.indexOf(']', bracket)
  const end = inner < 0 ? -1 : text.indexOf('>', inner)
  return end < 0 ? -1 : end + 1
}

function blankOut(text: string, ranges: readonly (readonly [number, number])[]): string {
  if (ranges.length === 0) return text
  let result = ''
  let done = 0
  for (const [from, to] of ranges) {
    result += text.slice(done, from) + text.slice(from, to).replace(/[^\n]/g, ' ')
    done = to
  }
  return result + text.slice(done)
}
