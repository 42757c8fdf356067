/** The `expr` command: arithmetic with variables and functions, `expr x=5|x*2`. */
import { constants, functions, OutOfRange, power } from './arithmetic-functions.ts'

/** What the command replies when an expression cannot be computed. */
const failure = '!err!'

/**
 * The value of an expression as text with up to ten decimals, or `!err!`.
 * `;` or `|` separate expressions, the last one counts; `#` starts a comment; an unset variable is 0.
 */
export function arithmetic(text: string): string {
  if (text === '') return failure
  try {
    const source = text.replaceAll('|', ';')
    const tokens = tokenize(source.endsWith(';') ? source : `${source};`)
    let value = 0
    const run: Run = { variables: new Map(), steps: 0 }
    const programs = statements(tokens).map((statement) => new Parser(statement).whole())
    for (const program of programs) value = program(run)
    return written(value)
  } catch (thrown) {
    if (thrown instanceof NoExpression || thrown instanceof OutOfRange) return failure
    throw thrown
  }
}

class NoExpression extends Error {}

/** A computation while it runs. */
interface Run {
  readonly variables: Map<string, number>
  steps: number
}
type Program = (run: Run) => number

/** `for(…)` may loop; past this many steps it is stopped. */
const mostSteps = 1_000_000
/** Parentheses and signs in each other; beyond this the text is no honest expression. */
const deepest = 500

function written(value: number): string {
  if (!Number.isFinite(value)) return failure
  const text = Math.abs(value) < 1e21 ? value.toFixed(10) : `${BigInt(value)}.0`
  return text.replace(/\.?0+$/, '')
}

type Token =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const pattern = /\s+|#[^\r\n]*|(\d+\.?\d*|\.\d*)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/^()&;,=])/y
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (!found) throw new NoExpression()
    const [, number, name, sign] = found
    if (number) tokens.push({ kind: 'number', value: Number.parseFloat(number) || 0 })
    else if (name) tokens.push({ kind: 'name', text: name })
    else if (sign) tokens.push({ kind: 'sign', text: sign })
  }
  return tokens
}

/** Each must end with a semicolon and hold something. */
function statements(tokens: readonly Token[]): Token[][] {
  const list: Token[][] = []
  let current: Token[] = []
  for (const token of tokens) {
    if (token.kind !== 'sign' || token.text !== ';') {
      current.push(token)
      continue
    }
    if (current.length === 0) throw new NoExpression()
    list.push(current)
    current = []
  }
  if (current.length > 0 || list.length === 0) throw new NoExpression()
  return list
}

/**
 * From weak to strong: assignment, `+ -`, `* /`, `^`, sign. All but assignment group to the left, `^` too;
 * a sign binds stronger than `^`, so `-2^2` is 4.
 */
class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Program {
    const program = this.#assignment()
    if (this.#at < this.#tokens.length) throw new NoExpression()
    return program
  }

