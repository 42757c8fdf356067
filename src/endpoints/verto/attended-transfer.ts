/** Attended transfer: the partners of two calls of a browser meet, and the browser is out of both. */
import { logger } from '../../base/log.ts'
import { joinChannels } from '../../core/bridge/join.ts'
import { followTransfer } from '../../core/session-record.ts'
import { transfer } from '../../core/transfer.ts'
import type { VertoCall } from './call.ts'

const log = logger('verto/transfer')

/** False when neither call is bridged. `first` is the one that the browser is in, `second` the one that it names. */
export function attendedTransfer(first: VertoCall, second: VertoCall): boolean {
  const [a, b] = [first.channel, second.channel]
  const [left, right] = [a.partner, b.partner]
  a.variables.set('refer_uuid', b.uuid)
  a.variables.set('transfer_disposition', 'recv_replace')
  b.variables.set('transfer_disposition', 'replaced')
  if (left && right) {
    right.variables.set('transfer_disposition', 'bridge')
    a.variables.set('transfer_to', `att:${right.uuid}`)
    followTransfer(a, left)
    followTransfer(b, right)
    if (!joinChannels(left, right)) return false
    b.variables.set('endpoint_disposition', 'ATTENDED_TRANSFER')
    log.info(`attended transfer: ${left.name} meets ${right.name}`, a.uuid)
    // Their dialplans must not go on with the browser.
    a.hangup('ATTENDED_TRANSFER')
    b.hangup('ATTENDED_TRANSFER')
    return true
  }
  const [moved, from, lonely] = left ? [left, a, b] : [right, b, a]
  if (!moved) {
    log.warning('an attended transfer needs a call that is bridged', a.uuid)
    return false
  }
  // Only one of the two has a partner: it goes where the browser is in the other one.
  const extension = lonely.profile.get('destination_number')
  const context = lonely.profile.get('context')
  lonely.variables.set('endpoint_disposition', 'ATTENDED_TRANSFER')
  followTransfer(from, moved)
  transfer(moved, { extension, context })
  lonely.hangup('ATTENDED_TRANSFER')
  return true
}
