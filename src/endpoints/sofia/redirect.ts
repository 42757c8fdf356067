/** A 3xx to an INVITE of ours: into our own dialplan, or on to where it points (RFC 3261 §8.1.3.4). */
import { logger } from '../../base/log.ts'
import { transfer } from '../../core/transfer.ts'
import { uriInDialString } from '../../core/untrusted.ts'
import { isTrue } from '../../core/variables.ts'
import type { SipResponse } from '../../sip/message.ts'
import type { NameAddress } from '../../sip/name-address.ts'
import type { OutboundCall } from './outbound-call.ts'

const log = logger('sofia/redirect')

/** Does what the redirection asks for. False: nothing can be made of it, and the call fails with its status. */
export function followRedirect(call: OutboundCall, response: SipResponse): boolean {
  const { channel, profile, originator } = call
  const { variables } = channel
  let contacts: readonly NameAddress[]
  try {
    contacts = response.contacts.filter((contact) => contact.uri.isSip)
  } catch {
    contacts = []
  }
  const first = contacts[0]
  if (!first) {
    log.err(`a ${response.status} without a usable Contact`, channel.uuid)
    return false
  }
  note(call, contacts, response)
  if (isTrue(variables.get('outbound_redirect_fatal'))) {
    variables.set('proto_specific_hangup_cause', `sip:${response.status}`)
    call.endRefused('REQUESTED_CHAN_UNAVAIL')
    return true
  }
  const { uri } = first
  const isManual = profile.values.boolean('manual-redirect')
  const isOurs =
    uri.hostAddress === profile.sipIp ||
    uri.hostAddress === profile.externalSipIp ||
    profile.sw.directory.domain(uri.hostAddress) !== undefined
  if (originator && (isManual || isOurs)) {
    log.info(`redirected to ${uri.userName}: back to the dialplan`, channel.uuid)
    transfer(originator, {
      extension: uri.userName,
      dialplan: isManual ? (variables.get('sip_redirect_dialplan') ?? 'XML') : undefined,
      context: isManual ? (variables.get('sip_redirect_context') ?? 'redirected') : undefined,
    })
    call.endRefused('REDIRECTION_TO_NEW_DESTINATION')
    return true
  }
  log.info(`redirected to ${uri.text}`, channel.uuid)
  call.dialog = undefined
  call
    .call(uri.text.replace(/\?.*$/, ''), call.media.localText)
    .catch((thrown: unknown) => call.fail('cannot follow', thrown, 'DESTINATION_OUT_OF_ORDER'))
  return true
}

/** `sip_redirect_contact_0 …`, `sip_redirected_to`, `sip_redirect_dialstring` on both legs. */
function note(call: OutboundCall, contacts: readonly NameAddress[], response: SipResponse): void {
  const profileName = call.channel.variables.get('sip_redirect_profile') ?? call.profile.name
  const by = response.get('Diversion')
  const separator = isTrue(call.channel.variables.get('sip_redirect_fork')) ? ',' : '|'
  for (const channel of [call.channel, call.originator]) {
    if (!channel) continue
    const { variables } = channel
    contacts.forEach((contact, index) => {
      variables.setForeign(`sip_redirect_contact_${index}`, contact.toString())
      variables.setForeign(`sip_redirect_contact_user_${index}`, contact.uri.userName)
      variables.setForeign(`sip_redirect_contact_host_${index}`, contact.uri.host)
      variables.setForeign(`sip_redirect_contact_params_${index}`, contact.uri.parameters)
      variables.setForeign(
        `sip_redirect_dialstring_${index}`,
        `sofia/${profileName}/${uriInDialString(contact.uriText)}`,
      )
    })
    variables.setForeign('sip_redirected_to', contacts[0]?.toString())
    variables.set('sip_redirect_count', String(contacts.length))
    variables.setForeign(
      'sip_redirect_dialstring',
      contacts
        .map((contact) => `sofia/${profileName}/${uriInDialString(contact.uriText)}`)
        .join(separator),
    )
    if (by) variables.setForeign('sip_redirected_by', by)
  }
}
