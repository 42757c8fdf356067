/**
 * Matches a regular expression by trying, with a bound on how much may be tried. It does all that the parser knows, the way
 * PCRE does it; JavaScript's own engine is used instead where it is sure to do the same and cannot run away.
 */
import { type ByteSet, foldByte, wordSet } from './regex-set.ts'
import {
  type BackReference,
  fixedLength,
  isAnchored,
  type Look,
  type RegexNode,
  type RegexTree,
  type Repeat,
} from './regex-tree.ts'

/** Tries to match from a position on, to the end of the pattern; on false everything is as it was. */
type Step = (at: number) => boolean

/** Thrown when a match has cost too much. */
export class MatchLimit extends Error {}

/** Answers the starts and ends of the groups (-1, -1 when unset), whole match first; undefined when there is no match. */
export type Matcher = (subject: string, budget: number) => Int32Array | undefined

/** Makes a matcher. It throws MatchLimit after `budget` steps, or when it had to nest too deeply. */
export function makeMatcher(tree: RegexTree): Matcher {
  const run = new MatchRun(tree.groups)
  const isStuckToStart = isAnchored(tree.root)
  const first = run.compile(tree.root, (at) => {
    run.spans[1] = at
    return true
  })
  return (subject, budget) => {
    run.subject = subject
    run.budget = budget
    try {
      const last = isStuckToStart ? 0 : subject.length
      for (let start = 0; start <= last; start++) {
        run.spans.fill(-1)
        run.spans[0] = start
        if (first(start)) return run.spans.slice()
      }
      return undefined
    } catch (thrown) {
      // So many nested steps that the stack is full: the same as too many steps.
      throw thrown instanceof RangeError ? new MatchLimit() : thrown
    } finally {
      run.subject = ''
    }
  }
}

class MatchRun {
  subject = ''
  budget = 0
  /** Start and end of each group, group 0 first. */
  readonly spans: Int32Array

  constructor(groups: number) {
    this.spans = new Int32Array(2 * (groups + 1))
  }

  compile(node: RegexNode, next: Step): Step {
    switch (node.type) {
      case 'set': {
        const { set } = node
        return (at) => this.#has(set, at) && next(at + 1)
      }
      case 'sequence':
        return node.items.reduceRight<Step>((rest, item) => this.compile(item, rest), next)
      case 'choice': {
        const steps = node.options.map((option) => this.compile(option, next))
        return (at) => {
          this.#spend()
          for (const step of steps) if (step(at)) return true
          return false
        }
      }
      case 'repeat':
        if (node.mode === 'possessive') return this.#atomic({ ...node, mode: 'greedy' }, next)
        return node.body.type === 'set'
          ? this.#repeatSet(node, node.body.set, next)
          : this.#repeat(node, next)
      case 'capture':
        return this.#capture(node.index, node.body, next)
      case 'atomic':
        return this.#atomic(node.body, next)
      case 'look':
        return this.#look(node, next)
      case 'back':
        return this.#back(node, next)
      case 'assert': {
        const { kind } = node
        return (at) => this.#holds(kind, at) && next(at)
      }
      case 'keep':
        return (at) => {
          const before = this.spans[0] ?? 0
          this.spans[0] = at
          if (next(at)) return true
          this.spans[0] = before
          return false
        }
    }
  }

