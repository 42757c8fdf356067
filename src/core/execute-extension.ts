/** Executes what another extension holds, inside what the channel does now. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { executeApplication } from './execute.ts'
import type { TransferTarget } from './transfer.ts'

const log = logger('core/execute')

/** Hunts with a profile of its own and runs the actions one after the other until `signal` aborts. Nothing where none match. */
export async function executeExtension(
  channel: Channel,
  target: TransferTarget,
  signal: AbortSignal,
): Promise<void> {
  const profile = channel.profile.clone()
  profile.times = channel.profile.times
  profile.set('destination_number', target.extension)
  if (target.dialplan) profile.set('dialplan', target.dialplan)
  if (target.context) profile.set('context', target.context)
  for (const entry of (profile.get('dialplan') || 'XML').split(',')) {
    const colon = entry.indexOf(':')
    const name = (colon < 0 ? entry : entry.slice(0, colon)).trim()
    const dialplan = channel.sw.dialplans.get(name)
    if (!dialplan) continue
    const argument = colon < 0 ? '' : entry.slice(colon + 1)
    const actions = await dialplan.hunt(channel, profile, argument)
    if (!actions) continue
    for (const action of actions) {
      if (signal.aborted || !channel.isUp) return
      await executeApplication(channel, action.application, action.data)
    }
    return
  }
  log.info(`execute_extension: ${target.extension} matches nothing`, channel.uuid)
}
