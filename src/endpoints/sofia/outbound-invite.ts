/** The INVITE of a leg that we place: whom it names, its headers and their order. */
import { isTrue } from '../../core/variables.ts'
import { hostText } from '../../sip/flow.ts'
import type { HeaderLine, SipRequest } from '../../sip/message.ts'
import { formatAddress } from '../../sip/name-address.ts'
import { createRequest } from '../../sip/request.ts'
import { escapeUser } from '../../sip/uri.ts'
import { pathOf, withoutOwnParameters } from './destination.ts'
import { extraHeaders } from './extra-headers.ts'
import { bodyHeaders, headerSets } from './headers.ts'
import { callerHeaders, callerIdType } from './identity.ts'
import type { OutboundCall } from './outbound-call.ts'
import { offerHeaders } from './session-timer.ts'

/** What the other switch may do with the call: show names anew, send INFO. */
const support = 'update,send_info'

/** Makes it and sets the variables that tell of it. `uri` is the Request-URI, of the destination or a redirection. */
export function createInvite(call: OutboundCall, uri: string, body: string): SipRequest {
  const { channel, profile, destination } = call
  const { variables } = channel
  const protocol = protocolOf(call, uri)
  if (isTrue(variables.get('sip_auto_answer'))) askToAnswer(call)
  const target = withParameters(requestUri(call, uri, protocol), variables.get('sip_invite_params'))
  const to = withParameters(destination.to, variables.get('sip_invite_to_params'))
  const from = fromOf(call)
  call.contact = contactOf(call, protocol)
  variables.set('sip_outgoing_contact_uri', call.contact)
  variables.set('sip_req_uri', target.replace(/^sips?:/i, ''))
  variables.set('sip_to_host', hostOf(to))
  variables.set('sip_from_host', hostOf(from.uri))
  variables.set('sofia_profile_name', profile.name)
  variables.set('recovery_profile_name', profile.name)
  variables.set('sofia_profile_url', profile.url)
  const type = callerIdType(
    variables.get('sip_cid_type') ?? destination.route?.callerIdType,
    callerIdType(profile.values.text('caller-id-type'), 'rpid'),
  )
  call.callerIdType = type
  const identity = callerHeaders(channel, type, hostOf(from.uri))
  const sequence = Number(variables.get('sip_invite_cseq'))
  const callId =
    variables.get('sip_invite_call_id') ??
    (profile.values.boolean('outbound-use-uuid-as-callid') ? channel.uuid : undefined)
  const route = variables.get('sip_invite_route_uri')
  return createRequest('INVITE', {
    uri: target,
    from: variables.get('sip_force_full_from') ?? from.text,
    to: variables.get('sip_force_full_to') ?? `<${to}>`,
    callId,
    ...(sequence > 0 ? { sequence } : {}),
    routes: route ? [route] : [],
    maxForwards: Number(variables.get('max_forwards') ?? 70),
    headers: [
      ['Contact', call.contact],
      ...headerSets(profile).events,
      ...offerHeaders(profile, channel),
      ...bodyHeaders(body),
      ...alertHeaders(call),
      ...extraHeaders(channel, 'sip_h_'),
      ...(profile.values.boolean('pass-callee-id')
        ? [['X-FS-Support', support] satisfies HeaderLine]
        : []),
      ...identity.party,
    ],
    body,
  })
}

/** The two ways in which telephones are told to pick up by themselves. */
function askToAnswer({ channel, profile }: OutboundCall): void {
  channel.variables.set('sip_h_Call-Info', `<sip:${profile.sipIp}>;answer-after=0`)
  channel.variables.set('sip_invite_params', 'intercom=true')
}

function alertHeaders(call: OutboundCall): HeaderLine[] {
  const alert = call.channel.variables.get('alert_info')
  return alert ? [['Alert-Info', alert]] : []
}

function protocolOf(call: OutboundCall, uri: string): string {
  const { route } = call.destination
  if (route) return route.gateway.account.transport
  return (
    /;transport=(wss?)(;|$)/i.exec(pathOf(uri) ?? '')?.[1]?.toLowerCase() ??
    /;transport=([a-z]+)/i.exec(uri)?.[1]?.toLowerCase() ??
    call.channel.variables.get('sip_transport')?.toLowerCase() ??
    'udp'
  )
}

function requestUri(call: OutboundCall, uri: string, protocol: string): string {
  const given = call.channel.variables.get('sip_invite_req_uri')
  if (given) return given
  const plain = withoutOwnParameters(uri)
  return protocol === 'udp' || plain.includes('transport=')
    ? plain
    : `${plain};transport=${protocol}`
}

function withParameters(uri: string, parameters: string | undefined): string {
  return parameters ? `${uri};${parameters}` : uri
}

/** From: the caller's name and number at our address; a gateway shows its account unless caller-id-in-from. */
function fromOf(call: OutboundCall): { readonly text: string; readonly uri: string } {
  const { channel, profile, destination } = call
  const { variables } = channel
  const account = destination.route?.from
  const number = escapeUser(channel.profile.get('caller_id_number'))
  const host =
    variables.get('sip_invite_domain') ??
    (profile.values.text('sip-domain') || hostText(profile.sipIp))
  const line = channel.profile.get('aniii')
  let uri = `sip:${number ? `${number}@` : ''}${host}${line ? `;isup-oli=${line}` : ''}`
  const wish = variables.get('sip_invite_from_uri') ?? variables.get('sip_from_uri')
  if (wish) uri = /^sips?:/i.test(wish) ? wish : `sip:${wish.replace(/^<|>$/g, '')}`
  else if (account) uri = account.replace(/^<|>$/g, '')
  uri = withParameters(uri, variables.get('sip_invite_from_params'))
  const name = variables.get('sip_from_display') ?? channel.profile.get('caller_id_name')
  return { text: formatAddress(name === '_undef_' ? '' : name, uri), uri }
}

function contactOf(call: OutboundCall, protocol: string): string {
  const { channel, profile, destination } = call
  const { variables } = channel
  if (destination.route) return destination.route.contact
  const user = variables.get('sip_contact_user')
  const base = profile.urlFor(protocol, user || undefined)
  const uri = protocol === 'udp' ? base : `${base};transport=${protocol}`
  return `<${withParameters(uri, variables.get('sip_invite_contact_params'))}>`
}

/** `host[:port]` of a URI. */
function hostOf(uri: string): string {
  const text = uri.replace(/^sips?:/i, '')
  const host = text.slice(text.lastIndexOf('@') + 1)
  const end = host.search(/[;?>]/)
  return end < 0 ? host : host.slice(0, end)
}
