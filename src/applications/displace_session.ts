/** displace_session and stop_displace_session: a file in the place of what the party hears or says. */
import { logger } from '../base/log.ts'
import { startDisplace, stopDisplace } from '../core/displace.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/displace_session')

export const displaceSession: Application = {
  name: 'displace_session',
  syntax: '<path> [<flags>] [+<limit s>]',
  about:
    'Play a file in the place of what the party hears; m mixes, l loops, r what it says, rw both',
  needs: 'media',
  async run(channel, data) {
    const [path = '', ...options] = separate(data, ' ')
    if (path === '') return log.err(`displace_session: ${displaceSession.syntax}`, channel.uuid)
    const limit = options.find((option) => option.includes('+'))
    const flags = options.filter((option) => !option.includes('+')).at(-1) ?? ''
    const seconds = Math.max(0, Number.parseInt(limit ?? '', 10) || 0)
    if (!(await startDisplace(channel, path, flags, seconds)))
      log.err(`displace_session ${path} did not begin`, channel.uuid)
  },
}

export const stopDisplaceSession: Application = {
  name: 'stop_displace_session',
  syntax: '<path>',
  about: 'End displace_session of that file',
  needs: 'nothing',
  run(channel, data) {
    if (!stopDisplace(channel, data.trim()))
      log.warning(`stop_displace_session: ${data} does not play`, channel.uuid)
  },
}
