/** The endpoint `sofia`: makes a leg of a dial string; its INVITE goes out when the core starts it. */
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Endpoint } from '../../core/interfaces.ts'
import { plainNumber } from '../../core/originate/originate-leg.ts'
import { readDestination } from './destination.ts'
import { OutboundCall } from './outbound-call.ts'

export const sofiaEndpoint: Endpoint = {
  name: 'sofia',
  module: 'mod_sofia',
  originate(leg): Channel | HangupCause {
    const destination = readDestination(leg)
    if (typeof destination === 'string') return destination
    const { profile } = destination
    const refusal = leg.sw.channels.admit('outbound')
    if (refusal) return refusal
    leg.profile.set('destination_number', plainNumber(destination.label))
    const call = new OutboundCall(
      {
        profile,
        uuid: leg.uuid,
        name: `sofia/${profile.name}/${destination.label}`,
        direction: 'outbound',
        callerProfile: leg.profile,
      },
      destination,
      leg.originator,
    )
    const { variables } = call.channel
    variables.set('sip_local_network_addr', profile.externalSipIp)
    variables.set('sip_profile_name', profile.name)
    variables.set('sip_destination_url', destination.uri)
    if (destination.localUrl) {
      variables.set('sip_local_url', destination.localUrl)
      if (profile.values.text('manage-presence') !== 'false' && !leg.variables.has('presence_id')) {
        variables.set('presence_id', destination.localUrl)
      }
    }
    for (const [name, value] of destination.route?.variables ?? []) variables.set(name, value)
    return call.channel
  },
}
