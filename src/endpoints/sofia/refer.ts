/** REFER from a party of a call: blind and attended transfer (RFC 3515, RFC 3891), answered with 202 and told of by NOTIFY. */
import { reasonOf } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { joinChannels } from '../../core/bridge/join.ts'
import type { Channel } from '../../core/channel.ts'
import { followTransfer } from '../../core/session-record.ts'
import { transfer } from '../../core/transfer.ts'
import { isTrue } from '../../core/variables.ts'
import type { Dialog } from '../../sip/dialog.ts'
import type { HeaderLine } from '../../sip/message.ts'
import { type DialogReference, parseReferTo, type ReferTarget } from '../../sip/refer.ts'
import type { ServerTransaction } from '../../sip/transaction-server.ts'
import { unescapeUri } from '../../sip/uri.ts'
import type { Call } from './call.ts'
import { callOfOwner } from './call-table.ts'
import { contactText, headerSets } from './headers.ts'
import type { Profile } from './profile.ts'
import { profilesOf } from './profiles.ts'

const log = logger('sofia/refer')

export function receiveRefer(call: Call, transaction: ServerTransaction): void {
  const { request } = transaction
  const { channel, profile } = call
  if (profile.values.boolean('disable-transfer')) {
    transaction.respond(403, { headers: headerSets(profile).brief })
    return
  }
  transaction.respond(202, {
    headers: [['Contact', call.contact], ['Expires', '60'], ...headerSets(profile).events],
  })
  const text = request.get('Refer-To')
  if (text === undefined) {
    log.warning('a REFER without Refer-To is accepted and does nothing', channel.uuid)
    return
  }
  const event = `refer;id=${request.cseq.number}`
  let target: ReferTarget
  try {
    target = parseReferTo(text)
  } catch (thrown) {
    log.warning(`REFER: ${reasonOf(thrown)}`, channel.uuid)
    notify(call, event, '400 Bad Request')
    return
  }
  const by = request.get('Referred-By')
  channel.variables.set('transfer_disposition', 'recv_replace')
  if (target.uri.parameters) {
    channel.variables.setForeign('sip_refer_to_params', target.uri.parameters.slice(1))
  }
  const tell = (status: string) => notify(call, event, status)
  if (target.replaces) transferAttended(call, target, target.replaces, tell)
  else tell(transferBlind(call, target, text, by))
}

/**
 * A REFER of no call (RFC 3515 §2.4.1): there is nobody to be sent elsewhere, which the NOTIFY that has to follow says.
 */
export function receiveStrayRefer(profile: Profile, transaction: ServerTransaction): boolean {
  const { request } = transaction
  const sets = headerSets(profile)
  if (profile.values.boolean('disable-transfer')) {
    return transaction.respond(403, { headers: sets.full }) || true
  }
  if (!request.contact) return transaction.respond(400, { headers: sets.full }) || true
  const contact = contactText(profile, request.uri.user ?? '', request.flow?.protocol ?? 'udp')
  transaction.respond(202, { headers: [['Contact', contact], ['Expires', '60'], ...sets.events] })
  const dialog = profile.agent.answeringDialog(transaction, 'confirmed')
  const notice = noticeOf(profile, contact, `refer;id=${request.cseq.number}`)
  dialog.send(dialog.createRequest('NOTIFY', notice, 'SIP/2.0 403 Forbidden\r\n'), {
    final: () => dialog.terminate(),
  })
  return true
}

/** The last word on a REFER; FreeSWITCH sends one NOTIFY that also ends the subscription. */
function notify(call: Call, event: string, status: string): void {
  const { dialog, profile } = call
  if (dialog?.state !== 'confirmed') return
  const headers = noticeOf(profile, call.contact, event)
  const request = dialog.createRequest('NOTIFY', headers, `SIP/2.0 ${status}\r\n`)
  dialog.send(request, { final: () => {} })
}

function noticeOf(profile: Profile, contact: string, event: string): HeaderLine[] {
  const [agent, allow, supported, allowEvents] = headerSets(profile).events
  const headers: HeaderLine[] = [['Contact', contact]]
  for (const header of [agent, allow, supported]) if (header) headers.push(header)
  headers.push(['Event', event])
  if (allowEvents) headers.push(allowEvents)
  headers.push(
    ['Subscription-State', 'terminated;reason=noresource'],
    ['Content-Type', 'message/sipfrag;version=2.0'],
  )
  return headers
}