  #sees(...signs: string[]): string | undefined {
    const token = this.#tokens[this.#at]
    return token?.kind === 'sign' && signs.includes(token.text) ? token.text : undefined
  }

  #takes(...signs: string[]): string | undefined {
    const sign = this.#sees(...signs)
    if (sign !== undefined) this.#at++
    return sign
  }

  #assignment(): Program {
    if (++this.#depth > deepest) throw new NoExpression()
    const [target, equals] = this.#tokens.slice(this.#at, this.#at + 2)
    let program: Program
    if (target?.kind === 'name' && equals?.kind === 'sign' && equals.text === '=') {
      const name = target.text
      if (constants.has(name)) throw new NoExpression()
      this.#at += 2
      const value = this.#assignment()
      program = (run) => {
        const result = value(run)
        run.variables.set(name, result)
        return result
      }
    } else {
      program = this.#sum()
    }
    this.#depth--
    return program
  }

  #sum(): Program {
    let left = this.#product()
    for (let sign = this.#takes('+', '-'); sign; sign = this.#takes('+', '-')) {
      const [a, b] = [left, this.#product()]
      left = sign === '+' ? (run) => a(run) + b(run) : (run) => a(run) - b(run)
    }
    return left
  }

  #product(): Program {
    let left = this.#power()
    for (let sign = this.#takes('*', '/'); sign; sign = this.#takes('*', '/')) {
      const [a, b] = [left, this.#power()]
      left = sign === '*' ? (run) => a(run) * b(run) : (run) => quotient(a(run), b(run))
    }
    return left
  }

  #power(): Program {
    let left = this.#signed()
    while (this.#takes('^')) {
      const [a, b] = [left, this.#signed()]
      left = (run) => power(a(run), b(run))
    }
    return left
  }

  #signed(): Program {
    let negative = false
    for (let sign = this.#takes('+', '-'); sign; sign = this.#takes('+', '-')) {
      if (sign === '-') negative = !negative
    }
    const value = this.#value()
    return negative ? (run) => -value(run) : value
  }

  #value(): Program {
    if (this.#takes('(')) {
      const inner = this.#assignment()
      if (!this.#takes(')')) throw new NoExpression()
      return inner
    }
    const token = this.#tokens[this.#at++]
    if (token?.kind === 'number') return () => token.value
    if (token?.kind !== 'name') throw new NoExpression()
    const name = token.text
    if (this.#takes('(')) return this.#call(name)
    const constant = constants.get(name)
    return constant === undefined ? (run) => run.variables.get(name) ?? 0 : () => constant
  }

  #call(name: string): Program {
    const plain: Program[] = []
    const references: string[] = []
    while (!this.#takes(')')) {
      if (plain.length + references.length > 0 && !this.#takes(',')) throw new NoExpression()
      if (this.#takes('&')) references.push(this.#reference())
      else plain.push(this.#assignment())
    }
    return call(name, plain, references)
  }

  #reference(): string {
    const token = this.#tokens[this.#at++]
    if (token?.kind !== 'name' || constants.has(token.text)) throw new NoExpression()
    return token.text
  }
}

function quotient(a: number, b: number): number {
  if (b === 0) throw new NoExpression()
  return a / b
}

function call(name: string, plain: readonly Program[], references: readonly string[]): Program {
  const lazy = lazyFunction(name, plain)
  if (lazy && references.length === 0) return lazy
  const random = randomFunction(name, plain, references)
  if (random) return random
  const found = functions.get(name)
  if (!found || references.length > 0) throw new NoExpression()
  if (plain.length < found.fewest || plain.length > (found.most ?? Number.POSITIVE_INFINITY)) {
    throw new NoExpression()
  }
  return (run) => found.compute(...plain.map((program) => program(run)))
}

/** Functions that do not compute all of their arguments, or do so again and again. */
function lazyFunction(
  name: string,
  [first, second, third, ...more]: readonly Program[],
): Program | undefined {
  if (name === 'if' && first && second && third && more.length === 0) {
    return (run) => (first(run) !== 0 ? second(run) : third(run))
  }
  if (name === 'select' && first && second && third && more.length <= 1) {
    const above = more[0] ?? third
    return (run) => {
      const value = first(run)
      return value < 0 ? second(run) : value === 0 ? third(run) : above(run)
    }
  }
  if (name === 'for' && first && second && third && more.length > 0) {
    return (run) => {
      let value = 0
      for (first(run); second(run) !== 0; third(run)) {
        if (++run.steps > mostSteps) throw new NoExpression()
        for (const body of more) value = body(run)
      }
      return value
    }
  }
  return undefined
}

/** `randomize(&seed)`, `rand(&seed)`, `random(low, high, &seed)`: the seed is a variable that moves on. */
function randomFunction(
  name: string,
  [low, high, ...more]: readonly Program[],
  [seed, ...others]: readonly string[],
): Program | undefined {
  if (seed === undefined || others.length > 0 || more.length > 0) return undefined
  if (name === 'randomize' && !low) {
    return (run) => {
      run.variables.set(seed, Math.floor(Math.random() * 0x7fffffff))
      return 0
    }
  }
  const next = (run: Run) => {
    const value = BigInt.asIntN(
      64,
      BigInt(Math.trunc(run.variables.get(seed) ?? 0)) * 214013n + 2531011n,
    )
    run.variables.set(seed, Number(value))
    return Number((value >> 16n) & 0x7fffn)
  }
  if (name === 'rand' && !low) return (run) => next(run) / 32768
  if (name === 'random' && low && high) {
    return (run) => {
      const from = low(run)
      const to = high(run)
      return (next(run) / 32767) * (to - from) + from
    }
  }
  return undefined
}
