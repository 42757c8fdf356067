/** Dial strings: `<vars>{vars}[vars]endpoint/data,…|…` and `:_:` between whole ones, taken apart without dialling anything. */
import { separate } from '../separate.ts'
import { Variables } from '../variables.ts'

/** As many legs and groups as FreeSWITCH takes; more are not dialled. */
const mostPeers = 128

const closing = { '{': '}', '[': ']', '<': '>' } as const

/** Puts variables on a channel, except values that hold a variable (they would be expanded later, in other hands); those are named. */
export function applyVariables(from: Variables, to: Variables, allowsNested: boolean): string[] {
  const refused: string[] = []
  for (const [name, value] of from.entries()) {
    const holds = typeof value === 'string' ? holdsVariable(value) : value.some(holdsVariable)
    if (holds && !allowsNested) refused.push(name)
    else to.set(name, value)
  }
  return refused
}

/** Whether `${…}` stands in a text. */
function holdsVariable(value: string): boolean {
  return value.includes('${')
}

/** Where the bracket closes that opens `text`; brackets of the same kind nest. -1: never. */
function closingIndex(text: string, open: keyof typeof closing): number {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === open) depth++
    else if (text[i] === closing[open] && --depth === 0) return i
  }
  return -1
}

/**
 * Takes the blocks of one kind off the front of `text` and adds their variables to `into`; what is left, or undefined
 * when a block does not close. Items without a value are ignored.
 */
function takeBlocks(
  text: string,
  open: keyof typeof closing,
  separator: string,
  into: Variables,
): string | undefined {
  let rest = text
  while (rest[0] === open) {
    const end = closingIndex(rest, open)
    if (end < 0) return undefined
    let inner = rest.slice(1, end)
    let at = separator
    if (inner.startsWith('^^')) {
      at = inner[2] ?? separator
      inner = inner.slice(3)
    }
    for (const item of separate(inner, at)) {
      const [name, value] = separate(item, '=', 2)
      if (name && value !== undefined) into.set(name, value)
    }
    rest = rest.slice(end + 1)
  }
  return rest
}

/** One leg to dial: what stood in its `[]`, the endpoint's name, and what the endpoint is given. */
export interface DialLeg {
  readonly variables: Variables
  readonly endpoint: string
  /** Undefined where there was no slash. */
  readonly data: string | undefined
}

/** What stands between two `|`: legs that ring together. Undefined where it cannot be read. */
export type DialGroup = readonly DialLeg[] | undefined

export interface DialString {
  /** One after the other until one answers. Empty when there is nothing to dial. */
  readonly groups: readonly DialGroup[]
}

/** The parts of an enterprise dial string (`a:_:b`), each dialled by itself. */
export function enterpriseParts(text: string): readonly string[] {
  return text.split(':_:').slice(0, mostPeers)
}

export function isEnterprise(text: string): boolean {
  return text.includes(':_:')
}

/** Takes `<…>` off the front of an enterprise dial string; undefined when it does not close. */
export function takeEnterpriseVariables(text: string, into: Variables): string | undefined {
  return takeBlocks(text.trimStart(), '<', ',', into)?.trimStart()
}

/**
 * Reads one dial string. The variables of `<…>` and `{…}` are added to `shared`. Undefined when a block at its front does
 * not close.
 */
export function parseDialString(text: string, shared: Variables): DialString | undefined {
  let rest = takeBlocks(text.trimStart(), '<', ',', shared)
  if (rest === undefined) return undefined
  rest = takeBlocks(rest, '{', ',', shared)
  if (rest === undefined) return undefined
  rest = rest.replace(/^ +/, '')
  const groups = separate(rest, '|')
    .slice(0, mostPeers)
    .map((group) => parseGroup(group))
  return { groups }
}

/** Stand in the place of commas inside `[…]` while a group is cut at its commas. */
const listComma = '\u0002'
const plainComma = '\u0001'

function parseGroup(text: string): DialGroup {
  const legs: DialLeg[] = []
  for (const peer of separate(maskCommas(text), ',').slice(0, mostPeers)) {
    const leg = parseLeg(peer)
    if (!leg) return undefined
    legs.push(leg)
  }
  return legs
}

/** Commas between the variables of a `[…]` become `listComma`; those that belong to a value stay commas in the end. */
function maskCommas(text: string): string {
  if (!text.includes('[')) return text
  let made = ''
  let end = -1
  let quoted = false
  let ownSeparator = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? ''
    if (end < 0 && character === '[') {
      const length = closingIndex(text.slice(i), '[')
      end = length < 0 ? -1 : i + length
      ownSeparator = text.startsWith('^^', i + 1)
      quoted = false
    }
    if (character === "'") quoted = !quoted
    const masks = character === ',' && i < end && text[i - 1] !== '\\'
    made += !masks ? character : quoted || ownSeparator ? plainComma : listComma
    if (i === end) end = -1
  }
  return made
}

function parseLeg(text: string): DialLeg | undefined {
  const variables = new Variables()
  const unmasked = text.replace(/^ +/, '').replaceAll(plainComma, ',')
  const rest = takeBlocks(unmasked, '[', listComma, variables)?.replace(/^ +/, '')
  if (rest === undefined) return undefined
  const slash = rest.indexOf('/')
  return {
    variables,
    endpoint: slash < 0 ? rest : rest.slice(0, slash),
    data: slash < 0 ? undefined : rest.slice(slash + 1),
  }
}
