/** presence: tells how somebody is, for the lamps that watch him. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const log = logger('applications/presence')

export const presence: Application = {
  name: 'presence',
  syntax: '<rpid> <status> [<user>]',
  about: 'Announce how the user of this channel (its presence_id), or another one, is',
  needs: 'nothing',
  inline: true,
  run(channel, data) {
    const [rpid, status, user = channel.text('presence_id')] = separate(data, ' ')
    if (!rpid || !status || !user) return log.err(`presence: ${presence.syntax}`, channel.uuid)
    channel.sw.events.announce('PRESENCE_IN', (event) => {
      event.add('proto', 'any')
      event.add('login', channel.source)
      event.add('from', user)
      event.add('rpid', rpid)
      event.add('status', status)
      event.add('event_type', 'presence')
      event.add('alt_event_type', 'dialog')
      event.add('event_count', '0')
    })
  },
}
