/**
 * Matches a regular expression by trying, with a bound on how much may be tried. It does all that the parser knows, the way
 * PCRE does it; JavaScript's own engine is used instead where it is sure to do the same and cannot run away.
 */
import { type ByteSet, foldByte, wordSet } from './regex-set.ts'
import {
  type BackReference,
  type Call,
  type Condition,
  fixedLength,
  isAnchored,
  type Look,
  partsOf,
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
  const run = new MatchRun(tree)
  const isStuckToStart = isAnchored(tree.root)
  const first = run.compile(tree.root, (at) => {
    run.spans[1] = at
    return true
  })
  return (subject, budget) => {
    run.subject = subject
    run.budget = budget
    run.returns.length = 0
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

interface Return {
  readonly group: number
  readonly at: number
  readonly next: Step
  readonly spans: Int32Array
  readonly registers: readonly number[]
}

class MatchRun {
  subject = ''
  budget = 0
  /** Start and end of each group, group 0 first. */
  readonly spans: Int32Array
  /** What repeats, captures and atomic groups note down; a call has them anew and gives them back. */
  readonly registers: number[] = []
  /** Where the calls that are under way go on. */
  readonly returns: Return[] = []
  readonly #tree: RegexTree
  readonly #subroutines = new Map<number, Step>()

  constructor(tree: RegexTree) {
    this.#tree = tree
    this.spans = new Int32Array(2 * (tree.groups + 1))
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
      case 'condition':
        return this.#condition(node, next)
      case 'call':
        return this.#call(node, next)
    }
  }

  /** The number of a register. */
  #newRegister(): number {
    return this.registers.push(-1) - 1
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
    const { registers } = this
    // How many rounds are done, and where the current one began. Each step puts them back when it fails.
    const count = this.#newRegister()
    const start = this.#newRegister()
    const rounds = () => registers[count] ?? 0
    const restoring = (step: Step): Step => {
      return (at) => {
        const [countBefore, startBefore] = [registers[count] ?? 0, registers[start] ?? 0]
        if (step(at)) return true
        registers[count] = countBefore
        registers[start] = startBefore
        return false
      }
    }
    const leave = restoring(next)
    const round = restoring((at) => {
      registers[count] = rounds() + 1
      registers[start] = at
      return inner(at)
    })
    const decide: Step = (at) => {
      this.#spend()
      if (rounds() < min) return round(at)
      if (mode === 'lazy') return leave(at) || (rounds() < max && round(at))
      return (rounds() < max && round(at)) || leave(at)
    }
    // A round that took nothing would do so for ever: it counts, and is the last. (Of a bounded repeat PCRE
    // makes copies of which each may be empty; the rounds that must be are such copies too.)
    const enough = max === Number.POSITIVE_INFINITY ? min : min + 1
    const inner = this.compile(body, (at) =>
      at === registers[start] && rounds() >= enough ? leave(at) : decide(at),
    )
    return restoring((at) => {
      registers[count] = 0
      registers[start] = -1
      return decide(at)
    })
  }

  #capture(index: number, body: RegexNode, next: Step): Step {
    const { spans, registers } = this
    // Where the group that is open began; put back by whoever fails.
    const start = this.#newRegister()
    const inner = this.compile(body, (at) => {
      const begin = registers[start] ?? at
      const [from, to] = [spans[2 * index] ?? -1, spans[2 * index + 1] ?? -1]
      spans[2 * index] = begin
      spans[2 * index + 1] = at
      if (next(at)) return true
      spans[2 * index] = from
      spans[2 * index + 1] = to
      registers[start] = begin
      return false
    })
    return (at) => {
      const before = registers[start] ?? -1
      registers[start] = at
      if (inner(at)) return true
      registers[start] = before
      return false
    }
  }

  /** Once matched it is not tried another way. */
  #atomic(body: RegexNode, next: Step): Step {
    const { registers } = this
    const end = this.#newRegister()
    const inner = this.compile(body, (at) => {
      registers[end] = at
      return true
    })
    return (at) => {
      const before = this.spans.slice()
      if (inner(at) && next(registers[end] ?? at)) return true
      this.spans.set(before)
      return false
    }
  }

  #call({ groups }: Call, next: Step): Step {
    const group = groups[0] ?? 0
    return (at) => {
      this.#spend()
      // The same call again without a step ahead would go on for ever; PCRE gives up there too.
      if (this.returns.some((frame) => frame.group === group && frame.at === at))
        throw new MatchLimit()
      this.returns.push({
        group,
        at,
        next,
        spans: this.spans.slice(),
        registers: this.registers.slice(),
      })
      if (this.#subroutine(group)(at)) return true
      this.returns.pop()
      return false
    }
  }

  /** The group as something to call. Made when first called, since it may call itself. */
  #subroutine(group: number): Step {
    let step = this.#subroutines.get(group)
    if (!step) {
      const body = group === 0 ? this.#tree.root : captureOf(this.#tree.root, group)
      step = this.compile(body, (at) => this.#return(at))
      this.#subroutines.set(group, step)
    }
    return step
  }

  /** Goes on after the call, with what was noted and captured before it; on failure the called group may try another way. */
  #return(at: number): boolean {
    const frame = this.returns.pop()
    if (!frame) return false
    const [spans, registers] = [this.spans.slice(), this.registers.slice()]
    this.spans.set(frame.spans)
    frame.registers.forEach((value, index) => {
      this.registers[index] = value
    })
    if (frame.next(at)) return true
    this.spans.set(spans)
    registers.forEach((value, index) => {
      this.registers[index] = value
    })
    this.returns.push(frame)
    return false
  }

  #condition({ test, yes, no }: Condition, next: Step): Step {
    const [whenYes, whenNo] = [this.compile(yes, next), this.compile(no, next)]
    if (test.type === 'look') {
      const holds = this.#lookTest(test)
      return (at) => {
        const before = this.spans.slice()
        if (holds(at) ? whenYes(at) : whenNo(at)) return true
        this.spans.set(before)
        return false
      }
    }
    const isSet = () => test.groups.some((group) => (this.spans[2 * group + 1] ?? -1) >= 0)
    return (at) => (isSet() ? whenYes(at) : whenNo(at))
  }

  #look(look: Look, next: Step): Step {
    const holds = this.#lookTest(look)
    return (at) => {
      const before = this.spans.slice()
      if (holds(at) && next(at)) return true
      this.spans.set(before)
      return false
    }
  }

  /** Whether it holds at a position; what a positive one captures is kept. */
  #lookTest({ isAhead, isNegative, body }: Look): Step {
    const options = !isAhead && body.type === 'choice' ? body.options : [body]
    const tries = options.map((option) => ({
      back: isAhead ? 0 : (fixedLength(option) ?? 0),
      step: this.compile(option, () => true),
    }))
    return (at) => {
      const before = this.spans.slice()
      const isThere = tries.some(({ back, step }) => at >= back && step(at - back))
      if (isNegative && isThere) this.spans.set(before)
      return isThere !== isNegative
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

function captureOf(node: RegexNode, group: number): RegexNode {
  if (node.type === 'capture' && node.index === group) return node
  for (const part of partsOf(node)) {
    const found = captureOf(part, group)
    if (found.type === 'capture' && found.index === group) return found
  }
  return node
}
