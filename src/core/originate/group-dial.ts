/** The dial string of a directory group (`group_call`), and how variables in `<>` and `{}` are moved to the legs they mean. */
import type { XmlNode } from '../../xml/node.ts'
import { child, params } from '../../xml/query.ts'
import type { DirectoryUser } from '../directory.ts'

/**
 * How a user of a group is dialled: of the domain, the group and the user's own entry the last that has `group-dial-string` or
 * `dial-string` wins; within one the former goes first. Undefined where none has either. Pointers are not followed.
 */
export function groupDialString(user: DirectoryUser): string | undefined {
  let found: string | undefined
  for (const node of [user.domainNode, user.groupNode, user.node]) {
    found = dialStringOf(node) ?? found
  }
  return found
}

function dialStringOf(node: XmlNode | undefined): string | undefined {
  let found: string | undefined
  for (const { name, value } of params(child(node, 'params'))) {
    if (name.toLowerCase() === 'group-dial-string') return value
    if (name.toLowerCase() === 'dial-string') found = value
  }
  return found
}

/** A dial string whose `<…>` and `{…}` stand as `[…]` before every leg they apply to, so that it can be joined with others. */
export function flattenDialString(text: string): string {
  let rest = text.replace(/(,|\||:_:)$/, '')
  const enterprise = takeFront(rest, '<', '>')
  rest = enterprise.rest
  let shared = takeFront(rest, '{', '}')
  rest = shared.rest
  let made = ''
  while (rest !== '') {
    const own = takeFront(rest, '[', ']')
    rest = own.rest.replace(/^ +/, '')
    if (own.text) {
      if (!enterprise.clobbers) made += enterprise.text
      if (!shared.clobbers) made += shared.text
      made += own.text
    }
    if (rest === '') break
    if (!own.text || shared.clobbers) made += shared.text
    if (!own.text || enterprise.clobbers) made += enterprise.text
    const delimiter = /,|\||:_:/.exec(rest)
    const end = delimiter ? delimiter.index + delimiter[0].length : rest.length
    made += rest.slice(0, end)
    rest = rest.slice(end)
    if (delimiter?.[0] === ':_:') {
      shared = takeFront(rest, '{', '}')
      rest = shared.rest
    }
  }
  return made
}

/** The blocks of one kind at the front, written as `[…]`; what follows them; whether they say `local_var_clobber=true`. */
function takeFront(
  text: string,
  open: string,
  close: string,
): { text: string; rest: string; clobbers: boolean } {
  let blocks = ''
  let rest = text
  for (;;) {
    const start = rest.search(/[^ ]/)
    if (start < 0 || rest[start] !== open) break
    let depth = 0
    let end = start
    for (; end < rest.length; end++) {
      if (rest[end] === open) depth++
      else if (rest[end] === close && --depth === 0) break
    }
    if (end >= rest.length) break
    blocks += `[${rest.slice(start + 1, end)}]`
    rest = rest.slice(end + 1)
  }
  return { text: blocks, rest, clobbers: blocks.includes('local_var_clobber=true') }
}
