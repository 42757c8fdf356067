/** `error/<CAUSE>`: a leg that fails at once, for dial strings and tests. */
import { causeFromText } from '../../core/hangup-cause.ts'
import type { Endpoint } from '../../core/interfaces.ts'

export const errorEndpoint: Endpoint = {
  name: 'error',
  module: 'mod_dptools',
  originate(leg) {
    const cause = causeFromText(leg.destination)
    return cause === 'NONE' ? 'DESTINATION_OUT_OF_ORDER' : cause
  },
}
