/** uuid_dual_transfer: sends the two legs of a call to two extensions. */
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { transfer } from '../core/transfer.ts'

export const uuidDualTransfer: Command = {
  name: 'uuid_dual_transfer',
  syntax:
    '<uuid> <A-dest-exten>[/<A-dialplan>][/<A-context>] <B-dest-exten>[/<B-dialplan>][/<B-context>]',
  about: 'Send both legs of a call to extensions of their own',
  run(args, { sw }) {
    const words = separate(args, ' ')
    const [uuid = '', first = '', second = ''] = words
    if (words.length !== 3) return `-USAGE: ${uuidDualTransfer.syntax}\n`
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    if (channel.partner) transfer(channel.partner, dualTarget(second))
    transfer(channel, dualTarget(first))
    return '+OK\n'
  },
}

/** `extension/dialplan/context`; an inline list of actions may hold slashes itself. */
function dualTarget(text: string): { extension: string; dialplan?: string; context?: string } {
  if (text.endsWith('/inline')) return { extension: text.slice(0, -7), dialplan: 'inline' }
  const [extension = '', dialplan = '', ...context] = text.split('/')
  return { extension, dialplan, context: context.join('/') }
}
