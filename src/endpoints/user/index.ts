/** `user/<id>[@<domain>]`: dials what the directory says of a user (`dial-string`), with the user's variables on the leg. */
import { logger } from '../../base/log.ts'
import type { Channel } from '../../core/channel.ts'
import type { DirectoryUser } from '../../core/directory.ts'
import { userParam } from '../../core/directory.ts'
import type { HangupCause } from '../../core/hangup-cause.ts'
import type { Endpoint, OutgoingLeg } from '../../core/interfaces.ts'
import { originate } from '../../core/originate/originate.ts'
import { expandForLeg, legTimeout } from '../../core/originate/originate-nested.ts'
import { isFalse, Variables } from '../../core/variables.ts'

const log = logger('endpoints/user')

export const userEndpoint: Endpoint = {
  name: 'user',
  module: 'mod_dptools',
  async originate(leg): Promise<Channel | HangupCause> {
    const at = leg.destination.indexOf('@')
    const id = at < 0 ? leg.destination : leg.destination.slice(0, at)
    const domain = at < 0 ? (leg.sw.globals.get('domain') ?? '') : leg.destination.slice(at + 1)
    const user = leg.sw.directory.user(id, domain)
    if (!user) {
      log.warning(`there is no user ${id}@${domain}`, leg.originator?.uuid)
      return 'SUBSCRIBER_ABSENT'
    }
    const dialString = userParam(user, 'dial-string')
    if (dialString === undefined) {
      log.err(`user ${id}@${domain} has no dial-string`, leg.originator?.uuid)
      return 'MANDATORY_IE_MISSING'
    }
    return dialUser(leg, user, domain, dialString)
  },
}

async function dialUser(
  leg: OutgoingLeg,
  user: DirectoryUser,
  domain: string,
  dialString: string,
): Promise<Channel | HangupCause> {
  const variables = legVariables(leg, user, domain, dialString)
  leg.originator?.variables.set('dialed_user', user.id)
  leg.originator?.variables.set('dialed_domain', domain)
  const target = await expandForLeg(leg, dialString, variables, {
    dialed_user: user.id,
    dialed_domain: domain,
  })
  if (target.toLowerCase().includes(`user/${user.id.toLowerCase()}`)) {
    log.warning(`user/${user.id} would dial itself for ever: ${target}`, leg.originator?.uuid)
    return 'INVALID_IE_CONTENTS'
  }
  const result = await originate(leg.sw, {
    dialString: target,
    originator: leg.originator,
    near: leg.near,
    timeoutSeconds: legTimeout(leg),
    variables,
    callerName: leg.variables.get('origination_caller_id_name'),
    callerNumber: leg.variables.get('origination_caller_id_number'),
    profile: leg.profile,
    signal: leg.signal,
    onlyCreates: leg.isForked,
  })
  if (!result.channel) return result.cause
  const { channel } = result
  const context = channel.variables.get('user_context')
  if (context) channel.profile.set('context', context)
  for (const [name, value] of user.variables) channel.variables.set(name, value)
  return channel
}

/** What the leg was given (unless `user_recurse_variables=false`), the user's `dial-var-…`, and who was dialled. */
function legVariables(
  leg: OutgoingLeg,
  user: DirectoryUser,
  domain: string,
  dialString: string,
): Variables {
  const recurses = !isFalse(leg.variables.get('user_recurse_variables'))
  const variables = recurses ? leg.variables.copy() : new Variables()
  let hasOwn = recurses
  for (const [name, value] of user.params) {
    if (!name.toLowerCase().startsWith('dial-var-')) continue
    variables.set(name.slice(9), value)
    hasOwn = true
  }
  if (hasOwn) {
    variables.set('dialed_user', user.id)
    variables.set('dialed_domain', domain)
    if (!dialString.includes('presence_id=')) {
      variables.set('presence_id', `${user.id}@${domain}`)
    }
  }
  return variables
}
