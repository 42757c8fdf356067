/** uuid_set_media_stats: the figures of a channel's sound up to now as its variables. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { refreshAudioVariables } from '../core/media-figures.ts'

export const uuidSetMediaStats: Command = {
  name: 'uuid_set_media_stats',
  syntax: '<uuid>',
  about: 'Set media stats',
  completions: ['::console::list_uuid'],
  async run(args, { sw }) {
    const uuid = args.trim()
    if (uuid === '') return usage(uuidSetMediaStats.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR Operation failed\n'
    await refreshAudioVariables(channel)
    return '+OK Success\n'
  },
}
