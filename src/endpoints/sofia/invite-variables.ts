/** What a SIP message leaves on its channel: the `sip_…` variables that dialplans and CDRs read. */
import type { Channel } from '../../core/channel.ts'
import type { DirectoryUser } from '../../core/directory.ts'
import { userVariable } from '../../core/directory.ts'
import { nowMicros } from '../../core/time/times.ts'
import { withoutReferences } from '../../core/untrusted.ts'
import type { Variables } from '../../core/variables.ts'
import type { SipMessage, SipRequest, SipResponse } from '../../sip/message.ts'
import type { NameAddress } from '../../sip/name-address.ts'
import { parameterOf, parametersOf } from '../../sip/text.ts'
import type { SipUri } from '../../sip/uri.ts'
import type { AuthenticatedUser } from './authenticate.ts'
import type { Profile } from './profile.ts'

/** `<prefix>_user`, `_host`, `_port`, `_params` and `_uri` of a URI. Returns the `_uri`. */
function setUri(variables: Variables, prefix: string, uri: SipUri): string {
  const user = uri.userName
  const host = uri.host
  const port = uri.port === undefined ? '' : String(uri.port)
  if (uri.parameters) variables.setForeign(`${prefix}_params`, uri.parameters.slice(1))
  variables.setForeign(`${prefix}_user`, user)
  if (port) variables.setForeign(`${prefix}_port`, port)
  const at = user ? `${user}@` : ''
  const text = `${at}${host}${port ? `:${port}` : ''}`
  variables.setForeign(`${prefix}_uri`, text)
  variables.setForeign(`${prefix}_host`, host)
  return text
}

/** Tag and display of From or To, and whatever other parameters it has. */
function setAddress(variables: Variables, which: 'from' | 'to', address: NameAddress): void {
  if (address.display) variables.setForeign(`sip_${which}_display`, address.display)
  if (address.parameters === '') return
  const tag = address.tag
  if (tag) variables.setForeign(`sip_${which}_tag`, tag)
  if (address.parameters.indexOf(';', 1) < 0) return
  for (const [name, value] of parametersOf(address.parameters)) {
    if (name.toLowerCase() !== 'tag') variables.setForeign(`sip_${which}_${name}`, value || 'true')
  }
}

function setWhole(variables: Variables, message: SipMessage, name: string, variable: string): void {
  const lines = message.lines(name)
  if (lines.length === 1) variables.setForeign(variable, lines[0])
  else if (lines.length > 1) variables.setForeign(variable, lines.join(', '))
}

/** Where the call came from and who was found to make it; before all others, as their order shows in events. */
export function setOriginVariables(
  channel: Channel,
  request: SipRequest,
  caller: AuthenticatedUser | undefined,
): void {
  const { variables } = channel
  variables.setForeign('sip_from_user', request.from.uri.userName)
  variables.setForeign('sip_call_id', request.callId)
  variables.setForeign('sip_network_ip', request.flow?.remoteAddress)
  variables.setForeign('sip_network_port', String(request.flow?.remotePort ?? ''))
  if (caller) variables.setForeign('sip_authorized', 'true')
}

/** What the directory adds to a caller that authenticated: its variables, and who it is. */
export function setUserVariables(
  channel: Channel,
  user: DirectoryUser,
  caller: AuthenticatedUser | undefined,
): void {
  const { variables, sw } = channel
  if (caller) {
    // FreeSWITCH looks the user up by an event and leaves that event's headers on the channel.
    const request = sw.events.create('REQUEST_PARAMS')
    for (const [name, value] of request.headers) variables.set(name, value)
    variables.setForeign('sip_auth_username', caller.username)
    variables.setForeign('sip_auth_realm', caller.realm)
    for (const [name, value] of user.attributes) {
      if (name === 'number-alias') {
        variables.set('sip_number_alias', value)
        variables.set('number_alias', value)
      }
    }
    variables.set('requested_user_name', user.id)
    variables.set('requested_domain_name', user.domain)
  }
  for (const [name, value] of user.variables) variables.set(name, value)
  variables.set('user_name', user.id)
  variables.set('domain_name', user.domain)
  const caller_id = userVariable(user, 'sip_cid_type')
  if (caller_id) variables.set('sip_cid_type', caller_id)
  for (const [name, value] of user.profileVariables) channel.profile.soft.set(name, value)
}

