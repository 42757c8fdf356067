/** Executes what another extension holds, inside what the channel does now. */
import { logger } from '../../base/log.ts'
import type { CallerProfile } from '../caller-profile.ts'
import type { Channel } from '../channel.ts'
import { executeApplication } from '../execute.ts'
import type { PlannedAction } from '../interfaces.ts'
import type { TransferTarget } from '../transfer.ts'

const log = logger('core/execute')

/**
 * Hunts with a profile of its own, which the channel shows while the actions run one after the other, until `signal` aborts.
 * Nothing happens where none match.
 */
export async function executeExtension(
  channel: Channel,
  target: TransferTarget,
  signal: AbortSignal,
): Promise<void> {
  const before = channel.profile
  const profile = before.clone()
  profile.times = before.times
  profile.index = before.index
  profile.previous = before.previous
  profile.originator = before.originator
  profile.originatee = before.originatee
  profile.origination = before.origination
  profile.set('destination_number', target.extension)
  if (target.dialplan) profile.set('dialplan', target.dialplan)
  if (target.context) profile.set('context', target.context)
  channel.profile = profile
  try {
    const actions = await huntActions(channel, profile)
    const { extension } = profile
    if (extension) before.extension?.children.push(profile)
    for (const [index, action] of actions.entries()) {
      if (signal.aborted || !channel.isUp) return
      if (extension) extension.next = index
      await executeApplication(channel, action.application, action.data)
    }
  } finally {
    // A transfer has put another in its place, which stays.
    if (channel.profile === profile) channel.profile = before
  }
}

async function huntActions(
  channel: Channel,
  profile: CallerProfile,
): Promise<readonly PlannedAction[]> {
  for (const entry of (profile.get('dialplan') || 'XML').split(',')) {
    const colon = entry.indexOf(':')
    const name = (colon < 0 ? entry : entry.slice(0, colon)).trim()
    const argument = colon < 0 ? '' : entry.slice(colon + 1)
    const actions = await channel.sw.dialplans.get(name)?.hunt(channel, profile, argument)
    if (actions) return actions
  }
  log.info(`execute_extension: ${profile.get('destination_number')} matches nothing`, channel.uuid)
  return []
}
