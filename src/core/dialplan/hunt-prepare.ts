/** The part of hunting that does not depend on the call: attributes read and patterns compiled once per XML node. */
import { placeText, type SourcePlace, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'
import { expand, leadingInteger, needsExpansion } from '../expand/expand.ts'
import { compilePattern, type Pattern } from '../regex/regex.ts'
import { type TimeTest, timeTest } from '../time/time-match.ts'
import { isTrue } from '../variables.ts'

const log = logger('core/hunt')

export interface PreparedExtension {
  /** `UNKNOWN` when it has none. */
  readonly name: string
  /** As written, for the log. */
  readonly continueText: string
  readonly continues: boolean
  readonly conditions: readonly PreparedCondition[]
}

export type BreakMode = 'on-true' | 'on-false' | 'always' | 'never'
export type RegexRule = 'all' | 'any' | 'xor'

export interface PreparedCondition {
  readonly time: TimeTest | undefined
  readonly breakMode: BreakMode
  /** The rule for its `<regex>` children; undefined: its own field and expression decide. */
  readonly rule: RegexRule | undefined
  readonly own: PreparedTest
  readonly regexes: readonly PreparedTest[]
  readonly actions: readonly PreparedAction[]
  readonly antiActions: readonly PreparedAction[]
  readonly nested: readonly PreparedCondition[]
  /** When false the nested conditions cannot make the extension fail. */
  readonly requiresNested: boolean
}

/** `field` and `expression` of a `<condition>` or a `<regex>`. */
export interface PreparedTest {
  readonly place: SourcePlace
  readonly time: TimeTest | undefined
  readonly field: string | undefined
  /** The field holds a `$`: a text to expand, not the name of a caller-profile field. */
  readonly fieldIsText: boolean
  readonly expression: string
  /** The expression holds variables, so its pattern is known only with the call. */
  readonly isDynamic: boolean
  /** The pattern of an expression without variables, compiled when first asked for; null: it cannot be used. */
  readonly pattern: () => Pattern | null
}

export interface PreparedAction {
  readonly application: string
  readonly data: string
  readonly place: SourcePlace
  readonly isInline: boolean
  /** How often it is done. */
  readonly times: number
}

const contexts = new WeakMap<XmlNode, readonly PreparedExtension[]>()

/** The extensions of a `<context>`, in document order. */
export function prepareContext(context: XmlNode): readonly PreparedExtension[] {
  let extensions = contexts.get(context)
  if (!extensions) {
    extensions = named(context, 'extension').map(prepareExtension)
    contexts.set(context, extensions)
  }
  return extensions
}

function named(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name)
}

function prepareExtension(node: XmlNode): PreparedExtension {
  const continueText = node.attributes.get('continue') ?? 'false'
  return {
    name: node.attributes.get('name') ?? 'UNKNOWN',
    continueText,
    continues: isTrue(continueText),
    conditions: named(node, 'condition').map((child) => prepareCondition(child, 0)),
  }
}

/** How deep conditions may stand in each other. */
const deepest = 100

function prepareCondition(node: XmlNode, depth: number): PreparedCondition {
  const { attributes } = node
  const nested = named(node, 'condition')
  if (nested.length > 0 && depth >= deepest) {
    log.err(
      `${placeText(node.place)}: more than ${deepest} conditions in each other; those inside are left out`,
    )
    nested.length = 0
  }
  const rule = attributes.get('regex')
  const requires = attributes.get('require-nested')
  return {
    time: timeTest(attributes),
    breakMode: breakMode(node),
    rule: rule === undefined ? undefined : regexRule(rule),
    own: prepareTest(node),
    regexes: rule === undefined ? [] : named(node, 'regex').map(prepareTest),
    actions: named(node, 'action').map(prepareAction),
    antiActions: named(node, 'anti-action').map(prepareAction),
    nested: nested.map((child) => prepareCondition(child, depth + 1)),
    requiresNested: requires === undefined || isTrue(requires),
  }
}

function breakMode(node: XmlNode): BreakMode {
  const text = node.attributes.get('break')
  if (text === undefined) return 'on-false'
  const word = text.toLowerCase()
  if (word === 'on-true' || word === 'on-false' || word === 'always' || word === 'never')
    return word
  log.warning(`${placeText(node.place)}: break="${text}" is taken as on-false`)
  return 'on-false'
}

/** Any word but `all` and `xor` is `any`. */
function regexRule(text: string): RegexRule {
  const word = text.toLowerCase()
  return word === 'all' || word === 'xor' ? word : 'any'
}

function prepareTest(node: XmlNode): PreparedTest {
  const { attributes, place } = node
  const field = attributes.get('field')
  const child = node.children.find((candidate) => candidate.name === 'expression')
  const written = child ? child.text : (attributes.get('expression') ?? '')
  if (field === undefined && written !== '') {
    log.warning(`${placeText(place)}: an expression without a field always holds`)
  }
  const isDynamic = written.includes('{') && written.includes('$') && needsExpansion(written)
  const expression = isDynamic ? written : withoutEscapes(written)
  let pattern: Pattern | null | undefined
  return {
    place,
    time: timeTest(attributes),
    field,
    fieldIsText: field?.includes('$') ?? false,
    expression,
    isDynamic,
    pattern: () => {
      if (pattern === undefined) pattern = compile(expression, place)
      return pattern
    },
  }
}

/** Expansion resolves `\\` and `\'` even in a text without variables. */
function withoutEscapes(text: string): string {
  const expanded = expand(text, { variable: () => undefined })
  return typeof expanded === 'string' ? expanded : text
}

/** More than that from one line is taken for a slip of the pen. */
const mostTimes = 10_000

function prepareAction(node: XmlNode): PreparedAction {
  const { attributes, place } = node
  const loop = attributes.get('loop')
  let times = loop === undefined ? 1 : leadingInteger(loop)
  if (times > mostTimes) {
    log.err(`${placeText(place)}: loop="${loop}" is cut to ${mostTimes}`)
    times = mostTimes
  }
  const data = attributes.get('data')
  return {
    application: attributes.get('application') ?? '',
    // Text inside the tag wins over the attribute, but not the blanks of a tag broken over lines.
    data:
      node.text !== '' && (data === undefined || node.text.trim() !== '')
        ? node.text
        : (data ?? ''),
    place,
    isInline: isTrue(attributes.get('inline')),
    times,
  }
}

/** The pattern of an expression whose variables have been put in; null: it cannot be used. */
export function dynamicPattern(expression: string, place: SourcePlace): Pattern | null {
  return badDynamic.has(expression) ? null : compile(expression, place, badDynamic)
}

/** Expressions that turned out bad once their variables were known: reported and tried only once. */
const badDynamic = new Set<string>()
const mostBad = 500

/** A pattern that cannot be used matches nothing, and is reported once with its place. */
function compile(expression: string, place: SourcePlace, bad?: Set<string>): Pattern | null {
  try {
    return compilePattern(expression)
  } catch (thrown) {
    if (!(thrown instanceof SwitchError)) throw thrown
    log.err(`${placeText(place)}: this expression never matches: ${thrown.message}`)
    if (bad && bad.size < mostBad) bad.add(expression)
    return null
  }
}
