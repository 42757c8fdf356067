/** `group/<name>[@<domain>]`: dials every user of a directory group, as the command group_call spells it. */
import type { Channel } from '../../core/channel.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Endpoint } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { expandForLeg, legTimeout } from '../../core/originate/originate-nested.ts'
import { isFalse, Variables } from '../../core/variables.ts'

export const groupEndpoint: Endpoint = {
  name: 'group',
  module: 'mod_dptools',
  async originate(leg): Promise<Channel | HangupCause> {
    const at = leg.destination.indexOf('@')
    const group = at < 0 ? leg.destination : leg.destination.slice(0, at)
    const domain = at < 0 ? (leg.sw.globals.get('domain') ?? '') : leg.destination.slice(at + 1)
    const recurses = !isFalse(leg.variables.get('group_recurse_variables'))
    const variables = recurses ? leg.variables.copy() : new Variables()
    const dialString = await expandForLeg(leg, `\${group_call(${group}@${domain})}`, variables)
    const result = await originate(leg.sw, {
      dialString,
      originator: leg.originator,
      near: leg.near,
      timeoutSeconds: legTimeout(leg),
      variables,
      callerName: leg.variables.get('origination_caller_id_name'),
      callerNumber: leg.variables.get('origination_caller_id_number'),
      signal: leg.signal,
      onlyCreates: leg.isForked,
    })
    if (!result.channel) return result.cause
    const context = result.channel.variables.get('group_context')
    if (context) result.channel.profile.set('context', context)
    return result.channel
  },
}