/** All that `fillFromInvite` and `fillFromAnswer` may set. */
const deferredNames: ReadonlySet<string> = new Set([
  ...['from', 'to', 'req', 'contact'].flatMap((part) =>
    ['user', 'host', 'port', 'uri', 'params'].map((piece) => `sip_${part}_${piece}`),
  ),
  ...['sip_from_user_stripped', 'sip_from_display', 'sip_from_tag', 'sip_to_display', 'sip_to_tag'],
  ...['sip_local_network_addr', 'sip_invite_stamp', 'sip_received_ip', 'sip_received_port'],
  ...['sip_via_protocol', 'sip_via_host', 'sip_via_port', 'sip_via_rport', 'sip_full_via'],
  ...['sip_full_from', 'sip_full_to', 'sip_full_route', 'sip_allow', 'sip_subject', 'sip_cseq'],
  ...['sip_user_agent', 'sip_history_info', 'sip_geolocation', 'sofia_profile_url'],
  ...['sip_recover_contact', 'sip_recover_via', 'sip_reply_host', 'sip_reply_port'],
  'sip_call_id',
])

/** Whether From or To have parameters beside the tag, which become variables of names that nobody foresees. */
function hasOddParameters(message: SipMessage): boolean {
  return message.from.parameters.indexOf(';', 1) > 0 || message.to.parameters.indexOf(';', 1) > 0
}

function deferUnlessOdd(variables: Variables, message: SipMessage, fill: () => void): void {
  if (hasOddParameters(message)) fill()
  else variables.defer(deferredNames, fill)
}

/** Everything else that an INVITE says. */
export function setInviteVariables(profile: Profile, channel: Channel, request: SipRequest): void {
  const { variables } = channel
  const { from } = request
  variables.set('sofia_profile_name', profile.name)
  variables.set('recovery_profile_name', profile.name)
  variables.setForeign('max_forwards', String(request.number('Max-Forwards') ?? 70))
  setWhole(variables, request, 'Alert-Info', 'alert_info')
  setWhole(variables, request, 'Diversion', 'sip_h_Diversion')
  setCallInfo(variables, request)
  setReferredBy(variables, request)
  setReplaces(variables, request)
  const date = Date.parse(request.get('Date') ?? '')
  if (date > 0) variables.setForeign('sip_date_epoch_time', String(Math.trunc(date / 1000)))
  if (profile.values.text('manage-presence') !== 'false' && !variables.has('presence_id')) {
    variables.setForeign('presence_id', `${from.uri.userName}@${from.uri.host}`)
  }
  if (profile.values.boolean('parse-all-invite-headers')) setAll(variables, request)
  const stamp = nowMicros()
  deferUnlessOdd(variables, request, () => fillFromInvite(profile, variables, request, stamp))
}

function fillFromInvite(
  profile: Profile,
  variables: Variables,
  request: SipRequest,
  stamp: number,
): void {
  const { from, to, via, contact, flow } = request
  const user = from.uri.userName
  if (from.uri.port !== undefined) variables.setForeign('sip_from_port', String(from.uri.port))
  variables.setForeign('sip_from_uri', `${user ? `${user}@` : ''}${from.uri.hostPort}`)
  variables.setForeign('sip_from_host', from.uri.host)
  variables.set('sip_local_network_addr', profile.externalSipIp)
  variables.set('sip_invite_stamp', String(stamp))
  variables.setForeign('sip_received_ip', flow?.remoteAddress)
  variables.setForeign('sip_received_port', String(flow?.remotePort ?? ''))
  variables.setForeign('sip_via_protocol', flow?.protocol)
  variables.setForeign('sip_from_user_stripped', user.startsWith('+') ? user.slice(1) : user)
  setAddress(variables, 'from', from)
  variables.set('sofia_profile_url', profile.url)
  variables.setForeign('sip_full_via', request.lines('Via').join(','))
  variables.setForeign('sip_full_from', request.get('From'))
  variables.setForeign('sip_full_to', request.get('To'))
  setWhole(variables, request, 'Record-Route', 'sip_full_route')
  setWhole(variables, request, 'Allow', 'sip_allow')
  setUri(variables, 'sip_req', request.uri)
  setUri(variables, 'sip_to', to.uri)
  setAddress(variables, 'to', to)
  if (contact) setUri(variables, 'sip_contact', contact.uri)
  setWhole(variables, request, 'Subject', 'sip_subject')
  variables.setForeign('sip_user_agent', request.get('User-Agent') ?? '')
  variables.setForeign('sip_via_host', via.host)
  variables.setForeign('sip_via_port', via.port === undefined ? '5060' : String(via.port))
  variables.setForeign('sip_via_rport', via.parameter('rport') ?? '')
  variables.setForeign('sip_cseq', String(request.cseq.number))
  setWhole(variables, request, 'History-Info', 'sip_history_info')
  setWhole(variables, request, 'Geolocation', 'sip_geolocation')
}

