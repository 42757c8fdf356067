/** Expands `${variable}` and `${command(arguments)}` in a text, the way a dialplan, a dial string or `eval` has it. */
import { arrayText } from '../variables.ts'

/** What the text is expanded against. */
export interface ExpandScope {
  /**
   * The value of a name (any case): on a channel scope variables, channel variables, caller-profile fields, then globals.
   * With `kind: 'event'` the event's headers alone. Lists as lists.
   */
  variable(name: string): string | readonly string[] | undefined
  /**
   * What lies behind the variables: caller-profile fields and globals on a channel, globals alone for an event.
   * Asked for `${name[2]}` when the variable has no such element, and for an event's `$${name}`.
   */
  outer?(name: string): string | undefined
  /** Runs `${name(args)}`; undefined: there is no such command. */
  command?(name: string, args: string): string | Promise<string> | undefined
  /** False for a variable that must not be read here (permission lists of a dial string's sender). */
  mayRead?(name: string): boolean
  /** False for a command that must not be run here (permission lists, `fsctl api_expansion off`). */
  mayRun?(name: string): boolean
  /**
   * Headers of an event differ from a channel's variables: a header's value is not expanded again, `$${}` reads
   * globals only. Default `channel`.
   */
  readonly kind?: 'channel' | 'event'
}

const deepest = 100
/** How many names and commands one text may come to. A variable that holds itself twice would never end. */
const mostLookUps = 10_000
const variableDenied = '<Variable Expansion Permission Denied>'
const commandDenied = {
  channel: '<API Execute Permission Denied>',
  event: '<API execute Permission Denied>',
}

/** The expanded text; a promise only when a command in it gave one. */
export function expand(text: string, scope: ExpandScope): string | Promise<string> {
  if (!needsExpansion(text)) return text
  const steps = expandSteps(text, { scope, lookUps: 0 }, 0)
  const first = steps.next()
  return first.done ? first.value : finish(steps, first.value)
}

async function finish(steps: Steps, waiting: Promise<string>): Promise<string> {
  let step = steps.next(await waiting)
  while (!step.done) step = steps.next(await step.value)
  return step.value
}

/** Whether `expand` would change anything: a `${` (backslashes may stand between), or an escape that it resolves. */
export function needsExpansion(text: string): boolean {
  if (!text.includes('$') && !text.includes('\\')) return false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) {
      const next = text[at + 1]
      // `\n`, `\s` and `\t` stay as they are but count: the other escapes of the text are then resolved too.
      if (next === '\\' || next === "'" || next === 'n' || next === 's' || next === 't') return true
    } else if (code === 0x24) {
      let ahead = at + 1
      while (text[ahead] === '$' || text[ahead] === '\\') ahead++
      if (text[ahead] === '{') return true
    }
  }
  return false
}

/** One call of `expand`: its scope, and what it has cost so far. */
interface Run {
  readonly scope: ExpandScope
  lookUps: number
}

type Steps = Generator<Promise<string>, string, string>

function* expandSteps(text: string, run: Run, depth: number): Steps {
  if (depth > deepest || run.lookUps > mostLookUps || !needsExpansion(text)) return text
  let made = ''
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    const next = text[at + 1]
    if (character === '\\') {
      if (next === '$') {
        // `\$` and `\$$` are one plain dollar
        made += '$'
        at += text[at + 2] === '$' ? 3 : 2
      } else if (next === "'") {
        at += 2
      } else if (next === '\\') {
        made += '\\'
        at += 2
      } else {
        made += '\\'
        at++
      }
      continue
    }
    if (character !== '$') {
      const from = at
      while (at < text.length && text[at] !== '$' && text[at] !== '\\') at++
      made += text.slice(from, at)
      continue
    }
    const doubled = next === '$'
    const brace = doubled ? at + 2 : at + 1
    if (text[brace] !== '{') {
      made += '$'
      at = brace
      continue
    }
    const end = closingBrace(text, brace + 1)
    made += yield* inside(text.slice(brace + 1, end), end < text.length, doubled, run, depth)
    at = end + 1
    // The character behind the brace is taken as it is: `${a}\$` keeps its backslash.
    if (at < text.length && text[at] !== '$') made += text[at++]
  }
  return made
}

/** Where the `}` stands that ends what starts at `from`; the end of the text when there is none. */
function closingBrace(text: string, from: number): number {
  let depth = 1
  let at = from
  for (; at < text.length; at++) {
    if (text[at] === '{' && at !== from) depth++
    else if (text[at] === '}' && --depth === 0) break
  }
  return at
}

