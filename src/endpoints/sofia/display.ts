/**
 * What a telephone shows of its partner, changed during the call: UPDATE with P-Asserted-Identity (RFC 3311, RFC 3325) to those that
 * are known to take it so, INFO with a piece of a message to Snom's. Others are told nothing: some end the call over it.
 */

import { isTrue } from '../../core/variables.ts'
import type { HeaderLine } from '../../sip/message.ts'
import type { Call } from './call.ts'
import { headerSets } from './headers.ts'
import { acceptedTerms, offerHeaders } from './session-timer.ts'

/** Telephones that show what an UPDATE tells; `update_ignore_ua` takes any for one of them. */
const takesUpdate =
  /poly|aastra(?!.*intelligate)|cisco\/spa(30|50|525)|fanvil|grandstream|ringotel|groundwire|yealink|mitel|panasonic/i

/** Shows a name and a number on the party's telephone, if that is not what it shows already. */
export function showParty(call: Call, name: string, number: string): void {
  const { channel, profile } = call
  const { variables } = channel
  if (!profile.values.boolean('send-display-update') || !channel.isAnswered) return
  if (call.dialog?.state !== 'confirmed' || name === '' || name === '_undef_') return
  const shownNumber = clean(number || channel.profile.get('destination_number'))
  const shownName = clean(name)
  const isShown =
    variables.get('last_sent_callee_id_name') === shownName &&
    variables.get('last_sent_callee_id_number') === shownNumber
  if (isShown) return
  const agent = variables.get('sip_user_agent') ?? ''
  const isAllowed = /\bUPDATE\b/i.test(variables.get('sip_allow') ?? '')
  if (/snom/i.test(agent)) sendFragment(call, shownName, shownNumber, agent)
  else if (isAllowed && (isTrue(variables.get('update_ignore_ua')) || takesUpdate.test(agent)))
    sendUpdate(call, shownName, shownNumber)
  variables.set('last_sent_callee_id_name', shownName)
  variables.set('last_sent_callee_id_number', shownNumber)
  channel.announce('CALL_UPDATE', (event) => {
    event.add('Direction', 'SEND')
    event.add('Sent-Callee-ID-Name', shownName)
    event.add('Sent-Callee-ID-Number', shownNumber)
    if (channel.partner) event.add('Bridged-To', channel.partner.uuid)
  })
}

/** What may stand between quotes in a header. */
function clean(text: string): string {
  return text.replace(/[\r\n"\\<>]/g, '')
}

function sendUpdate(call: Call, name: string, number: string): void {
  const { channel, dialog, profile } = call
  if (!dialog) return
  const headers: HeaderLine[] = [
    ['Contact', call.contact],
    ...headerSets(profile).brief,
    ...offerHeaders(profile, channel),
    ['P-Asserted-Identity', `"${name}" <sip:${encodeURIComponent(number)}@${profile.hostPort}>`],
    ['Content-Length', '0'],
  ]
  dialog.send(dialog.createRequest('UPDATE', headers), {
    final: (response) => {
      if (response.status < 300) call.timer.start(acceptedTerms(profile, channel, response))
    },
  })
}

/** Firmware from 8.4.24 on shows what From says, older one what To says. */
function sendFragment(call: Call, name: string, number: string, agent: string): void {
  const [, major, minor, patch] = /\/(\d+)\.(\d+)\.(\d+)/.exec(agent) ?? []
  const version = Number(major ?? 0) * 10_000 + Number(minor ?? 0) * 100 + Number(patch ?? 0)
  const party = `"${name}" ${number}`
  const body = version >= 80_424 ? `From: ${party}\r\nTo:\r\n` : `From:\r\nTo: ${party}\r\n`
  call.sendInfo('message/sipfrag', body)
}

/** NOTIFY with an event that telephones take for a key that was pressed on them (RFC 6665, without a subscription). */
export function sendPhoneEvent(call: Call, event: 'talk' | 'hold'): boolean {
  const { channel, dialog, profile } = call
  // A caller who was not answered has no key for it.
  if (!dialog || (channel.direction === 'inbound' && !channel.isAnswered)) return false
  const headers: HeaderLine[] = [
    ['Contact', call.contact],
    ...headerSets(profile).events,
    ['Event', event],
    ['Subscription-State', 'active'],
    ['Content-Length', '0'],
  ]
  dialog.send(dialog.createRequest('NOTIFY', headers), { final: () => {} })
  return true
}
