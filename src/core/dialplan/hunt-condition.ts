/** Tells how one `<condition>` of the dialplan goes: its time attributes, its field or its list of `<regex>` tests. */

import { type TimeTest, type TimeView, timeMatches, timeView } from '../time/time-match.ts'
import { noTimeZones } from '../time/timezone.ts'
import { dynamicPattern, type PreparedCondition, type PreparedTest } from './hunt-prepare.ts'
import type { HuntSubject } from './hunt-subject.ts'

/** The whole match at 0, then the groups; undefined where a group took no part. */
export type Groups = readonly (string | undefined)[]

/** How a condition went. */
export interface Verdict {
  /** Actions when true, anti-actions when false. */
  readonly passed: boolean
  /** Whether the extension goes on; not always the same (see `testList`). Undefined: as it was before. */
  readonly proceeds: boolean | undefined
  /** What `$1` stands for in the actions; undefined: dollars stay as they are. */
  readonly captures: Groups | undefined
}

/** Tells the log how a test went; there is none where nobody reads it. */
export type Tell = (text: string) => void

/** How a test went: the groups where it passed, and whether the expression has any. */
interface Match {
  readonly groups: Groups | undefined
  readonly capturing: boolean
}

/** Judges conditions for one call. */
export class Judge {
  readonly #subject: HuntSubject
  readonly #tell: Tell | undefined
  /** The clocks, by the zone variables they were made for. */
  #view: { readonly key: string; readonly view: TimeView } | undefined

  constructor(subject: HuntSubject, tell: Tell | undefined) {
    this.#subject = subject
    this.#tell = tell
  }

  /** A promise only where a command in a text takes its time: most conditions are known at once. */
  judge(condition: PreparedCondition, extension: string): Verdict | Promise<Verdict> {
    const time = this.#time(condition.time)
    const how = `break=${condition.breakMode}`
    if (time !== undefined) this.#tell?.(`Date/Time Match (${word(time)}) [${extension}] ${how}`)
    if (!condition.rule) return this.#own(condition, time, extension, how)
    return this.#list(condition, extension).then((verdict) => besideTime(verdict, time))
  }

