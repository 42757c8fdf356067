/** The Reason header (RFC 3326): why a call ends, both ways. */
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import { causeNumber, causeOfNumber, causeOfSipStatus } from '../../core/hangup-cause.ts'
import { isFalse, isTrue } from '../../core/variables.ts'
import type { SipMessage } from '../../sip/message.ts'
import { parameterOf } from '../../sip/text.ts'

/** The Reason that tells `cause`; `sip_reason` of the channel wins, `disable_q850_reason` suppresses it. */
export function reasonText(channel: Channel, cause: HangupCause): string | undefined {
  const { variables } = channel
  const disabled = variables.get('disable_q850_reason')
  if (disabled !== undefined && !isFalse(disabled)) return undefined
  const given = variables.get('sip_reason')
  if (given) return given
  const isElsewhere = cause === 'PICKED_OFF' || cause === 'LOSE_RACE'
  if (isElsewhere && !isTrue(variables.get('ignore_completed_elsewhere'))) {
    return 'SIP;cause=200;text="Call completed elsewhere"'
  }
  const number = causeNumber(cause)
  const protocol = number > 0 && number < 128 ? 'Q.850' : 'SIP'
  return `${protocol};cause=${number};text="${cause}"`
}

/** The cause in a Q.850 Reason of a message, undefined when there is none. */
function causeOfReason(message: SipMessage): HangupCause | undefined {
  for (const text of message.lines('Reason')) {
    const protocol = text.slice(0, text.indexOf(';')).trim().toLowerCase()
    if (protocol !== 'q.850' && protocol !== 'freeswitch') continue
    const number = Number.parseInt(parameterOf(text, 'cause') ?? '', 10)
    if (number > 0) return causeOfNumber(number) ?? 'NORMAL_UNSPECIFIED'
  }
  return undefined
}

/** Why a call ended that a final response or a BYE ended: the Reason, else what the status means. */
export function causeOfMessage(message: SipMessage, status: number): HangupCause {
  return causeOfReason(message) ?? causeOfSipStatus(status)
}
