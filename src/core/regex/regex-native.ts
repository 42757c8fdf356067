/**
 * Writes a regular expression as JavaScript, where that is sure to mean the same, and says how much trying it can cost.
 * Not the same are: captures in a repeated choice (JavaScript forgets them each round), rounds that match nothing, references
 * to unset groups; atomic groups and lookbehind it lacks or runs backwards.
 */
import type { ByteSet } from './regex-set.ts'
import { contains, isNullable, type RegexNode, type RegexTree, type Repeat } from './regex-tree.ts'

/** The source for `new RegExp`; undefined when it has to be matched by other means. `$` holds for subjects without a newline at the end. */
export function nativeSource(tree: RegexTree): string | undefined {
  const order: number[] = []
  const source = write(tree.root, order)
  const isInOrder =
    order.length === tree.groups && order.every((group, index) => group === index + 1)
  return isInOrder ? source : undefined
}

function write(node: RegexNode, order: number[]): string | undefined {
  switch (node.type) {
    case 'set':
      return writeSet(node.set)
    case 'sequence':
      return joined(node.items, order, '')
    case 'choice': {
      const inner = joined(node.options, order, '|')
      return inner === undefined ? undefined : `(?:${inner})`
    }
    case 'repeat':
      return writeRepeat(node, order)
    case 'capture': {
      order.push(node.index)
      const inner = write(node.body, order)
      return inner === undefined ? undefined : `(${inner})`
    }
    case 'look': {
      if (!node.isAhead || contains(node.body, (part) => part.type === 'capture')) return undefined
      const inner = write(node.body, order)
      return inner === undefined ? undefined : `(?${node.isNegative ? '!' : '='}${inner})`
    }
    case 'assert':
      return {
        start: '^',
        end: '$',
        last: '$',
        word: '\\b',
        'not word': '\\B',
        'line start': undefined,
        'line end': undefined,
      }[node.kind]
    default:
      return undefined
  }
}

function joined(nodes: readonly RegexNode[], order: number[], by: string): string | undefined {
  const parts: string[] = []
  for (const node of nodes) {
    const part = write(node, order)
    if (part === undefined) return undefined
    parts.push(part)
  }
  return parts.join(by)
}

function writeRepeat({ body, min, max, mode }: Repeat, order: number[]): string | undefined {
  const isSafe = !isNullable(body) && (max <= 1 || setsAllCaptures(body))
  if (mode === 'possessive' || !isSafe) return undefined
  const inner = write(body, order)
  if (inner === undefined) return undefined
  const isOne = body.type === 'set' || body.type === 'capture' || body.type === 'choice'
  const top = max === Number.POSITIVE_INFINITY ? '' : max
  const count = min === max ? `{${min}}` : `{${min},${top}}`
  return `${isOne ? inner : `(?:${inner})`}${count}${mode === 'lazy' ? '?' : ''}`
}

/** Whether each round sets every capture inside anew. */
function setsAllCaptures(node: RegexNode): boolean {
  const isOptional = node.type === 'choice' || (node.type === 'repeat' && node.min === 0)
  if (isOptional) return !contains(node, (part) => part.type === 'capture')
  switch (node.type) {
    case 'sequence':
      return node.items.every(setsAllCaptures)
    case 'repeat':
    case 'capture':
      return setsAllCaptures(node.body)
    default:
      return true
  }
}

function writeSet(set: ByteSet): string {
  const inside = ranges(set, 1)
  if (inside.length === 0) return '[]'
  const [only] = inside
  if (inside.length === 1 && only && only[0] === only[1]) return writeByte(only[0])
  const outside = ranges(set, 0)
  // Subjects hold bytes only, so what is not outside is inside.
  if (outside.length < inside.length) return `[^${outside.map(writeRange).join('')}]`
  return `[${inside.map(writeRange).join('')}]`
}

function ranges(set: ByteSet, wanted: 0 | 1): [number, number][] {
  const found: [number, number][] = []
  for (let byte = 0; byte < 256; byte++) {
    if (set[byte] !== wanted) continue
    const last = found.at(-1)
    if (last && last[1] === byte - 1) last[1] = byte
    else found.push([byte, byte])
  }
  return found
}

function writeRange([from, to]: readonly [number, number]): string {
  return from === to ? writeByte(from) : `${writeByte(from)}-${writeByte(to)}`
}

function writeByte(byte: number): string {
  const char = String.fromCharCode(byte)
  return /[A-Za-z0-9 _#*+@]/.test(char) && !/[*+]/.test(char)
    ? char
    : `\\x${byte.toString(16).padStart(2, '0')}`
}

/** How many ways there are to match a subject of `length` bytes at one position, about: `factor · length ^ degree`. */
export interface MatchCost {
  readonly factor: number
  /** Infinity where one repeat is inside another, or repeats a choice: the ways multiply with every round. */
  readonly degree: number
}

/** An upper bound of what backtracking can try. */
export function matchCost(node: RegexNode): MatchCost {
  switch (node.type) {
    case 'sequence':
      return node.items
        .map(matchCost)
        .reduce(
          (all, one) => ({ factor: all.factor * one.factor, degree: all.degree + one.degree }),
          { factor: 1, degree: 0 },
        )
    case 'choice': {
      const costs = node.options.map(matchCost)
      return {
        factor: costs.reduce((sum, cost) => sum + cost.factor, 0),
        degree: Math.max(...costs.map((cost) => cost.degree)),
      }
    }
    case 'repeat':
      return repeatCost(node)
    case 'capture':
    case 'atomic':
    case 'look':
      return matchCost(node.body)
    default:
      return { factor: 1, degree: 0 }
  }
}

function repeatCost({ body, min, max }: Repeat): MatchCost {
  const inner = matchCost(body)
  const isPlain = inner.degree === 0 && inner.factor === 1
  if (max <= 1) return { factor: inner.factor + 1 - min, degree: inner.degree }
  if (isPlain) {
    if (max === Number.POSITIVE_INFINITY) return { factor: 1, degree: 1 }
    return { factor: max - min + 1, degree: 0 }
  }
  if (min === max) return { factor: inner.factor ** max, degree: inner.degree * max }
  return { factor: 1, degree: Number.POSITIVE_INFINITY }
}
