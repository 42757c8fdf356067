/**
 * The regular expressions of the dialplan and of `regex`: PCRE patterns, `/pattern/flags` and Asterisk's `_NXX.`.
 *
 * Patterns are matched as bytes of UTF-8, unanchored and case-sensitive, as FreeSWITCH does. A pattern is taken apart once;
 * where JavaScript's engine does the same and cannot run away it does the work, else a matcher of our own that stops after so
 * many steps. PCRE has such a limit too, and like there, reaching it is no match.
 */
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { noFlags, type RegexFlags } from './regex-cursor.ts'
import { type Matcher, MatchLimit, makeMatcher } from './regex-match.ts'
import { type MatchCost, matchCost, nativeSource } from './regex-native.ts'
import { parseRegex } from './regex-parse.ts'
import { contains, isAnchored, type RegexTree } from './regex-tree.ts'

const log = logger('core/regex')

/** Patterns kept compiled. */
const cacheSize = 2000
/** Longer patterns and subjects are refused, in characters. */
const patternLimit = 16_384
const subjectLimit = 65_536
/** Up to this many tries (about 20 ms) JavaScript's engine, which cannot be stopped, may be asked. */
const nativeLimit = 2_000_000
/** Steps of our own matcher in one match (about 25 ms). */
const stepLimit = 500_000

export interface Pattern {
  /**
   * The whole match and then each group, undefined where it took no part; undefined when there is no match. A match that
   * costs too much, or a subject that is too long, is no match and logged.
   */
  exec(subject: string): readonly (string | undefined)[] | undefined
  /** How many capture groups there are. */
  readonly groups: number
}

const cache = new Map<string, Pattern>()

/** Compiles an expression as it stands in a condition. Throws REGEX_BAD or REGEX_UNSUPPORTED; the caller adds the place. */
export function compilePattern(expression: string): Pattern {
  const known = cache.get(expression)
  if (known) {
    // The map keeps order: what was used last goes to its end, what is at its head goes first.
    cache.delete(expression)
    cache.set(expression, known)
    return known
  }
  const pattern = compileFresh(expression)
  cache.set(expression, pattern)
  if (cache.size > cacheSize) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest)
      break
    }
  }
  return pattern
}

function compileFresh(expression: string): Pattern {
  if (expression.length > patternLimit) {
    throw new SwitchError('REGEX_BAD', `the pattern is longer than ${patternLimit} characters`)
  }
  const { source, flags } = unwrap(expression)
  return new CompiledPattern(expression, parseRegex(toBytes(source), flags))
}

/** Takes `/…/flags` and `_…` off. */
function unwrap(expression: string): { source: string; flags: RegexFlags } {
  if (expression.startsWith('_'))
    return { source: fromAsterisk(expression.slice(1)), flags: noFlags }
  if (!expression.startsWith('/')) return { source: expression, flags: noFlags }
  const end = expression.lastIndexOf('/')
  if (end === 0) throw new SwitchError('REGEX_BAD', `the closing / is missing in [${expression}]`)
  const letters = expression.slice(end + 1)
  const ignored = letters.replace(/[is]/g, '')
  if (ignored !== '') log.warning(`flags ${ignored} of [${expression}] have no effect`)
  const flags = { ...noFlags, i: letters.includes('i'), s: letters.includes('s') }
  return { source: expression.slice(1, end), flags }
}

const asteriskClasses: Readonly<Record<string, string>> = {
  N: '[2-9]',
  X: '[0-9]',
  Z: '[1-9]',
  '.': '.*',
}

function fromAsterisk(pattern: string): string {
  return `^${pattern.replace(/[NXZ.]/g, (letter) => asteriskClasses[letter] ?? letter)}$`
}

class CompiledPattern implements Pattern {
  readonly groups: number
  readonly #expression: string
  readonly #cost: MatchCost
  readonly #isAnchored: boolean
  readonly #hasDollar: boolean
  readonly #native: RegExp | undefined
  /** Kept only until the matcher is first needed. */
  #tree: RegexTree | undefined
  #matcher: Matcher | undefined

  constructor(expression: string, tree: RegexTree) {
    this.#expression = expression
    this.#tree = tree
    this.groups = tree.groups
    this.#cost = matchCost(tree.root)
    this.#isAnchored = isAnchored(tree.root)
    this.#hasDollar = contains(tree.root, (node) => node.type === 'assert' && node.kind === 'last')
    const source = this.#cost.degree === Number.POSITIVE_INFINITY ? undefined : nativeSource(tree)
    this.#native = source === undefined ? undefined : new RegExp(source)
  }

  exec(subject: string): readonly (string | undefined)[] | undefined {
    if (subject.length > subjectLimit) {
      log.warning(`a subject of ${subject.length} characters is too long for [${this.#expression}]`)
      return undefined
    }
    const bytes = toBytes(subject)
    const found = this.#mayRunNative(bytes) ? this.#native?.exec(bytes) : this.#match(bytes)
    if (!found) return undefined
    if (bytes === subject) return found.slice()
    return found.map((part) => (part === undefined ? undefined : fromBytes(part)))
  }

  #mayRunNative(bytes: string): boolean {
    if (!this.#native) return false
    // There JavaScript's $ is the very end only, while PCRE's also stands before that newline.
    if (this.#hasDollar && bytes.endsWith('\n')) return false
    const { factor, degree } = this.#cost
    const starts = this.#isAnchored ? 1 : bytes.length + 1
    return factor * (bytes.length + 1) ** degree * starts <= nativeLimit
  }

  #match(bytes: string): (string | undefined)[] | undefined {
    if (this.#tree) {
      this.#matcher = makeMatcher(this.#tree)
      this.#tree = undefined
    }
    let spans: Int32Array | undefined
    try {
      spans = this.#matcher?.(bytes, stepLimit)
    } catch (thrown) {
      if (!(thrown instanceof MatchLimit)) throw thrown
      log.warning(
        `[${this.#expression}] costs too much on a subject of ${bytes.length} bytes: no match`,
      )
    }
    if (!spans) return undefined
    const parts: (string | undefined)[] = []
    for (let index = 0; index < spans.length; index += 2) {
      const to = spans[index + 1] ?? -1
      parts.push(to < 0 ? undefined : bytes.slice(spans[index], to))
    }
    return parts
  }
}

/** The bytes of the text's UTF-8, one per character; text that is all ASCII is given back as it is. */
function toBytes(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII, all of it
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/**
 * Fills `$1` and `${1}` of a text from a match; an unset group or one above 256 is empty, `$` before anything else stays.
 * (`%1` of the `regex` command is for its caller to turn into `$1`.)
 */
export function fillIn(text: string, match: readonly (string | undefined)[]): string {
  if (!text.includes('$')) return text
  return text.replace(/\$(?:\{(\d{1,9})\}|(\d{1,9}))/g, (_, braced?: string, plain?: string) => {
    const group = Number(braced ?? plain)
    return group > 256 ? '' : (match[group] ?? '')
  })
}
