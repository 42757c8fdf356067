/** Join (`uuid_bridge`): two living channels leave what they do and are bridged with each other. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../channel.ts'
import { newUuid } from '../events.ts'
import { snapshot } from '../originate/originate-leg.ts'
import { transfer } from '../transfer.ts'
import { isTrue } from '../variables.ts'
import { bridgeChannels } from './bridge.ts'

const log = logger('core/join')

/**
 * Bridges `first` with `second`; the one whose sound is up leads. False when that cannot be: one is hung up, or neither has
 * been reached. Returns at once; the bridge follows when both have left what they did.
 */
export function joinChannels(first: Channel, second: Channel): boolean {
  if (first === second || !first.isUp || !second.isUp) return false
  if (!hasSound(first) && !hasSound(second)) {
    log.crit('neither channel is answered; they cannot be bridged', first.uuid)
    return false
  }
  const [a, b] = hasSound(first) ? [first, second] : [second, first]
  a.hasHitDialplan = true
  renewProfiles(a, b)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.variables.set('bridge_channel', other.name)
    one.variables.set('bridge_uuid', other.uuid)
    one.variables.set('signal_bond', other.uuid)
    one.isOriginating = false
  }
  let arrived = () => {}
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve
  })
  b.task = (signal) => {
    arrived()
    return untilAborted(signal)
  }
  a.task = (signal) => lead(a, b, waiting, signal)
  a.moveTo('soft_execute')
  b.moveTo('soft_execute')
  return true
}

function hasSound(channel: Channel): boolean {
  return channel.isAnswered || channel.isEarly
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What the leading channel does in CS_SOFT_EXECUTE. */
async function lead(
  a: Channel,
  b: Channel,
  waiting: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await Promise.race([waiting, untilAborted(signal), untilGone(b)])
  if (signal.aborted || !a.isUp) return
  if (!b.isUp || b.state !== 'soft_execute') return endAlone(a)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.announce('CHANNEL_EXECUTE', (event) => {
      event.add('Application', 'uuid_bridge')
      event.add('Application-Data', other.uuid)
    })
  }
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    show(one, other)
  await bridgeChannels(a, b)
  if (signal.aborted || !a.isUp || a.state !== 'soft_execute') return
  // It goes on with what is left of its actions, and ends where there is nothing left.
  a.moveTo('execute')
}

/** The telephone of `one` shows whom it talks with from now on. */
function show(one: Channel, other: Channel): void {
  const role = other.direction === 'inbound' ? 'caller' : 'callee'
  const name = other.profile.get(`${role}_id_name`)
  const number = other.profile.get(`${role}_id_number`)
  one.driver.display?.(name || number, number)
}

/** Resolves when the channel is hung up or asked for another state. */
function untilGone(channel: Channel): Promise<void> {
  return new Promise((resolve) => {
    if (!channel.isUp) resolve()
    else channel.signals.once('state', () => resolve())
  })
}

/** The other one went away before they met. */
function endAlone(a: Channel): void {
  const { variables } = a
  const target = variables.get('transfer_after_bridge')
  if (isTrue(variables.get('park_after_bridge'))) a.moveTo('park')
  else if (isTrue(variables.get('uuid_bridge_continue_on_cancel'))) a.moveTo('execute')
  else if (isTrue(variables.get('uuid_bridge_park_on_cancel'))) a.moveTo('park')
  else if (target) {
    const [extension = '', dialplan, context] = target.split(':')
    transfer(a, { extension, dialplan, context })
  } else a.hangup('ORIGINATOR_CANCEL')
}

/** Both get a new profile that remembers the other party; the old ones stay behind them. */
function renewProfiles(a: Channel, b: Channel): void {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { profile, variables } = one
    variables.set('original_destination_number', profile.get('destination_number'))
    variables.set('original_caller_id_name', profile.get('caller_id_name'))
    variables.set('original_caller_id_number', profile.get('caller_id_number'))
    const next = profile.clone()
    const source = `${Math.trunc(Date.now() / 1000)}:${newUuid()}:uuid_br:${other.uuid}`
    next.set('transfer_source', source)
    one.replaceProfile(next)
    variables.push('transfer_history', source)
    variables.set('transfer_source', source)
  }
  b.profile.meet('originator', snapshot(a.profile))
  b.otherLeg = 'originator'
  a.profile.meet('originatee', snapshot(b.profile))
  a.otherLeg = 'originatee'
  a.profile.set('callee_id_name', b.profile.get('callee_id_name'))
  a.profile.set('callee_id_number', b.profile.get('callee_id_number'))
  b.profile.set('caller_id_name', a.profile.get('caller_id_name'))
  b.profile.set('caller_id_number', a.profile.get('caller_id_number'))
}
