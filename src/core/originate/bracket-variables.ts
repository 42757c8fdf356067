/** `{a=b,c='d,e'}`, `[…]` and `<…>`: variables at the front of a dial string, a path or an application's data. */
import { separate } from '../separate.ts'

const closing = { '{': '}', '[': ']', '<': '>' } as const

/** The text up to the bracket that closes the one at `open`; brackets of the same kind nest. -1 when it never closes. */
function closingIndex(text: string, open: number): number {
  const start = text[open] as keyof typeof closing
  const end = closing[start]
  let depth = 0
  for (let i = open; i < text.length; i++) {
    const c = text[i]
    if (c === '\\') i++
    else if (c === start) depth++
    else if (c === end && --depth === 0) return i
  }
  return -1
}

/**
 * Takes every bracket block of one kind off the front of `text`. Undefined when a block never closes. An item without
 * `=` is ignored; `^^:` right after the bracket makes `:` the separator of that block.
 */
export function bracketVariables(
  text: string,
  bracket: keyof typeof closing,
  separator = ',',
): { variables: [name: string, value: string][]; rest: string } | undefined {
  const variables: [string, string][] = []
  let rest = text.trimStart()
  while (rest[0] === bracket) {
    const end = closingIndex(rest, 0)
    if (end < 0) return undefined
    for (const item of separate(rest.slice(1, end), separator)) {
      const equals = item.indexOf('=')
      if (equals > 0) variables.push([item.slice(0, equals).trim(), item.slice(equals + 1)])
    }
    rest = rest.slice(end + 1).trimStart()
  }
  return { variables, rest }
}
