/** The `cond` command: `cond <a> <operator> <b> ? <then> : <else>`. */
import { separate } from '../separate.ts'
import { isNumber } from '../time/time-match.ts'

const failure = '-ERR'

interface Operand {
  readonly text: string
  /** Undefined for a word: words are equal or not, and otherwise count by their length. */
  readonly number: number | undefined
}

/**
 * The reply of `cond`. Operands are words or stand in single quotes (then never numbers); spaces around the operator
 * are needed. Two numbers are compared as numbers; a number and a word, or two words with `<` and `>`, by the
 * word's length in bytes.
 */
export function conditional(args: string): string {
  const reader = new OperandReader(args)
  const left = reader.operand()
  if (!left) return failure
  const operator = reader.operator()
  if (!operator) return failure
  const right = reader.operand()
  if (!right) return failure
  const rest = reader.rest()
  if (!rest.startsWith('?')) return failure
  const [, then, otherwise = ''] = separate(`:${rest.slice(1)}`, ':', 3)
  if (then === undefined) return failure
  return holds(left, operator, right) ? then : otherwise
}

function holds(left: Operand, operator: string, right: Operand): boolean {
  const words = left.number === undefined && right.number === undefined
  const a = left.number ?? Buffer.byteLength(left.text)
  const b = right.number ?? Buffer.byteLength(right.text)
  switch (operator) {
    case '==':
      return words ? left.text === right.text : a === b
    case '!=':
      return words ? left.text !== right.text : a !== b
    case '>':
      return a > b
    case '>=':
      return a >= b
    case '<':
      return a < b
    default:
      return a <= b
  }
}

class OperandReader {
  #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** A quoted text or a word, and the blank that must follow. */
  operand(): Operand | undefined {
    const quoted = /^'((?:\\[\\']|[^'])*)'\s/s.exec(this.#text)
    if (quoted) {
      this.#text = this.#text.slice(quoted[0].length)
      return { text: quoted[1] ?? '', number: undefined }
    }
    if (this.#text.startsWith("'")) return undefined
    const end = this.#text.indexOf(' ')
    if (end < 0) return undefined
    const text = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 1)
    return { text, number: isNumber(text) ? Number.parseFloat(text) || 0 : undefined }
  }

  /** The character behind the operator is skipped whatever it is: `===` reads as `==`. */
  operator(): string | undefined {
    const found = /^\s*(==|!=|>=?|<=?)/.exec(this.#text)
    if (!found) return undefined
    this.#text = this.#text.slice(found[0].length + 1).trimStart()
    return found[1]
  }

  rest(): string {
    return this.#text.trimStart()
  }
}
