/**
 * Takes a PCRE pattern apart (pcre2pattern(3)). The pattern is a string of bytes, one per character. What PCRE refuses is
 * REGEX_BAD; what is not done here (verbs, callouts, conditions on recursion, \X) is REGEX_UNSUPPORTED.
 */
import { parseClass } from './regex-class.ts'
import { noFlags, RegexCursor, type RegexFlags } from './regex-cursor.ts'
import { type Escape, readEscape, relative } from './regex-escape.ts'
import { anySet, type ByteSet, notNewline, setOf, single, verticalSet } from './regex-set.ts'
import {
  type BackReference,
  type Call,
  type Condition,
  contains,
  fixedLength,
  type Look,
  type RegexNode,
  type RegexTree,
  type Repeat,
} from './regex-tree.ts'

const nestingLimit = 250
const quantifier = /([*+?])|\{(\d+)(?:(,)(\d*))?\}/y
const repeatLimit = 65535

export function parseRegex(pattern: string, flags: RegexFlags): RegexTree {
  return new RegexParser(pattern).parse(flags)
}

class RegexParser {
  readonly #cursor: RegexCursor
  readonly #names = new Map<string, number[]>()
  /** References by name are looked up at the end, since the group may come later. */
  readonly #pending: { node: BackReference | Call; name: string; at: number }[] = []
  readonly #numbered: { group: number; at: number }[] = []
  #depth = 0
  /** `(?J)` */
  #mayRepeatNames = false

  constructor(pattern: string) {
    this.#cursor = new RegexCursor(pattern)
  }

  parse(flags: RegexFlags): RegexTree {
    const cursor = this.#cursor
    if (cursor.match(/\(\*[A-Z]/y)) cursor.unsupported('a (*VERB)')
    const root = this.#choice(flags, false)
    if (!cursor.isAtEnd) cursor.bad('unmatched )')
    for (const { node, name, at } of this.#pending) {
      const groups = this.#names.get(name)
      cursor.at = at
      if (!groups) cursor.bad(`no group is named ${name}`)
      else node.groups = groups
    }
    for (const { group, at } of this.#numbered) {
      cursor.at = at
      if (group < 0 || group > cursor.groups) cursor.bad(`there is no group ${group}`)
    }
    return { root, groups: cursor.groups }
  }

  /** Alternatives up to `)` or the end. With `isReset` each counts its groups from the same number: `(?|…)`. */
  #choice(flags: RegexFlags, isReset: boolean): RegexNode {
    const cursor = this.#cursor
    if (++this.#depth > nestingLimit) cursor.bad('parentheses are too deeply nested')
    const first = cursor.groups
    let most = first
    let current = flags
    const options: RegexNode[] = []
    do {
      if (isReset) cursor.groups = first
      const branch = this.#sequence(current)
      // A setting made in one alternative holds for those after it.
      current = branch.flags
      options.push(branch.node)
      most = Math.max(most, cursor.groups)
    } while (cursor.take('|'))
    if (isReset) cursor.groups = most
    this.#depth--
    if (options.length === 1 && options[0]) return options[0]
    return unionOf(options) ?? { type: 'choice', options }
  }

  #sequence(given: RegexFlags): { node: RegexNode; flags: RegexFlags } {
    const cursor = this.#cursor
    let flags = given
    const items: RegexNode[] = []
    while (!cursor.isAtEnd && cursor.char !== '|' && cursor.char !== ')') {
      if (this.#skipIgnored(flags)) continue
      const setting = cursor.match(/\(\?(\^?[imsxnUJ]*(?:-[imsxnUJ]*)?)\)/y)
      if (setting) {
        flags = this.#changed(flags, setting[1] ?? '')
        continue
      }
      if (cursor.take('\\Q')) {
        items.push(...this.#quoted(flags))
        continue
      }
      items.push(this.#quantified(this.#atom(flags), flags))
    }
    return { node: items.length === 1 && items[0] ? items[0] : { type: 'sequence', items }, flags }
  }

  /** Comments, an empty `\Q\E`, a stray `\E`, and with the x flag blanks. */
  #skipIgnored(flags: RegexFlags): boolean {
    const cursor = this.#cursor
    if (cursor.take('\\Q\\E') || cursor.take('\\E')) return true
    if (cursor.match(/\(\?#/y)) {
      if (!cursor.match(/[^)]*\)/y)) cursor.bad('the comment (?# is not closed')
      return true
    }
    return flags.x && cursor.match(/[ \t-\r]+|#[^\n]*(?:\n|$)/y) !== undefined
  }

  /** What follows `\Q` up to `\E` or the end; a quantifier after it is for the last character. */
  #quoted(flags: RegexFlags): RegexNode[] {
    const cursor = this.#cursor
    const end = cursor.pattern.indexOf('\\E', cursor.at)
    const text = cursor.pattern.slice(cursor.at, end < 0 ? undefined : end)
    cursor.at = end < 0 ? cursor.pattern.length : end + 2
    const nodes: RegexNode[] = [...text].map((char) => literal(char.charCodeAt(0), flags))
    const last = nodes.pop()
    return last ? [...nodes, this.#quantified(last, flags)] : []
  }

  #quantified(atom: RegexNode, flags: RegexFlags): RegexNode {
    const cursor = this.#cursor
    this.#skipAllIgnored(flags)
    const found = cursor.match(quantifier)
    if (!found) return atom
    if (atom.type === 'assert' || atom.type === 'keep')
      cursor.bad('the quantifier follows nothing repeatable')
    const [, sign, low, comma, high] = found
    const min = sign === undefined ? Number(low) : sign === '+' ? 1 : 0
    let max = sign === '?' ? 1 : Number.POSITIVE_INFINITY
    if (low !== undefined) max = comma === undefined ? min : high ? Number(high) : max
    if (min > repeatLimit || (Number.isFinite(max) && max > repeatLimit)) {
      cursor.bad('the number in {} is too big')
    }
    if (max < min) cursor.bad('the numbers in {} are out of order')
    this.#skipAllIgnored(flags)
    let mode: Repeat['mode'] = flags.U ? 'lazy' : 'greedy'
    if (cursor.take('?')) mode = flags.U ? 'greedy' : 'lazy'
    else if (cursor.take('+')) mode = 'possessive'
    this.#skipAllIgnored(flags)
    if (cursor.match(quantifier)) cursor.bad('the quantifier follows nothing repeatable')
    return { type: 'repeat', body: atom, min, max, mode }
  }

  #skipAllIgnored(flags: RegexFlags): void {
    while (this.#skipIgnored(flags));
  }

  #atom(flags: RegexFlags): RegexNode {
    const cursor = this.#cursor
    switch (cursor.char) {
      case '(':
        return this.#group(flags)
      case '[':
        return parseClass(cursor, flags)
      case '.':
        cursor.at++
        return { type: 'set', set: flags.s ? anySet : notNewline }
      case '^':
        cursor.at++
        return { type: 'assert', kind: flags.m ? 'line start' : 'start' }
      case '$':
        cursor.at++
        return { type: 'assert', kind: flags.m ? 'line end' : 'last' }
      case '\\':
        return this.#escape(readEscape(cursor), flags)
      default:
        if (cursor.match(quantifier)) {
          cursor.at--
          cursor.bad('there is nothing to repeat')
        }
        return literal(cursor.pattern.charCodeAt(cursor.at++), flags)
    }
  }

  #escape(found: Escape, flags: RegexFlags): RegexNode {
    switch (found.type) {
      case 'byte':
        return literal(found.byte, flags)
      case 'set':
        return { type: 'set', set: found.set }
      case 'assert':
        return { type: 'assert', kind: found.kind }
      case 'keep':
        return { type: 'keep' }
      case 'newline':
        return anyNewline
      case 'group': {
        this.#numbered.push({ group: found.group, at: this.#cursor.at })
        return { type: 'back', groups: [found.group], ignoreCase: flags.i }
      }
      case 'name':
        return this.#named(found.name, flags)
      case 'call':
        return this.#call(found.target)
    }
  }

