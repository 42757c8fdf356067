/** respond: answers with a SIP status of its own. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'

const log = logger('applications/respond')

export const respond: Application = {
  name: 'respond',
  syntax: '<status> [<reason>]',
  about: 'Answer the call with a final SIP status',
  needs: 'nothing',
  run(channel, data) {
    const [, status, reason] = /^\s*(\d{3})\s*(.*)$/.exec(data) ?? []
    if (status === undefined) return log.err(`respond ${data}: no status`, channel.uuid)
    if (channel.driver.respond) channel.driver.respond(Number(status), reason || undefined)
    else log.warning(`${channel.name} cannot be sent a status`, channel.uuid)
  },
}
