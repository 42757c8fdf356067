/** uuid_bridge: joins two living channels. */

import { joinChannels } from '../core/bridge/join.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

export const uuidBridge: Command = {
  name: 'uuid_bridge',
  syntax: '<uuid> <other_uuid>',
  about: 'Bridge two channels with each other',
  run(args, { sw }) {
    const [first = '', ...others] = separate(args, ' ', 4)
    if (others.length === 0) return `-USAGE: ${uuidBridge.syntax}\n`
    const channel = sw.channels.get(first)
    // A third uuid is tried when the second is gone.
    for (const uuid of others.slice(0, 2)) {
      const other = sw.channels.get(uuid)
      if (channel && other && joinChannels(channel, other)) return `+OK ${uuid}\n`
    }
    return '-ERR Invalid uuid\n'
  },
}
