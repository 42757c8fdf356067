/** Transfer: a channel leaves what it does and is routed anew. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { runHooks } from './hooks.ts'

const log = logger('core/transfer')

export interface TransferTarget {
  readonly extension: string
  /** Default: the channel's own (`inline` becomes XML). */
  readonly dialplan?: string | undefined
  readonly context?: string | undefined
}

/** How often a call may be transferred unless `max_session_transfers` or `max_forwards` says otherwise. */
const defaultForwards = 70

/** Sends a channel to an extension. False when it has been transferred too often and is hung up. */
export function transfer(channel: Channel, target: TransferTarget): boolean {
  if (!channel.isUp) return false
  const { variables, profile } = channel
  const limitName = variables.has('max_session_transfers')
    ? 'max_session_transfers'
    : 'max_forwards'
  const limit = variables.get(limitName)
  const left = limit === undefined ? defaultForwards : Number.parseInt(limit, 10) - 1
  if (!(left > 0)) {
    log.warning('transferred too often', channel.uuid)
    channel.hangup('EXCHANGE_ROUTING_ERROR')
    return false
  }
  variables.set(limitName, String(left))
  variables.unset('temp_hold_music')
  runHooks(channel, 'blind_transfer')

  const forcedDialplan = target.dialplan ? undefined : variables.get('force_transfer_dialplan')
  const forcedContext = target.context ? undefined : variables.get('force_transfer_context')
  const ownDialplan =
    profile.get('dialplan').toLowerCase() === 'inline' ? '' : profile.get('dialplan')
  const dialplan = target.dialplan || forcedDialplan || ownDialplan || 'XML'
  const context = target.context || forcedContext || profile.get('context') || 'default'
  const extension = target.extension || 'service'

  const next = profile.clone()
  next.set('dialplan', dialplan)
  next.set('context', context)
  next.set('destination_number', extension)
  next.set('rdnis', profile.get('destination_number'))
  const source = `${Math.trunc(Date.now() / 1000)}:${next.id}:bl_xfer:${extension}/${context}/${dialplan}`
  next.set('transfer_source', source)

  variables.unset('signal_bond')
  leaveBridge(channel)
  channel.replaceProfile(next)
  variables.push('transfer_history', source)
  variables.set('transfer_source', source)
  channel.isOriginating = false
  channel.task = undefined
  channel.actions = []
  channel.digits.flush()
  log.notice(`transfer ${channel.name} to ${dialplan}[${extension}@${context}]`, channel.uuid)
  channel.moveTo('routing')
  return true
}

/** The other side of a bridge loses its partner: it is hung up when the transferred one had called it. */
function leaveBridge(channel: Channel): void {
  const { partner } = channel
  if (!partner) return
  partner.variables.unset('signal_bond')
  if (channel.variables.has('signal_bridge')) {
    channel.variables.unset('signal_bridge')
    partner.variables.unset('signal_bridge')
    channel.variables.set('hangup_after_bridge', 'false')
    partner.hangup('BLIND_TRANSFER')
  }
}
