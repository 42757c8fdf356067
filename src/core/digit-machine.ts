/**
 * Digits against bindings (`bind_digit_action`): whole numbers and regular expressions, in realms of which one is active. Pure but
 * for the clock, by which a number that may go on is taken as whole.
 */
import { type Clock, systemClock, type Timer } from '../base/clock.ts'
import { compilePattern, type Pattern } from './regex/regex.ts'

/** As many as FreeSWITCH takes of a regular expression. */
const mostDigits = 127
/** A realm whose bindings count in every realm. */
const everyRealm = 'all'

interface Binding<Action> {
  readonly text: string
  /** Whole digits, or an expression; `repl` is what the digits become. */
  readonly digits: string
  readonly pattern: Pattern | undefined
  readonly replacement: string | undefined
  /** `=` first: the first match wins at once. */
  readonly isFirst: boolean
  readonly isPriority: boolean
  readonly action: Action
}

interface Realm<Action> {
  bindings: Binding<Action>[]
  terminators: string
}

export interface MachineOwner<Action> {
  matched(action: Action, digits: string): void
  /** No binding wants these. */
  failed(digits: string): void
}

export interface MachineTimes {
  /** ms from digit to digit until what is there is taken as whole. */
  readonly digitMs: number
  /** ms without any digit until `failed` is told of none; 0 never. */
  readonly inputMs: number
}

export class DigitMachine<Action> {
  readonly #owner: MachineOwner<Action>
  readonly #times: MachineTimes
  readonly #clock: Clock
  readonly #realms = new Map<string, Realm<Action>>()
  #active: string | undefined
  #digits = ''
  #timer: Timer | undefined

  constructor(owner: MachineOwner<Action>, times: MachineTimes, clock: Clock = systemClock) {
    this.#owner = owner
    this.#times = times
    this.#clock = clock
  }

  /** The realm whose bindings count; undefined: none, digits go on. */
  get realm(): string | undefined {
    return this.#active
  }

  /** Adds a binding and makes its realm the active one. Throws what a bad expression throws. */
  bind(realm: string, text: string, isPriority: boolean, action: Action): void {
    const isFirst = text.startsWith('=')
    const rest = isFirst ? text.slice(1) : text
    const isRegex = rest.startsWith('~')
    const [digits = '', ...replacement] = isRegex ? rest.slice(1).split('~~') : [rest]
    const pattern = isRegex ? compilePattern(digits) : undefined
    const target = this.#realms.get(realm) ?? { bindings: [], terminators: '' }
    this.#realms.set(realm, target)
    const binding = {
      text,
      digits,
      pattern,
      replacement: replacement.length > 0 ? replacement.join('~~') : undefined,
      isFirst,
      isPriority,
      action,
    }
    const index = target.bindings.findIndex((one) => one.text === text)
    if (index >= 0) target.bindings[index] = binding
    else target.bindings.push(binding)
    if (realm !== everyRealm || this.#active === undefined) this.#active = realm
    this.#startTimer()
  }

  /** Of the active realm: any of these ends the digits. */
  setTerminators(terminators: string): void {
    const realm = this.#realms.get(this.#active ?? '')
    if (realm) realm.terminators = terminators
  }

  /** False when there is no such realm; `none` makes none active. */
  setRealm(name: string): boolean {
    const isNone = name.toLowerCase() === 'none'
    if (!isNone && !this.#realms.has(name)) return false
    this.#active = isNone ? undefined : name
    return true
  }

  clearRealm(name: string): void {
    this.#realms.delete(name)
    if (this.#active === name) this.#active = undefined
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#realms.clear()
    this.#active = undefined
  }

  /** Takes a digit; false when no realm is active, so that it is nobody's here. */
  feed(digit: string): boolean {
    if (this.#active === undefined) return false
    this.#digits += digit
    this.#judge(false)
    this.#startTimer()
    return true
  }

  #startTimer(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    const ms = this.#digits === '' ? this.#times.inputMs : this.#times.digitMs
    if (ms > 0 && this.#active !== undefined)
      this.#timer = this.#clock.after(ms, () => this.#timedOut())
  }

  #timedOut(): void {
    this.#timer = undefined
    if (this.#digits === '') this.#owner.failed('')
    else this.#judge(true)
    this.#startTimer()
  }

  get #bindings(): readonly Binding<Action>[] {
    const own = this.#realms.get(this.#active ?? '')?.bindings ?? []
    const all = this.#active === everyRealm ? [] : (this.#realms.get(everyRealm)?.bindings ?? [])
    return [...own, ...all]
  }

  #judge(isTimeout: boolean): void {
    const bindings = this.#bindings
    const terminators = this.#realms.get(this.#active ?? '')?.terminators ?? ''
    const last = this.#digits.at(-1) ?? ''
    const isEnded = terminators.includes(last)
    const digits = isEnded ? this.#digits.slice(0, -1) : this.#digits
    const found = decide(bindings, digits, isTimeout || isEnded)
    if (found === 'wait' && this.#digits.length < mostDigits) return
    const all = this.#digits
    this.#digits = ''
    if (found === 'wait' || found === 'none') this.#owner.failed(all)
    else this.#owner.matched(found.binding.action, found.digits)
  }
}

type Decision<Action> = 'wait' | 'none' | { binding: Binding<Action>; digits: string }

/** What the digits mean; with `isWhole` no more are awaited. */
function decide<Action>(
  bindings: readonly Binding<Action>[],
  digits: string,
  isWhole: boolean,
): Decision<Action> {
  const hasRegex = bindings.some(({ pattern }) => pattern)
  const isExact = ({ pattern, digits: own }: Binding<Action>) => !pattern && own === digits
  const exact = bindings.find(isExact)
  let mayGoOn = false
  for (const binding of bindings) {
    const { pattern, isFirst, isPriority } = binding
    if (!pattern) {
      if (binding.digits !== digits && binding.digits.startsWith(digits)) mayGoOn = true
      continue
    }
    const match = pattern.exec(digits)
    mayGoOn = true
    if (!match) continue
    // An expression may match more: it is taken at once only where nothing else could be meant.
    if (isFirst || isWhole || (isPriority && !exact) || bindings.length === 1)
      return { binding, digits: substituted(binding, match) ?? digits }
  }
  if (exact) {
    const isUrgent = exact.isFirst || exact.isPriority
    if (isWhole || isUrgent || (!hasRegex && !mayGoOn)) return { binding: exact, digits }
    return 'wait'
  }
  return mayGoOn && !isWhole ? 'wait' : 'none'
}

/** `$1` and `%1` are groups of the match. */
function substituted<Action>(
  { replacement }: Binding<Action>,
  match: readonly (string | undefined)[],
): string | undefined {
  return replacement?.replace(/[$%](\d+)/g, (_, group: string) => match[Number(group)] ?? '')
}
