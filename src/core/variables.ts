/** A channel's variables: names in any case, order kept, a value is a string or a list (`ARRAY::a|:b`). */
import { withoutReferences } from './untrusted.ts'

export type VariableValue = string | readonly string[]

/** One header of an event. The third is how it reads as a line of the plain format, once somebody asked. */
export type EventHeader = [name: string, value: VariableValue, line?: string | undefined]

interface Entry {
  readonly name: string
  value: VariableValue
  /** As an event header, as long as the value stays. */
  header: EventHeader | undefined
}

/**
 * FreeSWITCH does not write a list's text anew when one of its elements is replaced: `${list[1]}` shows the new element and
 * `${list}` still the old one, until something is added.
 */
const keptTexts = new WeakMap<readonly string[], string>()

/** How a list reads as one string; of one element it is that element. */
export function arrayText(values: readonly string[]): string {
  const kept = keptTexts.get(values)
  if (kept !== undefined) return kept
  return values.length > 1 ? `ARRAY::${values.join('|:')}` : (values[0] ?? '')
}

/** Takes `ARRAY::a|:b` apart, empty elements at the front left out; any other text stays one string. */
function parseArrayText(text: string): VariableValue {
  if (!text.startsWith('ARRAY::')) return text
  const elements = text.slice(7).split('|:')
  const first = elements.findIndex((element) => element !== '')
  return first < 0 ? [] : elements.slice(first)
}

/** What goes into SIP messages as headers of its own. */
const headerPrefix = /^sip_(?:[rp]|bye_|info_)?h_/

/** The highest element of a list that can be set. */
const highestIndex = 4000

export class Variables {
  readonly #entries = new Map<string, Entry>()

  /** Whether a hook (`execute_on_…`, `api_…`) was ever set: few calls have one, and looking for them costs. */
  hasHooks = false
  /** Keys of `sip_h_…` and its like, which are looked for by prefix with every message. */
  #headerKeys: Set<string> | undefined
  #deferred: { readonly names: ReadonlySet<string>; readonly fill: () => void } | undefined

  /**
   * Leaves a batch of variables to be set when somebody asks for one of them, sets one, or wants all: most of what a
   * SIP message tells is never read. `names` (lower case) are all that `fill` may set; it runs as if it had run now.
   */
  defer(names: ReadonlySet<string>, fill: () => void): void {
    this.#settle()
    this.#deferred = { names, fill }
  }

