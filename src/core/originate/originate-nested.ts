/** Helps endpoints whose leg is itself a dial string (`user/`, `group/`): its text expanded, its time limit. */
import { globalScope } from '../channel-scope.ts'
import { expand } from '../expand/expand.ts'
import type { OutgoingLeg } from '../interfaces.ts'
import type { Variables } from '../variables.ts'

/**
 * Expands a text for a leg: with an A-leg from its variables, without one from the dial string's own, `more` before all.
 */
export async function expandForLeg(
  leg: OutgoingLeg,
  text: string,
  variables: Variables,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { originator, sw } = leg
  if (originator) return sw.expand(text, originator)
  const scope = globalScope(sw)
  return expand(text, {
    ...scope,
    variable: (name) => more[name.toLowerCase()] ?? variables.get(name),
  })
}

/** Seconds: the A-leg's `call_timeout`, else the leg's `leg_timeout` or `call_timeout`, else 60. */
export function legTimeout(leg: OutgoingLeg): number {
  const { originator, variables } = leg
  const text =
    originator?.variables.get('call_timeout') ??
    (originator ? undefined : variables.get('call_timeout')) ??
    variables.get('leg_timeout')
  const seconds = Number.parseInt(text ?? '', 10)
  return seconds > 0 ? seconds : 60
}
