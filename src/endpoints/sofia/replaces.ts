/** An INVITE that takes the place of a party of another call (RFC 3891). */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { answer } from '../../core/answer.ts'
import { joinChannels } from '../../core/bridge/join.ts'
import { parseReplaces } from '../../sip/refer.ts'
import type { InboundCall } from './inbound-call.ts'
import { findCall } from './refer.ts'

const log = logger('sofia/replaces')

/**
 * Has the call replace the one that its Replaces header names, instead of running its dialplan. False: there is no such
 * header or no such call, and the call takes its usual way.
 */
export function replaceParty(call: InboundCall): boolean {
  const text = call.invite.request.get('Replaces')
  if (text === undefined) return false
  const { channel } = call
  try {
    const reference = parseReplaces(text)
    const other = findCall(call, reference)
    if (!other) {
      log.info(`Replaces names no call here: ${reference.callId}`, channel.uuid)
      return false
    }
    // §3: only an early dialog may be replaced when the header says so.
    if (reference.isEarlyOnly && other.channel.isAnswered) {
      call.respond(486, undefined)
      return true
    }
    takePlace(call, other.channel)
    return true
  } catch (thrown) {
    log.warning(`Replaces: ${reasonOf(thrown)}`, channel.uuid)
    call.respond(400, undefined)
    return true
  }
}

function takePlace(call: InboundCall, replaced: InboundCall['channel']): void {
  const { channel } = call
  const { partner } = replaced
  channel.variables.set('endpoint_disposition', 'RECEIVED')
  channel.task = async () => {
    await answer(channel)
    const waiting = partner ?? originatorOf(replaced)
    if (!channel.isUp || !waiting) {
      channel.hangup('DESTINATION_OUT_OF_ORDER')
      return
    }
    replaced.variables.set('transfer_disposition', 'replaced')
    joinChannels(waiting, channel)
    replaced.hangup(replaced.isAnswered ? 'ATTENDED_TRANSFER' : 'PICKED_OFF')
  }
}

/** A leg that only rings has no partner yet: whoever dialled it. */
function originatorOf(channel: InboundCall['channel']): InboundCall['channel'] | undefined {
  const uuid = channel.variables.get('originator')
  return uuid ? channel.sw.channels.get(uuid) : undefined
}
