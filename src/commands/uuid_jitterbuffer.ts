/** uuid_jitterbuffer: what a channel's party says is evened out, or is not any more. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { orderJitterBuffer } from '../core/jitter-buffer.ts'

export const uuidJitterbuffer: Command = {
  name: 'uuid_jitterbuffer',
  syntax: '<uuid> [0|<min_msec>[:<max_msec>]]',
  about: 'uuid_jitterbuffer',
  completions: ['::console::list_uuid'],
  run(args, { sw }) {
    const [uuid = '', order = ''] = args.split(' ')
    if (uuid === '' || order === '') return usage(uuidJitterbuffer.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Operation failed\n'
    orderJitterBuffer(channel, order)
    return '+OK Success\n'
  },
}
