/** The commands `regex` and `replace` as plain functions. */

import { separate } from '../separate.ts'
import { compilePattern, fillIn } from './regex.ts'

/**
 * The reply of `regex <data>|<pattern>[|<replacement>[|<flags>]]`: `true` or `false`, or the replacement with its groups
 * (`%1` or `$1`). When it does not match: the data, nothing with flag `n`, `false` with flag `b`.
 * `m:/` at the start changes the delimiter to `/`, `~` or `|`.
 */
export function regexReply(args: string): string {
  const [data, expression, replacement, flags = ''] = separateMarked(args, 4)
  if (data === undefined || expression === undefined) return '-ERR'
  const groups = match(expression, data)
  if (replacement === undefined) return String(groups !== undefined)
  if (groups) return fillIn(replacement.replaceAll('%', '$'), groups)
  if (flags.includes('n')) return ''
  return flags.includes('b') ? 'false' : data
}

/** The reply of `replace <data>|<search>|<replacement>`, delimited like `regex`. */
export function replaceReply(args: string): string {
  const [data, search, replacement] = separateMarked(args, 3)
  if (data === undefined || search === undefined || replacement === undefined) return '-ERR'
  return search === '' ? data : data.replaceAll(search, () => replacement)
}

function separateMarked(args: string, limit: number): string[] {
  const marked = /^m:([|~/])/.exec(args)
  return marked ? separate(args.slice(3), marked[1] ?? '|', limit) : separate(args, '|', limit)
}

/** A pattern that cannot be used matches nothing. */
function match(expression: string, subject: string): readonly (string | undefined)[] | undefined {
  try {
    return compilePattern(expression).exec(subject)
  } catch {
    return undefined
  }
}
