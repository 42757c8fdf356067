/** Which applications a channel has run, in their order: `last_app`, `last_arg` and `app_log` of the records. */
import { logger } from '../base/log.ts'
import { onePer } from '../base/one-per.ts'
import type { Channel } from './channel.ts'
import { nowMicros } from './time/times.ts'
import { isTrue } from './variables.ts'

const log = logger('core/execute')

interface LoggedApplication {
  readonly name: string
  readonly data: string
  /** µs since the epoch. */
  readonly at: number
}

const logOf = onePer((_channel: Channel): LoggedApplication[] => [])

/** A dialplan that runs in a circle for hours is remembered by its latest ones. */
const mostApplications = 1000

/** One begins. `disable_app_log` keeps it out. */
export function logApplication(channel: Channel, name: string, data: string): void {
  if (isTrue(channel.variables.get('disable_app_log'))) return
  const entries = logOf(channel)
  entries.push({ name, data, at: nowMicros() })
  if (entries.length <= mostApplications) return
  if (entries.length === mostApplications + 1)
    log.info(`more than ${mostApplications} applications: the first are not recorded`, channel.uuid)
  // In blocks: each further application would move all of them.
  if (entries.length >= 2 * mostApplications) entries.splice(0, mostApplications)
}

export function lastApplication(channel: Channel): LoggedApplication | undefined {
  return logOf(channel).at(-1)
}

/** All that are remembered, in the order they began. */
export function applicationLog(channel: Channel): readonly LoggedApplication[] {
  return logOf(channel).slice(-mostApplications)
}
