/** transfer_vars: variables of this channel for whoever it talks with. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'

const log = logger('applications/transfer_vars')

export const transferVars: Application = {
  name: 'transfer_vars',
  syntax: '<variable>|~<prefix>',
  about: 'Set a variable, or all that begin so, on the other party as they are here',
  needs: 'nothing',
  run(channel, data) {
    const { partner, variables } = channel
    const word = data.trim()
    if (word === '') return log.err(`transfer_vars: ${transferVars.syntax}`, channel.uuid)
    if (!partner) return log.warning('transfer_vars: there is no other party', channel.uuid)
    const prefix = word.startsWith('~') ? word.slice(1).toLowerCase() : undefined
    for (const [name, value] of [...variables.entries()]) {
      const lower = name.toLowerCase()
      const isMeant = prefix === undefined ? lower === word.toLowerCase() : lower.startsWith(prefix)
      if (isMeant) partner.variables.set(name, value)
    }
  },
}