  #named(name: string, flags: RegexFlags): BackReference {
    const node: BackReference = { type: 'back', groups: [], ignoreCase: flags.i }
    this.#pending.push({ node, name, at: this.#cursor.at })
    return node
  }

  /** A call by number, signed number, name or `R`. */
  #call(target: string): RegexNode {
    const cursor = this.#cursor
    if (!/^(?:R|[+-]?\d+)$/.test(target)) {
      const node: Call = { type: 'call', groups: [] }
      this.#pending.push({ node, name: target, at: cursor.at })
      return node
    }
    const group = target === 'R' ? 0 : relative(cursor, target)
    if (/^[+-]/.test(target) && group < 1) cursor.bad(`there is no group ${target}`)
    this.#numbered.push({ group, at: cursor.at })
    return { type: 'call', groups: [group] }
  }

  #group(flags: RegexFlags): RegexNode {
    const cursor = this.#cursor
    if (cursor.match(/\(\*/y)) cursor.unsupported('a (*VERB)')
    cursor.at++
    if (!cursor.take('?')) {
      if (flags.n) return this.#close(this.#choice(flags, false))
      return this.#capture(flags, undefined)
    }
    const name = cursor.match(/(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/y)
    if (name) return this.#capture(flags, name[1] ?? name[2])
    const reference = cursor.match(/P=([A-Za-z_]\w*)\)/y)
    if (reference) return this.#named(reference[1] ?? '', flags)
    if (cursor.take('|')) return this.#close(this.#choice(flags, true))
    if (cursor.take('>')) return this.#close({ type: 'atomic', body: this.#choice(flags, false) })
    const look = cursor.match(/<?[=!]/y)
    if (look) return this.#look(look[0], flags)
    const setting = cursor.match(/(\^?[imsxnUJ]*(?:-[imsxnUJ]*)?):/y)
    if (setting) return this.#close(this.#choice(this.#changed(flags, setting[1] ?? ''), false))
    const call = cursor.match(/(?:(?:&|P>)([A-Za-z_]\w*)|(R|[+-]?\d+))(?=\))/y)
    if (call) return this.#close(this.#call(call[1] ?? call[2] ?? ''))
    if (cursor.char === '(') return this.#condition(flags)
    if (cursor.char === 'C') cursor.unsupported('a callout')
    return cursor.bad('unrecognized character after (?')
  }

  /** From the second `(` of `(?(test)yes|no)`. */
  #condition(flags: RegexFlags): RegexNode {
    const test = this.#test(flags)
    const cursor = this.#cursor
    const yes = this.#sequence(flags)
    const no = cursor.take('|') ? this.#sequence(yes.flags) : undefined
    if (cursor.char === '|') cursor.bad('more than two alternatives of a condition')
    const none: RegexNode = { type: 'sequence', items: [] }
    return this.#close({ type: 'condition', test, yes: yes.node, no: no?.node ?? none })
  }

  #test(flags: RegexFlags): Condition['test'] {
    const cursor = this.#cursor
    const look = cursor.match(/\(\?(<?[=!])/y)
    if (look) return this.#look(look[1] ?? '', flags)
    const number = cursor.match(/\(([+-]?\d+)\)/y)
    if (number) {
      const group = relative(cursor, number[1] ?? '')
      this.#numbered.push({ group, at: cursor.at })
      return { type: 'back', groups: [group], ignoreCase: false }
    }
    // (?(DEFINE)…) only holds groups for others to call.
    if (cursor.take('(DEFINE)')) return { type: 'back', groups: [], ignoreCase: false }
    if (cursor.match(/\((?:R|R\d+|R&\w+|VERSION[^)]*)\)/y)) cursor.unsupported('this condition')
    const name = cursor.match(/\((?:<(\w+)>|'(\w+)'|([A-Za-z_]\w*))\)/y)
    if (!name) return cursor.bad('the condition is not understood')
    return this.#named(name[1] ?? name[2] ?? name[3] ?? '', flags)
  }

  #look(sign: string, flags: RegexFlags): Look {
    const node: Look = {
      type: 'look',
      isAhead: !sign.startsWith('<'),
      isNegative: sign.endsWith('!'),
      body: this.#choice(flags, false),
    }
    // PCRE2 since 10.38: the start of a match cannot be moved from within a look.
    if (contains(node.body, (part) => part.type === 'keep')) this.#cursor.bad('\\K in a lookaround')
    const options = node.body.type === 'choice' ? node.body.options : [node.body]
    if (!node.isAhead && options.some((option) => fixedLength(option) === undefined)) {
      this.#cursor.bad('lookbehind is not of fixed length')
    }
    return this.#close(node)
  }

  #capture(flags: RegexFlags, name: string | undefined): RegexNode {
    const index = ++this.#cursor.groups
    const others = this.#names.get(name ?? '')
    if (others && !this.#mayRepeatNames && !others.includes(index)) {
      this.#cursor.bad(`two groups are named ${name}`)
    }
    if (name !== undefined) this.#names.set(name, [...(this.#names.get(name) ?? []), index])
    return this.#close({ type: 'capture', index, body: this.#choice(flags, false) })
  }

  #close<T extends RegexNode>(node: T): T {
    if (!this.#cursor.take(')')) this.#cursor.bad('missing )')
    return node
  }

  /** `i`, `-i`, `ms-x`, `^i` (all off, then i on). */
  #changed(flags: RegexFlags, setting: string): RegexFlags {
    const isFresh = setting.startsWith('^')
    if (isFresh && setting.includes('-')) this.#cursor.bad('a hyphen after (?^')
    if (setting.includes('J')) this.#mayRepeatNames = true
    const [on = '', off = ''] = setting.replace('^', '').split('-')
    const base = isFresh ? { ...noFlags, U: flags.U } : flags
    const pick = (flag: keyof RegexFlags & string) =>
      (base[flag] || on.includes(flag)) && !off.includes(flag.charAt(0))
    // (?x) alone ends an xx that was on.
    const xx = on.includes('x') ? on.includes('xx') && !off.includes('x') : pick('xx')
    return {
      i: pick('i'),
      m: pick('m'),
      s: pick('s'),
      x: pick('x'),
      xx,
      U: pick('U'),
      n: pick('n'),
    }
  }
}

/** Alternatives of one byte each are a class, which costs nothing to repeat. */
function unionOf(options: readonly RegexNode[]): RegexNode | undefined {
  const sets: ByteSet[] = []
  for (const option of options) {
    if (option.type !== 'set') return undefined
    sets.push(option.set)
  }
  return { type: 'set', set: setOf((byte) => sets.some((set) => set[byte] === 1)) }
}

function literal(byte: number, flags: RegexFlags): RegexNode {
  return { type: 'set', set: single(byte, flags.i) }
}

/** `\R`: CRLF or one vertical character, not to be taken apart again. */
const anyNewline: RegexNode = {
  type: 'atomic',
  body: {
    type: 'choice',
    options: [
      {
        type: 'sequence',
        items: [
          { type: 'set', set: single(13, false) },
          { type: 'set', set: single(10, false) },
        ],
      },
      { type: 'set', set: verticalSet },
    ],
  },
}
