/** What happened in voicemail since the start; the command `counters` prints it. */
import { onePer } from '../../base/one-per.ts'
import type { Switch } from '../../core/switch.ts'

const names = [
  'left',
  'tooShort',
  'overQuota',
  'failed',
  'logins',
  'wrongPins',
  'lockedOut',
  'mailed',
  'mailRetried',
  'mailFailed',
] as const

export type VoicemailCounters = Record<(typeof names)[number], number>

export const countersOf = onePer<Switch, VoicemailCounters>(
  () => Object.fromEntries(names.map((name) => [name, 0])) as VoicemailCounters,
)