function setCallInfo(variables: Variables, request: SipRequest): void {
  const lines = request.lines('Call-Info')
  if (lines.length === 0) return
  variables.setForeign('sip_call_info', lines.length === 1 ? lines[0] : lines)
  if (/answer-after=0/.test(lines[0] ?? '')) variables.set('sip_auto_answer_detected', 'true')
}

function setReferredBy(variables: Variables, request: SipRequest): void {
  const text = request.get('Referred-By')
  if (text === undefined) return
  const user = /sips?:([^@;>]+)@/i.exec(text)?.[1] ?? ''
  variables.setForeign('sip_h_Referred-By', text)
  variables.setForeign('sip_referred_by_user_stripped', user.startsWith('+') ? user.slice(1) : user)
  const cid = parameterOf(text, 'cid')
  if (cid) variables.setForeign('sip_referred_by_cid', cid)
}

function setReplaces(variables: Variables, request: SipRequest): void {
  const text = request.get('Replaces')
  if (text === undefined) return
  const end = text.indexOf(';')
  variables.setForeign('sip_replaces_call_id', end < 0 ? text : text.slice(0, end))
  for (const [name, value] of parametersOf(text)) {
    variables.setForeign(`sip_replaces_${name}`, value || 'true')
  }
}

/** `parse-all-invite-headers`: each header as `sip_i_<name>`, dashes as underscores. */
function setAll(variables: Variables, request: SipRequest): void {
  request.names.forEach((name, index) => {
    const value = request.values[index]
    if (value)
      variables.push(`sip_i_${name.toLowerCase().replaceAll('-', '_')}`, withoutReferences(value))
  })
}

/** What an answer to an INVITE of ours tells of the far end. `isKnown`: an earlier one of the same party was told already. */
export function setAnswererVariables(
  channel: Channel,
  response: SipResponse,
  isKnown: boolean,
): void {
  const { variables, profile } = channel
  const { flow } = response
  const address = flow?.remoteAddress ?? ''
  variables.setForeign('sip_network_ip', address)
  variables.setForeign('sip_network_port', String(flow?.remotePort ?? ''))
  if (address) profile.set('network_addr', address)
  if (isKnown) return
  // Read now: a Contact that cannot be read ends the attempt, not some later look at a variable.
  void response.contact
  deferUnlessOdd(variables, response, () => fillFromAnswer(variables, response))
}

function fillFromAnswer(variables: Variables, response: SipResponse): void {
  const { from, to, contact, flow } = response
  variables.setForeign('sip_reply_host', flow?.remoteAddress)
  variables.setForeign('sip_reply_port', String(flow?.remotePort ?? ''))
  const agent = response.get('User-Agent') ?? response.get('Server')
  if (agent) variables.setForeign('sip_user_agent', agent)
  if (response.status === 100) return
  variables.setForeign('sip_recover_contact', response.get('Contact'))
  const via = response.lines('Via').join(',')
  variables.setForeign('sip_full_via', via)
  variables.setForeign('sip_recover_via', via)
  variables.setForeign('sip_from_display', from.display)
  variables.setForeign('sip_full_from', response.get('From'))
  variables.setForeign('sip_full_to', response.get('To'))
  setUri(variables, 'sip_from', from.uri)
  setUri(variables, 'sip_to', to.uri)
  variables.setForeign('sip_from_tag', from.tag)
  variables.setForeign('sip_to_tag', to.tag)
  variables.setForeign('sip_cseq', String(response.cseq.number))
  variables.setForeign('sip_call_id', response.callId)
  setWhole(variables, response, 'Allow', 'sip_allow')
  if (contact) setUri(variables, 'sip_contact', contact.uri)
}