/** The partner goes to the extension that Refer-To names. */
function transferBlind(
  call: Call,
  target: ReferTarget,
  text: string,
  by: string | undefined,
): string {
  const { channel, profile } = call
  const { partner } = channel
  if (!partner) {
    log.warning('REFER: the call is not bridged, nobody can be transferred', channel.uuid)
    return '403 Forbidden'
  }
  if (isTrue(channel.variables.get('deny_refer_requests'))) return '403 Forbidden'
  const user = target.uri.userName
  const extension = profile.values.boolean('full-id-in-dialplan')
    ? `${user}@${target.uri.host}`
    : user
  const { variables } = partner
  const fullName = channel.variables.get('sip_from_user') ?? ''
  variables.set('transfer_fallback_extension', fullName)
  if (by) variables.setForeign('sip_h_Referred-By', by)
  variables.setForeign('sip_refer_to', text)
  channel.variables.set('transfer_to', `blind:${partner.uuid}`)
  channel.variables.set('endpoint_disposition', 'BLIND_TRANSFER')
  for (const [name, value] of headersOfTarget(target)) variables.setForeign(`sip_h_${name}`, value)
  followTransfer(channel, partner)
  transfer(partner, { extension })
  return '200 OK'
}

/** Headers in the URI (`?X-Foo=bar`) go into the new INVITE. */
function headersOfTarget(target: ReferTarget): [string, string][] {
  return target.uri.headers
    .split('&')
    .map((piece): [string, string] => {
      const sign = piece.indexOf('=')
      return [piece.slice(0, Math.max(0, sign)), unescapeUri(piece.slice(sign + 1))]
    })
    .filter(([name]) => /^X-/i.test(name))
}

/** The partners of both calls of the transferor meet; `tell` sends the NOTIFY, which goes out before the BYEs. */
function transferAttended(
  call: Call,
  target: ReferTarget,
  reference: DialogReference,
  tell: (status: string) => void,
): void {
  const { channel } = call
  const other = findCall(call, reference)
  const first = channel.partner
  if (!other) return tell(first ? replaceElsewhere(first, target, reference) : '403 Forbidden')
  const second = other.channel.partner
  const everybody = [channel, other.channel, first, second]
  if (everybody.some((one) => one && isTrue(one.variables.get('deny_refer_requests')))) {
    log.notice('attended transfer refused: deny_refer_requests', channel.uuid)
    return tell('403 Forbidden')
  }
  channel.variables.set('refer_uuid', other.channel.uuid)
  other.channel.variables.set('transfer_disposition', 'replaced')
  if (first && second) {
    second.variables.set('transfer_disposition', 'bridge')
    channel.variables.set('transfer_to', `att:${second.uuid}`)
    followTransfer(channel, first)
    followTransfer(other.channel, second)
    joinChannels(first, second)
    other.channel.variables.set('endpoint_disposition', 'ATTENDED_TRANSFER')
    tell('200 OK')
    // Their dialplans must not go on with the transferor.
    channel.hangup('ATTENDED_TRANSFER')
    other.channel.hangup('ATTENDED_TRANSFER')
    return
  }
  const [moved, lonely] = first ? [first, other.channel] : [second, channel]
  if (!moved) return tell('403 Forbidden')
  // Only one of the two calls has a partner: it goes where the transferor is in the other one.
  const destination = lonely.profile.get('destination_number')
  const context = lonely.profile.get('context')
  lonely.variables.set('endpoint_disposition', 'ATTENDED_TRANSFER')
  followTransfer(first ? channel : other.channel, moved)
  // What the transferor does there may say itself where another party goes in its place (valet_park).
  const inline = lonely.variables.get('inline_destination')
  if (inline) transfer(moved, { extension: inline, dialplan: 'inline' })
  else transfer(moved, { extension: destination, context })
  tell('200 OK')
  lonely.hangup('ATTENDED_TRANSFER')
}

/** The dialog to be replaced is another server's: the partner calls it with Replaces (RFC 5589 §7). */
function replaceElsewhere(
  partner: Channel,
  target: ReferTarget,
  reference: DialogReference,
): string {
  const profile = partner.variables.get('sofia_profile_name')
  if (!profile) return '403 Forbidden'
  const { callId, toTag, fromTag } = reference
  const replaces = `${callId};to-tag=${toTag};from-tag=${fromTag}`
  partner.variables.setForeign('sip_h_Replaces', replaces)
  const uri = target.uri.text.replace(/\?.*$/, '')
  transfer(partner, {
    extension: `bridge:{sip_h_Replaces='${replaces}'}sofia/${profile}/${uri}`,
    dialplan: 'inline',
  })
  return '200 OK'
}

/** The call of a dialog in any profile, as RFC 3891 §3 finds it; a Call-ID alone does too, as FreeSWITCH has it. */
export function findCall({ channel }: Call, reference: DialogReference): Call | undefined {
  for (const profile of profilesOf(channel.sw)) {
    const dialog: Dialog | undefined =
      profile.agent.findDialog(reference) ??
      profile.agent.findDialog({
        ...reference,
        toTag: reference.fromTag,
        fromTag: reference.toTag,
      })
    const found = callOfOwner(dialog?.owner)
    if (found) return found
  }
  return undefined
}
