/** uuid_park: takes a channel out of what it does and lets it wait. */
import type { Command } from '../core/interfaces.ts'

export const uuidPark: Command = {
  name: 'uuid_park',
  syntax: '<uuid>',
  about: 'Park a channel',
  run(args, { sw }) {
    const channel = sw.channels.get(args.trim())
    if (!channel) return '-ERR No such channel!\n'
    channel.task = undefined
    channel.isOriginating = false
    channel.moveTo('park')
    return '+OK\n'
  },
}
