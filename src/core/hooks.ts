/** Hooks: variables whose value is an application (`execute_on_answer`) or a command (`api_on_answer`) to run then. */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { executeApplication } from './execute.ts'

const log = logger('core/hooks')

export type HookMoment =
  | 'answer'
  | 'pre_answer'
  | 'media'
  | 'ring'
  | 'originate'
  | 'pre_originate'
  | 'post_originate'
  | 'pre_bridge'
  | 'post_bridge'
  | 'tone_detect'
  | `spandsp_tone_detect_${string}`
  | 'avmd_beep'
  | 'fax_detect'
  | 'record_start'
  | 'record_stop'
  | 'media_timeout'
  | 'blind_transfer'
  | 'orphaned_bleg'
  | 'pickup'

/** The values of every variable that begins with `prefix`, lists taken apart, in order. */
function valuesOf(channel: Channel, prefix: string): string[] {
  const values: string[] = []
  for (const [name, value] of channel.variables.entries()) {
    if (!name.toLowerCase().startsWith(prefix)) continue
    if (typeof value === 'string') values.push(value)
    else values.push(...value)
  }
  return values
}

/**
 * Runs the hooks of a moment. `app::args` is queued and runs beside what the channel does; `app args` runs now, and
 * what it does that is not instant goes on by itself.
 */
export function runHooks(channel: Channel, moment: HookMoment): void {
  if (!channel.variables.hasHooks) return
  void runInTurn(channel, valuesOf(channel, `execute_on_${moment}`))
  for (const value of valuesOf(channel, `api_on_${moment}`)) runCommandHook(channel, value)
}

async function runInTurn(channel: Channel, values: readonly string[]): Promise<void> {
  for (const value of values) await runApplicationHook(channel, value)
}

/** Runs one such value: `app args` or `app:args` now, `app::args` queued. Resolves when it is over; never rejects. */
export async function runApplicationHook(channel: Channel, value: string): Promise<void> {
  const [, application = '', separator = '', data = ''] =
    /^(.*?)(?:(::|[ :])(.*))?$/s.exec(value) ?? []
  if (separator === '::') {
    channel.queue.add({ application, data })
    return
  }
  await executeApplication(channel, application, data, { persists: true }).catch(
    (thrown: unknown) => log.err(`hook ${value} failed: ${reasonOf(thrown)}`, channel.uuid),
  )
}

/** Runs `command args` for a channel, its text expanded first; failures are logged. */
export function runCommandHook(channel: Channel, value: string): void {
  void beginCommand(channel, value, false)
}

/**
 * The same when the call has ended: the event of the command tells of the channel (REQUEST_PARAMS in place of API). Resolves
 * when the command has begun; `ran` when it is over, and neither rejects.
 */
export function beginReportHook(channel: Channel, value: string): Promise<{ ran: Promise<void> }> {
  return beginCommand(channel, value, true)
}

async function beginCommand(
  channel: Channel,
  value: string,
  isReport: boolean,
): Promise<{ ran: Promise<void> }> {
  const failed = (thrown: unknown) =>
    log.err(`hook ${value} failed: ${reasonOf(thrown)}`, channel.uuid)
  try {
    const line = await channel.sw.expand(value, channel)
    const ran = channel.sw
      .runCommand(line, channel, isReport)
      .then((reply) => log.debug(`api hook ${line} → ${reply.trim()}`, channel.uuid), failed)
    return { ran }
  } catch (thrown) {
    failed(thrown)
    return { ran: Promise.resolve() }
  }
}
