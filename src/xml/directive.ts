/** Finds the preprocessor's commands in a line: `<X-PRE-PROCESS cmd="…" data="…"/>` and the older `<!--#cmd "data"-->`. */

export interface Directive {
  /** In lower case: set, include, exec, exec-set, env-set, stun-set, or what else somebody wrote. */
  readonly command: string
  readonly data: string
}

/**
 * The command of a line that holds `X-PRE-PROCESS` (any case); undefined when it has no usable one: not right after `<`,
 * no `cmd` before `data`, values not in double quotes. Only the first on a line counts, and the line is spent either way.
 */
export function readTag(line: string): Directive | undefined {
  const at = line.toLowerCase().indexOf('x-pre-process')
  if (at < 1 || line[at - 1] !== '<') return undefined
  const end = line.indexOf('/>', at)
  const tag = end < 0 ? line.slice(at) : line.slice(at, end + 2)
  const command = readValue(tag, 'cmd')
  const data = command && readValue(command.rest, 'data')
  return data && { command: command.value.toLowerCase(), data: data.value }
}

function readValue(text: string, name: string): { value: string; rest: string } | undefined {
  const at = text.toLowerCase().indexOf(name)
  const equals = at < 0 ? -1 : text.indexOf('=', at)
  const open = equals < 0 ? -1 : text.indexOf('"', equals)
  if (open < 0) return undefined
  const close = text.indexOf('"', open + 1)
  if (close < 0) return { value: text.slice(open + 1).replace(/[\r\n]+$/, ''), rest: '' }
  return { value: text.slice(open + 1, close), rest: text.slice(close + 1) }
}

/** The command of an old-form comment, given what stands between `<!--#` and `-->` or the end of the line. */
export function readComment(inside: string): Directive | undefined {
  const row = inside.split(/[\r\n]/, 1)[0] ?? ''
  const blank = row.indexOf(' ')
  if (blank < 0) return undefined
  const rest = row.slice(blank + 1)
  const quoted = /"([^"]*)"/.exec(rest)
  return { command: row.slice(0, blank).toLowerCase(), data: quoted ? (quoted[1] ?? '') : rest }
}

/** `name=value`: blanks before `=` and after it go, those at both ends stay. Undefined without `=`. */
export function splitPair(data: string): { name: string; value: string } | undefined {
  const equals = data.indexOf('=')
  if (equals < 0) return undefined
  return {
    name: data.slice(0, equals).replace(/ +$/, ''),
    value: data.slice(equals + 1).replace(/^ +/, ''),
  }
}
