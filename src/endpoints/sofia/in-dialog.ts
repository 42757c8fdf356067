/** Requests inside a call: re-INVITE, UPDATE, BYE, INFO, REFER, NOTIFY and the rest. */
import { logger } from '../../base/log.ts'
import { causeNumber } from '../../core/hangup-cause.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { authenticate } from './authenticate.ts'
import type { Call } from './call.ts'
import { extraHeaders, keepExtraHeaders, passExtraHeaders } from './extra-headers.ts'
import { headerSets } from './headers.ts'
import { readCallee } from './identity.ts'
import { receiveInfo } from './info.ts'
import { acceptedStatus, bodyFault, messageCounters } from './message.ts'
import { receiveReinvite, refusesInterval } from './re-invite.ts'
import { causeOfMessage } from './reason.ts'
import { receiveRefer } from './refer.ts'
import { takeReferNotify } from './refer-out.ts'
import { answerHeaders, answerTerms } from './session-timer.ts'

const log = logger('sofia/in-dialog')

type Handler = (call: Call, transaction: ServerTransaction) => void

const handlers: Readonly<Record<string, Handler>> = {
  INVITE: receiveReinvite,
  UPDATE: receiveUpdate,
  BYE: receiveBye,
  INFO: receiveInfo,
  REFER: receiveRefer,
  NOTIFY: takeReferNotify,
  OPTIONS: (call, transaction) => {
    transaction.respond(200, {
      headers: [['Contact', call.contact], ...headerSets(call.profile).full],
    })
  },
  MESSAGE: receiveMessage,
  PRACK: (call, transaction) => refuse(call, transaction, 481),
  SUBSCRIBE: (call, transaction) => refuse(call, transaction, 489),
  PUBLISH: (call, transaction) => refuse(call, transaction, 489),
  REGISTER: (call, transaction) => refuse(call, transaction, 405),
}

/** Answers whatever comes; a method that nobody knows gets 501. */
export function receiveInDialog(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const mustAuthenticate =
    call.profile.values.boolean('auth-all-packets') &&
    call.channel.direction === 'inbound' &&
    request.method !== 'BYE' &&
    request.method !== 'PRACK'
  if (mustAuthenticate) {
    if (authenticate(call.profile, transaction, 'proxy').outcome !== 'user') return
  }
  const handler = handlers[request.method]
  if (handler) handler(call, transaction)
  else refuse(call, transaction, 501)
}

function refuse(call: Call, transaction: ServerTransaction, status: number): void {
  transaction.respond(status, { headers: headerSets(call.profile).brief })
}

/** RFC 3261 §15.1.2. */
function receiveBye(call: Call, transaction: ServerTransaction): void {
  const { channel } = call
  const { variables } = channel
  const { request } = transaction
  call.isOver = true
  const reason = request.get('Reason')
  if (reason) {
    variables.setForeign('sip_reason', reason)
    channel.partner?.variables.setForeign('sip_reason', reason)
  }
  const cause = causeOfMessage(request, 200)
  variables.set('sip_term_status', '200')
  variables.set('proto_specific_hangup_cause', 'sip:200')
  variables.set('sip_term_cause', String(causeNumber(cause)))
  const { partner } = channel
  if (partner) {
    partner.variables.set('sip_hangup_phrase', 'OK')
    partner.variables.set('last_bridge_proto_specific_hangup_cause', 'sip:200')
  }
  const headers = extraHeaders(channel, 'sip_bye_h_')
  keepExtraHeaders(channel, request, 'sip_bye_h_')
  passExtraHeaders(channel, partner, 'sip_bye_h_')
  const agent = request.get('User-Agent')
  if (agent) variables.setForeign('sip_user_agent', agent)
  transaction.respond(200, {
    headers: [...headerSets(call.profile).brief, ['Content-Length', '0'], ...headers],
  })
  call.timer.stop()
  call.dialog?.terminate()
  log.info(`BYE from ${channel.name}`, channel.uuid)
  channel.hangup(cause)
  variables.set('sip_hangup_disposition', 'recv_bye')
}

/** RFC 3311: refreshes the session or the name that is shown; a changed offer is for a re-INVITE. */
function receiveUpdate(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  if (refusesInterval(call, transaction)) return
  if (request.hasBody) return receiveReinvite(call, transaction)
  if (readCallee(call.profile, call.channel, request)) call.channel.announce('CALL_UPDATE')
  const terms = request.has('Session-Expires')
    ? answerTerms(call.profile, call.channel, request)
    : undefined
  transaction.respond(200, {
    headers: [['Contact', call.contact], ...headerSets(call.profile).full, ...answerHeaders(terms)],
  })
  if (terms) call.timer.start(terms)
}

/** A text inside the call: told as an event, and handed to the party on the other side. */
function receiveMessage(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const fault = bodyFault(request)
  if (fault) {
    messageCounters['refused body']++
    log.info(`a message is refused with ${fault.status}: ${fault.why}`, call.channel.uuid)
    const headers = [...headerSets(call.profile).brief, ...fault.headers]
    transaction.respond(fault.status, { headers })
    return
  }
  transaction.respond(acceptedStatus(call.profile), { headers: headerSets(call.profile).brief })
  messageCounters.received++
  const { channel } = call
  channel.announce('RECV_MESSAGE', (event) => {
    event.add('from', request.from.uri.userName)
    event.add('type', request.contentType)
    event.body = request.body
  })
  const { partner } = channel
  if (!partner || !request.hasBody) return
  if (partner.driver.sendMessage?.(request.contentType || 'text/plain', request.body) !== true)
    log.info(`${partner.name} takes no messages`, channel.uuid)
}