  #own(
    { own }: PreparedCondition,
    time: boolean | undefined,
    extension: string,
    how: string,
  ): Verdict | Promise<Verdict> {
    if (own.field === undefined) {
      if (time !== undefined) return { passed: time, proceeds: time, captures: undefined }
      this.#tell?.(`Absolute Condition [${extension}]`)
      return { passed: true, proceeds: true, captures: undefined }
    }
    const match = this.#match(own, own.field, extension, how)
    return match instanceof Promise
      ? match.then((known) => besideTime(verdictOf(known), time))
      : besideTime(verdictOf(match), time)
  }

  /**
   * `any` stops at the first that passes, `all` at the first that fails, `xor` asks all and wants exactly one.
   * `DP_REGEX_MATCH_<n>` is set for the tests with groups, except the one at which the list stopped.
   * Whether the extension proceeds is the last test's word, but a matching test with groups that was not the stop
   * overrules it: a list of `all` can fail and yet count as a match without actions.
   */
  async #list({ rule, regexes }: PreparedCondition, extension: string): Promise<Verdict> {
    const stopsAt = rule === 'any' ? true : rule === 'all' ? false : undefined
    let passes = 0
    let fails = 0
    let proceeds: boolean | undefined
    let last: Groups | undefined
    let lastCapturing: Groups | undefined
    let passing: Groups | undefined
    forgetCaptures(this.#subject)
    for (const [index, test] of regexes.entries()) {
      const time = this.#time(test.time)
      if (time !== undefined) this.#tell?.(`Date/Time Match (${word(time)}) [${extension}]`)
      let passed = time ?? true
      last = undefined
      if (test.field !== undefined) {
        const { groups, capturing } = await this.#match(
          test,
          test.field,
          extension,
          `match=${rule}`,
        )
        passed = groups !== undefined
        proceeds = passed
        if (capturing) last = groups ?? []
        if (capturing && groups) passing = groups
      } else if (passed) {
        if (time === undefined) this.#tell?.(`Absolute Condition [${extension}] match=${rule}`)
        proceeds = true
      }
      if (passed) passes++
      else fails++
      if (passed === stopsAt) break
      if (last) {
        keepCaptures(this.#subject, index + 1, captureList(last))
        lastCapturing = last.length > 0 ? last : undefined
      }
    }
    const passed = rule === 'xor' ? passes === 1 : rule === 'all' ? fails === 0 : passes > 0
    if (lastCapturing) return { passed, proceeds: true, captures: lastCapturing }
    // An xor whose last test has groups and fails: the one that passed gives them.
    const captures = last && rule === 'xor' ? (passing ?? last) : last
    return { passed, proceeds, captures }
  }

  #match(
    test: PreparedTest,
    field: string,
    extension: string,
    how: string,
  ): Match | Promise<Match> {
    const { expression } = test
    const expanded = test.isDynamic ? this.#subject.expand(expression) : expression
    if (typeof expanded === 'string') return this.#matchWith(expanded, test, field, extension, how)
    return expanded.then((known) => this.#matchWith(known, test, field, extension, how))
  }

  #matchWith(
    expression: string,
    test: PreparedTest,
    field: string,
    extension: string,
    how: string,
  ): Match | Promise<Match> {
    const subject = this.#subject
    const compare = (value: string): Match => {
      const pattern = test.isDynamic ? dynamicPattern(expression, test.place) : test.pattern()
      const groups = pattern?.exec(value)
      const result = word(groups !== undefined)
      this.#tell?.(`Regex (${result}) [${extension}] ${field}(${value}) =~ /${expression}/ ${how}`)
      return { groups, capturing: expression.includes('(') }
    }
    const value = test.fieldIsText ? subject.expand(field) : subject.field(field)
    return typeof value === 'string' ? compare(value) : value.then(compare)
  }

  #time(test: TimeTest | undefined): boolean | undefined {
    if (!test) return undefined
    const { now, zones = noTimeZones } = this.#subject
    const offset = this.#subject.variable('tod_tz_offset')
    const zone = this.#subject.variable('timezone')
    const key = `${offset ?? ''}\n${zone ?? ''}`
    if (this.#view?.key !== key) this.#view = { key, view: timeView(now, zones, offset, zone) }
    return timeMatches(test, this.#view.view)
  }
}

function verdictOf({ groups, capturing }: Match): Verdict {
  const passed = groups !== undefined
  return { passed, proceeds: passed, captures: capturing ? (groups ?? []) : undefined }
}

/** Time attributes beside a field or a list act as "or" for the actions; whether it goes on is the other's to say. */
function besideTime(verdict: Verdict, time: boolean | undefined): Verdict {
  if (time === undefined) return verdict
  const { passed, proceeds, captures } = verdict
  return { passed: passed || time, proceeds: proceeds ?? time, captures }
}

function word(passed: boolean): string {
  return passed ? 'PASS' : 'FAIL'
}

const listCapture = 'DP_REGEX_MATCH_'
/** The highest number under which a list ever kept its captures: those are to be forgotten before the next list. */
let highestCapture = 0

function keepCaptures(
  subject: HuntSubject,
  number: number,
  value: readonly string[] | undefined,
): void {
  highestCapture = Math.max(highestCapture, number)
  subject.setVariable(listCapture + number, value)
}

function forgetCaptures(subject: HuntSubject): void {
  for (let number = 1; number <= highestCapture; number++) {
    const name = listCapture + number
    if (subject.variable(name) !== undefined) subject.setVariable(name, undefined)
  }
}

/**
 * The groups as a list variable (`DP_MATCH`). Groups without a part are left out, and as adding an empty value
 * unsets a variable, an empty group drops what stood before it. Undefined when nothing is left.
 */
export function captureList(groups: Groups): readonly string[] | undefined {
  let list: string[] = []
  for (const group of groups) {
    if (group === undefined) continue
    if (group === '') list = []
    else list.push(group)
  }
  return list.length > 0 ? list : undefined
}
