/** Global variables as the preprocessor reads and writes them: names in any case, values kept safe from later expansion. */

/** The value of a global variable; its name is matched in any case, the exact one first. */
function readGlobal(variables: ReadonlyMap<string, string>, name: string): string | undefined {
  const value = variables.get(name)
  if (value !== undefined) return value
  const key = otherSpelling(variables, name)
  return key === undefined ? undefined : variables.get(key)
}

/**
 * Sets a global variable; an empty value is kept as such, a name in another case is replaced. `${x}` in the value
 * becomes `%{x}`, since a value that expands itself later would run in whatever call happens to read it.
 */
export function writeGlobal(variables: Map<string, string>, name: string, value: string): void {
  if (!variables.has(name)) {
    const key = otherSpelling(variables, name)
    if (key !== undefined) variables.delete(key)
  }
  variables.set(name, disarm(value))
}

function otherSpelling(variables: ReadonlyMap<string, string>, name: string): string | undefined {
  const lower = name.toLowerCase()
  for (const key of variables.keys()) {
    if (key.length === name.length && key.toLowerCase() === lower) return key
  }
  return undefined
}

function disarm(value: string): string {
  return value.replace(/\$(\\*\{)/g, '%$1')
}

/** A line after `$${name}`, with the way back from its characters to the columns of the file. */
export interface ExpandedLine {
  readonly text: string
  /** Pieces in order; `isValue` marks what came out of a variable. Columns count from 1. */
  readonly pieces: readonly {
    readonly text: string
    readonly column: number
    readonly isValue: boolean
  }[]
  /** The start of the source line up to the first variable's closing brace: all of it where there is none. */
  readonly head: string
  /** Columns at which `$${` has no closing brace on the same line. */
  readonly unterminated: readonly number[]
}

/** Replaces `$${name}` in one line with what the variables hold now; an unset one gives nothing. Values are not looked at again. */
export function expandLine(line: string, variables: ReadonlyMap<string, string>): ExpandedLine {
  let start = line.indexOf('$${')
  if (start < 0) {
    return {
      text: line,
      pieces: [{ text: line, column: 1, isValue: false }],
      head: line,
      unterminated: [],
    }
  }
  const pieces: { text: string; column: number; isValue: boolean }[] = []
  const unterminated: number[] = []
  let head = line
  let done = 0
  let from = 0
  while (start >= 0) {
    const end = closingBrace(line, start + 2)
    if (end < 0) {
      unterminated.push(start + 1)
      from = start + 1
    } else {
      if (head === line) head = line.slice(0, end)
      pieces.push({ text: line.slice(done, start), column: done + 1, isValue: false })
      const value = readGlobal(variables, line.slice(start + 3, end)) ?? ''
      pieces.push({ text: value, column: start + 1, isValue: true })
      done = from = end + 1
    }
    start = line.indexOf('$${', from)
  }
  pieces.push({ text: line.slice(done), column: done + 1, isValue: false })
  return { text: pieces.map((piece) => piece.text).join(''), pieces, head, unterminated }
}

function closingBrace(line: string, open: number): number {
  let depth = 0
  for (let at = open; at < line.length; at++) {
    const char = line[at]
    if (char === '{') depth++
    else if (char === '}' && --depth === 0) return at
  }
  return -1
}
