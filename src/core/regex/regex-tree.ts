/** A regular expression taken apart, and what can be told from its parts. */
import type { ByteSet } from './regex-set.ts'

export type RegexNode =
  | { readonly type: 'set'; readonly set: ByteSet }
  | { readonly type: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly type: 'choice'; readonly options: readonly RegexNode[] }
  | Repeat
  | { readonly type: 'capture'; readonly index: number; readonly body: RegexNode }
  | { readonly type: 'atomic'; readonly body: RegexNode }
  | Look
  | BackReference
  | { readonly type: 'assert'; readonly kind: Assertion }
  /** `\K`: the match begins here. */
  | { readonly type: 'keep' }
  | Condition
  | Call

export interface Repeat {
  readonly type: 'repeat'
  readonly body: RegexNode
  readonly min: number
  /** Infinity when there is no limit. */
  readonly max: number
  readonly mode: 'greedy' | 'lazy' | 'possessive'
}

export interface Look {
  readonly type: 'look'
  readonly isAhead: boolean
  readonly isNegative: boolean
  readonly body: RegexNode
}

export interface BackReference {
  readonly type: 'back'
  /** The first of these groups that is set counts. More than one only where a name stands twice. */
  groups: readonly number[]
  readonly ignoreCase: boolean
}

/** `(?(test)yes|no)`: the test is whether one of the groups is set, or what a look finds. */
export interface Condition {
  readonly type: 'condition'
  readonly test: BackReference | Look
  readonly yes: RegexNode
  readonly no: RegexNode
}

/** `(?1)`, `(?R)`, `(?&name)`: matches as that group would, 0 the whole pattern; what it captures is forgotten. */
export interface Call {
  readonly type: 'call'
  groups: readonly number[]
}

/** `end` is the very end, `last` the end or just before a newline that ends the subject; the line ones are those of the m flag. */
export type Assertion = 'start' | 'end' | 'last' | 'line start' | 'line end' | 'word' | 'not word'

export interface RegexTree {
  readonly root: RegexNode
  /** How many capture groups there are. */
  readonly groups: number
}

/** The parts directly inside a node. */
export function partsOf(node: RegexNode): readonly RegexNode[] {
  switch (node.type) {
    case 'sequence':
      return node.items
    case 'choice':
      return node.options
    case 'repeat':
    case 'capture':
    case 'atomic':
    case 'look':
      return [node.body]
    case 'condition':
      return [node.test, node.yes, node.no]
    default:
      return []
  }
}

/** Whether the node or anything inside it passes the test. */
export function contains(node: RegexNode, test: (node: RegexNode) => boolean): boolean {
  return test(node) || partsOf(node).some((part) => contains(part, test))
}

/** Whether it can match without taking a byte. */
export function isNullable(node: RegexNode): boolean {
  switch (node.type) {
    case 'set':
      return false
    case 'sequence':
      return node.items.every(isNullable)
    case 'choice':
      return node.options.some(isNullable)
    case 'repeat':
      return node.min === 0 || isNullable(node.body)
    case 'capture':
    case 'atomic':
      return isNullable(node.body)
    default:
      return true
  }
}

/** How many bytes it always takes; undefined when that varies. */
export function fixedLength(node: RegexNode): number | undefined {
  switch (node.type) {
    case 'set':
      return 1
    case 'sequence': {
      let total = 0
      for (const item of node.items) {
        const length = fixedLength(item)
        if (length === undefined) return undefined
        total += length
      }
      return total
    }
    case 'choice': {
      const lengths = node.options.map(fixedLength)
      return lengths.every((length) => length === lengths[0]) ? lengths[0] : undefined
    }
    case 'repeat': {
      const length = fixedLength(node.body)
      return length !== undefined && node.min === node.max ? length * node.min : undefined
    }
    case 'capture':
    case 'atomic':
      return fixedLength(node.body)
    case 'back':
    case 'condition':
    case 'call':
      return undefined
    default:
      return 0
  }
}

/** Whether it can only match at the start of the subject. */
export function isAnchored(node: RegexNode): boolean {
  switch (node.type) {
    case 'assert':
      return node.kind === 'start'
    case 'sequence': {
      const first = node.items[0]
      return first !== undefined && isAnchored(first)
    }
    case 'choice':
      return node.options.every(isAnchored)
    case 'capture':
    case 'atomic':
      return isAnchored(node.body)
    default:
      return false
  }
}
