/** Giving a channel what it is to execute. A leg that was dialled then becomes a caller itself. */

import type { Channel } from '../channel.ts'
import { foundExtension } from '../found-extension.ts'
import type { PlannedAction } from '../interfaces.ts'

/** Sets the actions; the channel still has to be moved to CS_EXECUTE. */
export function giveActions(channel: Channel, actions: readonly PlannedAction[]): void {
  if (channel.direction === 'outbound' && !channel.hasHitDialplan) flipCallerId(channel)
  channel.hasHitDialplan = true
  channel.actions = [...actions]
  const { profile } = channel
  const [first] = actions
  // Not found by a dialplan: `originate … &application`.
  if (first && profile.extension?.actions !== actions)
    profile.extension = foundExtension(first.application, first.data, actions)
}

/**
 * Whom we called is now who calls: caller and callee id change places, and the dialled party's is what applications and
 * `${caller_id_number}` see from now on.
 */
function flipCallerId(channel: Channel): void {
  const { profile, variables } = channel
  for (const part of ['name', 'number'] as const) {
    const callee = profile.get(`callee_id_${part}`)
    if (callee === '') continue
    const caller = profile.get(`caller_id_${part}`)
    variables.set(`pre_transfer_caller_id_${part}`, caller)
    profile.set(`caller_id_${part}`, callee)
    profile.set(`callee_id_${part}`, channel.partner ? '' : caller)
  }
  variables.set('channel_cid_flipped', 'yes')
  const { partner } = channel
  channel.announce('CALL_UPDATE', (event) => {
    event.headers.unshift(['Direction', 'RECV'])
    if (partner) event.add('Bridged-To', partner.uuid)
  })
}
