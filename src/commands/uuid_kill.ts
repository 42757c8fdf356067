/** uuid_kill: ends a call. */
import { causeFromText } from '../core/hangup-cause.ts'
import type { Command } from '../core/interfaces.ts'

export const uuidKill: Command = {
  name: 'uuid_kill',
  syntax: '<uuid> [cause]',
  about: 'Kill channel',
  run(args, { sw }) {
    if (args === '') return `-USAGE: ${uuidKill.syntax}\n`
    const space = args.indexOf(' ')
    const channel = sw.channels.get(space < 0 ? args : args.slice(0, space))
    if (!channel) return '-ERR No such channel!\n'
    channel.hangup(causeFromText(space < 0 ? '' : args.slice(space + 1)))
    return '+OK\n'
  },
}
