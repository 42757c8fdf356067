/** hupall: ends all calls, or those whose variables match. */
import type { Channel } from '../core/channel.ts'
import { causeFromText } from '../core/hangup-cause.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

export const hupall: Command = {
  name: 'hupall',
  syntax: '<cause> [<var> <value>] [<var2> <value2>]',
  about: 'End all calls, or those whose variables have these values',
  run(args, { sw }) {
    const [word = '', ...pairs] = separate(args, ' ', 11)
    const named = word === '' ? 'MANAGER_REQUEST' : causeFromText(word)
    const cause = named === 'NONE' ? 'MANAGER_REQUEST' : named
    const wanted: [name: string, value: string][] = []
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const [name = '', value = ''] = pairs.slice(i, i + 2)
      if (name && value) wanted.push([name, value])
    }
    const matches = (channel: Channel) =>
      wanted.every(([name, value]) => channel.text(name) === value)
    for (const channel of sw.channels.list()) if (matches(channel)) channel.hangup(cause)
    const [first] = wanted
    if (!first) return `+OK hangup all channels with cause ${cause}\n`
    const dots = wanted.length > 1 ? '...' : ''
    return `+OK hangup all channels matching [${first[0]}]=[${first[1]}]${dots} with cause: ${cause}\n`
  },
}
