/**
 * Hunting: walks a `<context>` of the dialplan for a call and collects the actions of the conditions that hold.
 * Nothing but inline actions runs here; the list is executed when the hunt is over.
 */
import type { XmlNode } from '../../xml/node.ts'
import { fillIn } from '../regex/regex.ts'
import { isTrue } from '../variables.ts'
import { captureList, Judge, type Tell, type Verdict } from './hunt-condition.ts'
import { type PreparedAction, type PreparedCondition, prepareContext } from './hunt-prepare.ts'
import type { HuntAction, HuntOptions, HuntResult, HuntSubject } from './hunt-subject.ts'

export { parseInline } from './hunt-inline.ts'
export type { HuntAction, HuntOptions, HuntResult, HuntSubject }

/** The `<context>` of that name in a `<section name="dialplan">`, in any case, or else the one called `global`. */
export function findContext(section: XmlNode, name: string): XmlNode | undefined {
  const find = (wanted: string) =>
    section.children.find(
      (node) =>
        node.name === 'context' &&
        node.attributes.get('name')?.toLowerCase() === wanted.toLowerCase(),
    )
  return find(name) ?? find('global')
}

/**
 * The actions that a context has for a call; undefined when no extension had any.
 * It begins with `options.start`, or when the variable `auto_hunt` is true with the extension named like
 * `destination_number`, and ends at the first extension that matches without `continue="true"`.
 */
export async function hunt(
  context: XmlNode,
  subject: HuntSubject,
  options: HuntOptions = {},
): Promise<HuntResult | undefined> {
  const extensions = prepareContext(context)
  const run = new Hunt(subject)
  const start =
    options.start ??
    (isTrue(subject.variable('auto_hunt')) ? subject.field('destination_number') : undefined)
  const first =
    start === undefined
      ? 0
      : extensions.findIndex(({ name }) => name.toLowerCase() === start.toLowerCase())
  const contextName = subject.field('context')
  for (const extension of extensions.slice(Math.max(first, 0))) {
    if (options.signal?.aborted) return undefined
    const { name, continueText, continues, conditions } = extension
    run.tell?.(`parsing [${contextName}->${name}] continue=${continueText}`)
    if ((await run.conditions(conditions, name, 0)) && !continues) break
  }
  return run.result()
}

class Hunt {
  readonly #subject: HuntSubject
  readonly #judge: Judge
  readonly #actions: HuntAction[] = []
  /** The first extension that gave an action. */
  #extension: string | undefined
  /** Stands before the log lines of nested conditions. */
  #indent = ''

  /** Tells the log; there is none where nobody reads it. */
  readonly tell: Tell | undefined

  constructor(subject: HuntSubject) {
    this.#subject = subject
    if (subject.wantsLog !== false) this.tell = (text) => subject.log(this.#indent + text)
    this.#judge = new Judge(subject, this.tell)
  }

  result(): HuntResult | undefined {
    if (this.#extension === undefined) return undefined
    return { extension: this.#extension, actions: this.#actions }
  }

  /** Goes through sibling conditions; true when the extension (or the condition around them) still counts as matched. */
  async conditions(
    conditions: readonly PreparedCondition[],
    extension: string,
    depth: number,
  ): Promise<boolean> {
    const name = depth === 0 ? extension : `${extension}_recur_${depth}`
    let proceeds = false
    for (const condition of conditions) {
      const judged = this.#judge.judge(condition, name)
      const verdict = judged instanceof Promise ? await judged : judged
      proceeds = verdict.proceeds ?? proceeds
      if (verdict.passed) await this.#pass(condition, verdict, name)
      else if (condition.antiActions.length > 0) {
        await this.#add(condition.antiActions, undefined, name, 'ANTI-Action')
        // A failure that has something to do is a match.
        proceeds = true
      }
      const mode = condition.breakMode
      if (mode === 'always' || mode === (verdict.passed ? 'on-true' : 'on-false')) break
      if (!proceeds || condition.nested.length === 0) continue
      proceeds = await this.#nested(condition, extension, depth + 1)
      if (!proceeds && mode !== 'never') break
    }
    return proceeds
  }

  async #nested(condition: PreparedCondition, extension: string, depth: number): Promise<boolean> {
    const outer = this.#indent
    this.#indent = `|${'-'.repeat(depth * 4 - 1)} `
    this.tell?.(
      `Processing recursive conditions level:${depth} [${extension}_recur_${depth}]` +
        ` require-nested=${condition.requiresNested ? 'TRUE' : 'FALSE'}`,
    )
    const proceeds = await this.conditions(condition.nested, extension, depth)
    this.#indent = outer
    return proceeds || !condition.requiresNested
  }

  async #pass(condition: PreparedCondition, verdict: Verdict, extension: string): Promise<void> {
    const { captures } = verdict
    if (captures) this.#subject.setVariable('DP_MATCH', captureList(captures))
    const fill = captures && ((data: string) => fillIn(data, captures))
    await this.#add(condition.actions, fill, extension, 'Action')
  }

  async #add(
    actions: readonly PreparedAction[],
    fill: ((data: string) => string) | undefined,
    extension: string,
    label: string,
  ): Promise<void> {
    for (const action of actions) {
      const { application, place, isInline } = action
      const data = fill ? fill(action.data) : action.data
      this.#extension ??= extension
      for (let count = 0; count < action.times; count++) {
        this.tell?.(`${label} ${application}(${data}) ${isInline ? 'INLINE' : ''}`)
        if (isInline) await this.#subject.runInline(application, data)
        else this.#actions.push({ application, data, place })
      }
    }
  }
}
