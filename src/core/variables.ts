/** A channel's variables: names in any case, order kept, a value is a string or a list (`ARRAY::a|:b`). */

export type VariableValue = string | readonly string[]

/** How a list reads as one string. */
export function arrayText(values: readonly string[]): string {
  return `ARRAY::${values.join('|:')}`
}

/** Takes `ARRAY::a|:b` apart; any other text stays one string. */
export function parseArrayText(text: string): VariableValue {
  return text.startsWith('ARRAY::') ? text.slice(7).split('|:') : text
}

export class Variables {
  readonly #entries = new Map<string, { name: string; value: VariableValue }>()

  /** Whether a hook (`execute_on_…`, `api_…`) was ever set: few calls have one, and looking for them costs. */
  hasHooks = false

  /** The value as one string; undefined when it is not set. */
  get(name: string): string | undefined {
    const entry = this.#entries.get(name.toLowerCase())
    if (!entry) return undefined
    return typeof entry.value === 'string' ? entry.value : arrayText(entry.value)
  }

  /** The value with lists as lists. */
  value(name: string): VariableValue | undefined {
    return this.#entries.get(name.toLowerCase())?.value
  }

  has(name: string): boolean {
    return this.#entries.has(name.toLowerCase())
  }

  /** An empty or undefined value unsets, as FreeSWITCH has it. A name that is already there moves to the end, spelt anew. */
  set(name: string, value: VariableValue | undefined): void {
    const key = name.toLowerCase()
    if (value === undefined || value.length === 0) {
      this.#entries.delete(key)
      return
    }
    const parsed = typeof value === 'string' ? parseArrayText(value) : value
    this.#entries.delete(key)
    this.#entries.set(key, { name, value: parsed })
    if (key.startsWith('execute_on_') || key.startsWith('api_')) this.hasHooks = true
  }

  /** Appends to a list: the first is a plain value, with the second it becomes a list. */
  push(name: string, value: string): void {
    const present = this.value(name)
    if (present === undefined) this.set(name, value)
    else this.set(name, [...(typeof present === 'string' ? [present] : present), value])
  }

  unset(name: string): void {
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
    for (const entry of this.#entries.values()) yield [entry.name, entry.value]
  }

  get size(): number {
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
