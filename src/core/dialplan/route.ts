/** CS_ROUTING: finds what to do with a channel by asking its dialplans in turn. */
import { logger } from '../../base/log.ts'
import type { Activity } from '../activity.ts'
import type { Channel } from '../channel.ts'
import { giveActions } from './give-actions.ts'

const log = logger('core/route')

/**
 * Asks each dialplan of the profile (`XML,enum`; `XML:/file`) until one has actions, then goes on to CS_EXECUTE.
 * Without any: NO_ROUTE_DESTINATION.
 */
export async function routeChannel(channel: Channel, activity: Activity): Promise<void> {
  const { profile } = channel
  const destination = profile.get('destination_number')
  if (log.wants(6))
    log.info(
      `Processing ${profile.get('caller_id_name')} <${profile.get('caller_id_number')}>->${destination} in context ${profile.get('context')}`,
      channel.uuid,
    )
  for (const entry of (profile.get('dialplan') || 'XML').split(',')) {
    const colon = entry.indexOf(':')
    const name = (colon < 0 ? entry : entry.slice(0, colon)).trim()
    const dialplan = channel.sw.dialplans.get(name)
    if (!dialplan) {
      log.err(`no dialplan named ${name}`, channel.uuid)
      continue
    }
    const argument = colon < 0 ? '' : entry.slice(colon + 1)
    const actions = await dialplan.hunt(channel, profile, argument)
    // An inline action may have transferred or hung up.
    if (activity.aborted || !channel.isUp) return
    if (!actions) continue
    giveActions(channel, actions)
    channel.moveTo('execute')
    return
  }
  log.info(`no route, aborting: ${destination}`, channel.uuid)
  channel.hangup('NO_ROUTE_DESTINATION')
}
