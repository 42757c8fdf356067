/** The endpoint `verto.rtc`: `verto.rtc/1000@example.com` rings every browser of a user, `verto.rtc/u:<session>` one. */
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Endpoint, OutgoingLeg } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { legTimeout } from '../../core/originate/originate-nested.ts'
import { VertoCall } from './call.ts'
import { dialStringOf } from './contact.ts'
import { vertoOf } from './verto.ts'

export const vertoEndpoint: Endpoint = {
  name: 'verto.rtc',
  module: 'mod_verto',
  originate(leg): Promise<Channel | HangupCause> | Channel | HangupCause {
    const { destination } = leg
    if (destination === '' || destination === 'service') return 'CHANNEL_UNACCEPTABLE'
    return /^u:/i.test(destination) ? dialSession(leg) : dialUser(leg)
  },
}

/** All browsers of the user at once. */
async function dialUser(leg: OutgoingLeg): Promise<Channel | HangupCause> {
  const { sw, destination, variables } = leg
  const verto = vertoOf(sw)
  const target = verto && dialStringOf(verto, destination)
  if (!target) return 'USER_NOT_REGISTERED'
  variables.set('verto_orig_dest', destination)
  if (!variables.get('origination_callee_id_number'))
    variables.set('origination_callee_id_number', destination.split('@', 1)[0])
  const result = await originate(sw, {
    dialString: target,
    originator: leg.originator,
    timeoutSeconds: legTimeout(leg),
    variables,
    callerName: variables.get('origination_caller_id_name'),
    callerNumber: variables.get('origination_caller_id_number'),
    profile: leg.profile,
    signal: leg.signal,
    onlyCreates: leg.isForked,
  })
  return result.channel ?? result.cause
}

function dialSession(leg: OutgoingLeg): Channel | HangupCause {
  const { sw, variables, profile: callerProfile } = leg
  const sessid = leg.destination.slice(2)
  const connection = vertoOf(sw)?.sessions.get(sessid)
  if (!connection) return 'USER_NOT_REGISTERED'
  const refused = sw.channels.admit('outbound')
  if (refused) return refused
  const user = variables.get('dialed_user')
  const domain = variables.get('dialed_domain')
  if (user) {
    variables.set('verto_orig_dest', domain ? `${user}@${domain}` : user)
    if (!variables.get('origination_callee_id_number')) {
      variables.set('origination_callee_id_number', user)
      callerProfile.set('callee_id_number', user)
    }
  }
  const shown = {
    callee_id_name: connection.params.get('caller-id-name'),
    callee_id_number: connection.params.get('caller-id-number'),
  } as const
  for (const [field, value] of Object.entries(shown))
    if (value) callerProfile.set(field as keyof typeof shown, value)
  const call = new VertoCall({
    profile: connection.profile,
    sessid,
    owner: connection.owner,
    uuid: leg.uuid,
    name: `verto.rtc/${sessid}`,
    direction: 'outbound',
    callerProfile,
    originator: leg.originator,
  })
  const own = call.channel.variables
  for (const [name, value] of connection.loginVariables) own.setForeign(name, value)
  own.set('jsock_uuid_str', sessid)
  own.set('event_channel_cookie', sessid)
  own.set('verto_user', connection.user?.uid)
  own.set('presence_id', connection.user?.uid)
  own.set('verto_client_address', connection.name)
  own.set('chat_proto', 'verto')
  own.set('verto_host', connection.user?.domain)
  own.set('verto_profile_name', connection.profile.name)
  for (const [name, value] of connection.userVariables) own.set(name, value)
  return call.channel
}
