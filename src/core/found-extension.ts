/** Which extension of a dialplan a caller profile was given, and how far it was executed: `callflow` of the records. */
import type { CallerProfile } from './caller-profile.ts'
import type { PlannedAction } from './interfaces.ts'

export interface FoundExtension {
  readonly name: string
  readonly number: string
  readonly actions: readonly PlannedAction[]
  /** Index of the action that comes next; FreeSWITCH counts one that runs as done. */
  next: number
  /** The profiles that `execute_extension` hunted with while it ran. */
  readonly children: CallerProfile[]
}

export function foundExtension(
  name: string,
  number: string,
  actions: readonly PlannedAction[],
): FoundExtension {
  return { name, number, actions, next: 0, children: [] }
}
