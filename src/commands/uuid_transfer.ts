/** uuid_transfer: sends a channel, its partner or both to an extension. */
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { followTransfer } from '../core/session-record.ts'
import { transfer } from '../core/transfer.ts'

export const uuidTransfer: Command = {
  name: 'uuid_transfer',
  syntax: '<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]',
  about: 'Send a channel to an extension',
  run(args, { sw }) {
    const words = separate(args, ' ')
    if (words.length < 2 || words.length > 5) return `-USAGE: ${uuidTransfer.syntax}\n`
    const [uuid = '', ...rest] = words
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    const flag = rest[0]?.startsWith('-') ? rest.shift()?.toLowerCase() : undefined
    const [extension = '', dialplan, context] = rest
    const target = { extension, dialplan, context }
    const { partner } = channel
    if (flag === '-both' && partner) transfer(partner, target)
    const moved = flag === '-bleg' && partner ? partner : channel
    if (moved !== channel) followTransfer(channel, moved)
    return transfer(moved, target) ? '+OK\n' : '-ERR\n'
  },
}