/** What stands between the braces: a command when it holds a space or a parenthesis, else a name. */
function inside(body: string, closed: boolean, doubled: boolean, run: Run, depth: number): Steps {
  run.lookUps++
  const mark = body.search(/[ (]/)
  if (mark < 0) return variable(body, doubled, run, depth)
  const form = body[mark] === '(' || !closed ? 1 : 0
  return command(body.slice(0, mark), commandArguments(body.slice(mark + 1), form), run, depth)
}

/** Up to the parenthesis that ends the arguments. In the form with a space the first pair that closes ends them too. */
function commandArguments(text: string, opened: number): string {
  let depth = opened
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && depth > 0 && --depth === 0) return text.slice(0, at)
  }
  return text
}

function* command(rawName: string, rawArguments: string, run: Run, depth: number): Steps {
  const name = needsExpansion(rawName) ? yield* expandSteps(rawName, run, depth + 1) : rawName
  const args = needsExpansion(rawArguments)
    ? yield* expandSteps(rawArguments, run, depth + 1)
    : rawArguments
  if (run.scope.mayRun?.(name) === false) return commandDenied[run.scope.kind ?? 'channel']
  const result = run.scope.command?.(name, args)
  if (result === undefined || typeof result === 'string') return result ?? ''
  return yield result
}

/** `name`, `name[index]`, `name:offset`, `name:offset:length`. */
function* variable(body: string, doubled: boolean, run: Run, depth: number): Steps {
  const expanded = needsExpansion(body) ? yield* expandSteps(body, run, depth + 1) : body
  const [path = '', offset, length = ''] = expanded.split(':', 3)
  const bracket = path.indexOf('[')
  const indexed = bracket >= 0 && path.indexOf(']', bracket) > 0
  const name = indexed ? path.slice(0, bracket) : path
  const index = indexed ? leadingInteger(path.slice(bracket + 1)) : -1
  const { text, isFinal } = lookUp(name, index, doubled, run)
  const value = isFinal || !needsExpansion(text) ? text : yield* expandSteps(text, run, depth + 1)
  return offset === undefined ? value : part(value, leadingInteger(offset), leadingInteger(length))
}

/** What a name stands for. */
interface Found {
  readonly text: string
  /** It is not expanded again. */
  readonly isFinal: boolean
}

const nothing: Found = { text: '', isFinal: true }

function lookUp(name: string, index: number, doubled: boolean, run: Run): Found {
  const allowed = run.scope.mayRead?.(name) !== false
  if (run.scope.kind === 'event') {
    const header = doubled ? undefined : pick(run.scope.variable(name), index)
    if (header !== undefined) return { text: header, isFinal: true }
    const value = allowed ? run.scope.outer?.(name) : variableDenied
    return value === undefined ? nothing : { text: value, isFinal: false }
  }
  if (name === '') return nothing
  const value =
    pick(run.scope.variable(name), index) ?? (index >= 0 ? run.scope.outer?.(name) : undefined)
  if (value === undefined) return nothing
  return { text: allowed ? value : variableDenied, isFinal: false }
}

/** The element asked for, or with a negative index the whole. A plain value has no elements. */
function pick(value: string | readonly string[] | undefined, index: number): string | undefined {
  if (value === undefined) return undefined
  if (index >= 0) return typeof value === 'string' ? undefined : value[index]
  if (typeof value === 'string') return value
  return value.length > 0 ? arrayText(value) : undefined
}

/** `${value:offset:length}`: counted in bytes of UTF-8; a character cut in two is dropped. */
function part(value: string, offset: number, length: number): string {
  if (offset === 0 && length <= 0) return value
  if (!/^[\0-\x7f]*$/.test(value)) {
    const bytes = Buffer.from(value).toString('latin1')
    return Buffer.from(slice(bytes, offset, length), 'latin1')
      .toString()
      .replaceAll('\ufffd', '')
  }
  return slice(value, offset, length)
}

/** A negative offset counts from the end; one beyond the start keeps the whole. A length of 0 or less is none. */
function slice(value: string, offset: number, length: number): string {
  const start = offset < 0 ? (-offset <= value.length ? value.length + offset : 0) : offset
  const rest = value.slice(start)
  return length > 0 ? rest.slice(0, length) : rest
}

/** The integer at the start of a text, 0 when there is none: what `[x]` and `:x` count as. */
export function leadingInteger(text: string): number {
  const found = /^\s*[-+]?\d+/.exec(text)
  return found ? Number(found[0]) : 0
}
