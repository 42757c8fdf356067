/** uuid_hold: hold, unhold or toggle. */
import { hold, toggleHold, unhold } from '../core/bridge/hold.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

export const uuidHold: Command = {
  name: 'uuid_hold',
  syntax: '[off|toggle] <uuid> [<display>]',
  about: 'Put the far end of a channel on hold, or take it off',
  async run(args, { sw }) {
    const [first = '', second = ''] = separate(args, ' ', 4)
    if (first === '') return `-USAGE: ${uuidHold.syntax}\n-ERR Operation failed\n`
    const word = first.toLowerCase()
    const verb = word === 'off' ? unhold : word === 'toggle' ? toggleHold : hold
    const channel = sw.channels.get(verb === hold ? first : second)
    // FreeSWITCH says that it has held a channel that does not exist.
    if (!channel) return '+OK Success\n'
    return (await verb(channel)) ? '+OK Success\n' : '-ERR Operation failed\n'
  },
}