  #spend(): void {
    if (--this.budget < 0) throw new MatchLimit()
  }

  #has(set: ByteSet, at: number): boolean {
    return at < this.subject.length && set[this.subject.charCodeAt(at)] === 1
  }

  #repeatSet({ min, max, mode }: Repeat, set: ByteSet, next: Step): Step {
    if (mode === 'lazy') {
      return (from) => {
        for (let count = 0, at = from; ; count++, at++) {
          this.#spend()
          if (count >= min && next(at)) return true
          if (count >= max || !this.#has(set, at)) return false
        }
      }
    }
    return (from) => {
      let at = from
      while (at - from < max && this.#has(set, at)) at++
      for (; at - from >= min; at--) {
        this.#spend()
        if (next(at)) return true
      }
      return false
    }
  }

  #repeat({ body, min, max, mode }: Repeat, next: Step): Step {
    // How many rounds are done, and where the current one began. Each step puts them back when it fails.
    let count = 0
    let start = -1
    const restoring = (step: Step): Step => {
      return (at) => {
        const [countBefore, startBefore] = [count, start]
        if (step(at)) return true
        count = countBefore
        start = startBefore
        return false
      }
    }
    const leave = restoring(next)
    const round = restoring((at) => {
      count++
      start = at
      return inner(at)
    })
    const decide: Step = (at) => {
      this.#spend()
      if (count < min) return round(at)
      if (mode === 'lazy') return leave(at) || (count < max && round(at))
      return (count < max && round(at)) || leave(at)
    }
    // A round that took nothing would do so for ever: it counts, and is the last.
    const inner = this.compile(body, (at) => (at === start && count > min ? leave(at) : decide(at)))
    return restoring((at) => {
      count = 0
      start = -1
      return decide(at)
    })
  }

  #capture(index: number, body: RegexNode, next: Step): Step {
    const { spans } = this
    // Where the group that is open began; put back by whoever fails.
    let start = -1
    const inner = this.compile(body, (at) => {
      const [begin, from, to] = [start, spans[2 * index] ?? -1, spans[2 * index + 1] ?? -1]
      spans[2 * index] = begin
      spans[2 * index + 1] = at
      if (next(at)) return true
      spans[2 * index] = from
      spans[2 * index + 1] = to
      start = begin
      return false
    })
    return (at) => {
      const before = start
      start = at
      if (inner(at)) return true
      start = before
      return false
    }
  }

  /** Once matched it is not tried another way. */
  #atomic(body: RegexNode, next: Step): Step {
    let end = -1
    const inner = this.compile(body, (at) => {
      end = at
      return true
    })
    return (at) => {
      const before = this.spans.slice()
      if (inner(at) && next(end)) return true
      this.spans.set(before)
      return false
    }
  }

  #look({ isAhead, isNegative, body }: Look, next: Step): Step {
    const options = !isAhead && body.type === 'choice' ? body.options : [body]
    const tries = options.map((option) => ({
      back: isAhead ? 0 : (fixedLength(option) ?? 0),
      step: this.compile(option, () => true),
    }))
    return (at) => {
      const before = this.spans.slice()
      const isThere = tries.some(({ back, step }) => at >= back && step(at - back))
      if (isNegative && isThere) this.spans.set(before)
      if (isThere !== isNegative && next(at)) return true
      this.spans.set(before)
      return false
    }
  }

  #back({ groups, ignoreCase }: BackReference, next: Step): Step {
    return (at) => {
      const group = groups.find((index) => (this.spans[2 * index + 1] ?? -1) >= 0)
      // A group that has not matched cannot be matched again.
      if (group === undefined) return false
      const from = this.spans[2 * group] ?? 0
      const length = (this.spans[2 * group + 1] ?? 0) - from
      if (at + length > this.subject.length) return false
      for (let index = 0; index < length; index++) {
        const one = this.subject.charCodeAt(from + index)
        const other = this.subject.charCodeAt(at + index)
        if (one !== other && !(ignoreCase && foldByte(one) === foldByte(other))) return false
      }
      return next(at + length)
    }
  }

  #holds(kind: Extract<RegexNode, { type: 'assert' }>['kind'], at: number): boolean {
    const { subject } = this
    const isEnd = at === subject.length
    switch (kind) {
      case 'start':
        return at === 0
      case 'end':
        return isEnd
      case 'last':
        return isEnd || (at === subject.length - 1 && subject.endsWith('\n'))
      case 'line start':
        // Not after a newline that ends the subject: no line begins there.
        return at === 0 || (!isEnd && subject[at - 1] === '\n')
      case 'line end':
        return isEnd || subject[at] === '\n'
      case 'word':
      case 'not word': {
        const isEdge = (at > 0 && this.#has(wordSet, at - 1)) !== this.#has(wordSet, at)
        return isEdge === (kind === 'word')
      }
    }
  }
}
