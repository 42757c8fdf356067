/** uuid_debug_media: a line in the log for each packet of a channel. */
import { usage } from '../core/command-usage.ts'
import type { Command } from '../core/interfaces.ts'
import { traceMedia } from '../core/trace-media.ts'

export const uuidDebugMedia: Command = {
  name: 'uuid_debug_media',
  syntax: '<uuid> <read|write|both|vread|vwrite|vboth|all> <on|off>',
  about: 'Debug media',
  completions: ['::console::list_uuid ::[read:write:both:all ::[on:off'],
  run(args, { sw }) {
    const [uuid = '', which = '', word = ''] = args.split(' ')
    if (uuid === '' || which === '' || word === '') return usage(uuidDebugMedia.syntax)
    const channel = sw.channels.get(uuid)
    const isDone = channel !== undefined && traceMedia(channel, which, word)
    return isDone ? '+OK Success\n' : '-ERR Operation failed\n'
  },
}