  #settle(): void {
    const deferred = this.#deferred
    if (!deferred) return
    this.#deferred = undefined
    deferred.fill()
  }

  #find(name: string): Entry | undefined {
    const key = name.toLowerCase()
    const entry = this.#entries.get(key)
    if (entry !== undefined || this.#deferred?.names.has(key) !== true) return entry
    this.#settle()
    return this.#entries.get(key)
  }

  /** Those whose name begins with a header prefix (`sip_h_`, `sip_rh_`, `sip_ph_`, `sip_bye_h_`, `sip_info_h_`). */
  *withHeaderPrefix(
    prefix: string,
  ): IterableIterator<readonly [name: string, value: VariableValue]> {
    for (const key of this.#headerKeys ?? []) {
      if (!key.startsWith(prefix)) continue
      const entry = this.#entries.get(key)
      if (entry) yield [entry.name, entry.value]
    }
  }

  /** The value as one string; undefined when it is not set. */
  get(name: string): string | undefined {
    const entry = this.#find(name)
    if (!entry) return undefined
    return typeof entry.value === 'string' ? entry.value : arrayText(entry.value)
  }

  /** The value with lists as lists. */
  value(name: string): VariableValue | undefined {
    return this.#find(name)?.value
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined
  }

  /**
   * An empty or undefined value unsets, as FreeSWITCH has it. A name that is already there moves to the end, spelt anew.
   * `name[2]` sets one element of a list, which stays where it is.
   */
  set(name: string, value: VariableValue | undefined): void {
    const bracket = name.indexOf('[')
    if (bracket > 0 && typeof value === 'string') return this.#setElement(name, bracket, value)
    const key = name.toLowerCase()
    if (this.#deferred?.names.has(key) === true) this.#settle()
    this.#entries.delete(key)
    const parsed = typeof value === 'string' ? parseArrayText(value) : value
    if (parsed === undefined || parsed.length === 0) return
    this.#entries.set(key, { name, value: parsed, header: undefined })
    if (key.startsWith('execute_on_') || key.startsWith('api_')) this.hasHooks = true
    else if (key.startsWith('sip_') && headerPrefix.test(key)) {
      this.#headerKeys ??= new Set()
      this.#headerKeys.add(key)
    }
  }

  /** Sets what somebody outside has written: no reference in it is ever expanded, and its name makes no long list (`x[4000]`). */
  setForeign(name: string, value: VariableValue | undefined): void {
    if (name.includes('[')) return
    if (value === undefined) return this.set(name, undefined)
    this.set(
      name,
      typeof value === 'string' ? withoutReferences(value) : value.map(withoutReferences),
    )
  }

  /** A plain value has no elements: setting one makes it a list without it. Elements in between are empty. */
  #setElement(name: string, bracket: number, value: string): void {
    const index = Number.parseInt(name.slice(bracket + 1), 10) || 0
    if (value === '' || index < 0 || index > highestIndex) return
    const list = name.slice(0, bracket)
    const present = this.value(list)
    const before = present === undefined || typeof present === 'string' ? [] : present
    const elements = [...before]
    while (elements.length < index) elements.push('')
    elements[index] = value
    if (index < before.length) keptTexts.set(elements, arrayText(before))
    this.#replace(list, elements)
  }

  /** A new value in the old place. */
  #replace(name: string, value: VariableValue): void {
    const entry = this.#find(name)
    if (entry) {
      entry.value = value
      entry.header = undefined
    } else this.set(name, value)
  }

  /** Appends to a list; a plain value becomes its first element. */
  push(name: string, value: string): void {
    const present = this.value(name)
    if (present === undefined) this.set(name, value === '' ? undefined : [value])
    else this.#replace(name, [...(typeof present === 'string' ? [present] : present), value])
  }

  unset(name: string): void {
    if (this.#deferred?.names.has(name.toLowerCase()) === true) this.#settle()
    this.#entries.delete(name.toLowerCase())
  }

  /** Another set with the same. */
  copy(): Variables {
    const copy = new Variables()
    for (const [name, value] of this.entries()) copy.set(name, value)
    return copy
  }

  /** Name and value of each, in the order they were set last. */
  *entries(): IterableIterator<readonly [name: string, value: VariableValue]> {
    this.#settle()
    for (const entry of this.#entries.values()) yield [entry.name, entry.value]
  }

  /** Adds each to an event's headers as `variable_<name>`. */
  addHeaders(headers: EventHeader[]): void {
    this.#settle()
    for (const entry of this.#entries.values()) {
      entry.header ??= [`variable_${entry.name}`, entry.value, undefined]
      headers.push(entry.header)
    }
  }

  get size(): number {
    this.#settle()
    return this.#entries.size
  }
}

/** FreeSWITCH's words for yes: yes on true t enabled active allow, or a number other than 0. */
export function isTrue(text: string | undefined): boolean {
  if (text === undefined) return false
  const word = text.toLowerCase()
  if (/^-?\d+$/.test(word)) return Number(word) !== 0
  return ['yes', 'on', 'true', 't', 'enabled', 'active', 'allow'].includes(word)
}

/** FreeSWITCH's words for no: no off false f disabled inactive disallow, or 0. */
export function isFalse(text: string | undefined): boolean {
  if (text === undefined) return false
  const word = text.toLowerCase()
  if (/^-?\d+$/.test(word)) return Number(word) === 0
  return ['no', 'off', 'false', 'f', 'disabled', 'inactive', 'disallow'].includes(word)
}
