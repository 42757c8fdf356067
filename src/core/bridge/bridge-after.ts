/** What becomes of the two channels when a bridge is over. */

import type { Channel } from '../channel.ts'
import type { ChannelState } from '../channel-states.ts'
import { runHooks } from '../hooks.ts'
import { separate } from '../separate.ts'
import { transfer } from '../transfer.ts'
import { isTrue } from '../variables.ts'
import { applyFailure } from './bridge-failure.ts'

/**
 * The A-leg, which was in `state` when the bridge began: `exec_after_bridge_app`, `park_after_bridge`,
 * `transfer_after_bridge`, `hangup_after_bridge`; without any it goes on with the next action.
 */
export function afterBridgeA(a: Channel, b: Channel, state: ChannelState): void {
  // Hung up, transferred or parked meanwhile: somebody else says what comes next.
  if (!a.isUp || a.state !== state) return
  planExecuteAfter(a)
  const cause = b.hangupCause ?? 'NORMAL_CLEARING'
  const wish = a.variables.get('hangup_after_bridge')
  if (!b.isAnswered) applyFailure(a, cause)
  if (wish?.toLowerCase() === 'explicit') a.hangup(cause)
  if (!a.isUp || a.state !== state || !(b.isAnswered || b.isEarly)) return
  const says = (name: string) => isTrue(a.variables.get(name))
  const target =
    (b.isAnswered ? a.variables.get('transfer_after_bridge') : undefined) ??
    a.variables.get('transfer_after_early_bridge')
  if ((b.isAnswered && says('park_after_bridge')) || says('park_after_early_bridge')) {
    a.moveTo('park')
  } else if (target) transferAfter(a, target)
  else if (b.isAnswered && isTrue(wish)) a.hangup(cause)
}

/** The B-leg, if it is still there: parked, transferred, or hung up. */
export function afterBridgeB(b: Channel): void {
  if (!b.isUp || b.state !== 'exchange_media') return
  const { variables } = b
  if (planExecuteAfter(b)) return
  if (isTrue(variables.get('park_after_bridge'))) {
    b.moveTo('park')
    return
  }
  const target = variables.get('transfer_after_bridge')
  if (target) transferAfter(b, target)
  else if (b.isAnswered) b.hangup('NORMAL_CLEARING')
  else if (hasOrphanHook(b)) {
    runHooks(b, 'orphaned_bleg')
    variables.set('park_timeout', '3')
    b.moveTo('park')
  } else b.hangup('ORIGINATOR_CANCEL')
}

/** `exec_after_bridge_app` takes the place of what the channel would have executed next. */
function planExecuteAfter(channel: Channel): boolean {
  const application = channel.variables.get('exec_after_bridge_app')
  if (!application) return false
  const data = channel.variables.get('exec_after_bridge_arg') ?? ''
  channel.actions = [{ application, data }]
  if (channel.state !== 'execute') channel.moveTo('execute')
  return true
}

/** `extension:dialplan:context`; used once. */
function transferAfter(channel: Channel, target: string): void {
  channel.variables.unset('transfer_after_bridge')
  const [extension, dialplan, context] = separate(target, ':')
  if (extension) transfer(channel, { extension, dialplan, context })
}

function hasOrphanHook(channel: Channel): boolean {
  if (!channel.variables.hasHooks) return false
  for (const [name] of channel.variables.entries()) {
    if (/^(execute|api)_on_orphaned_bleg/i.test(name)) return true
  }
  return false
}
