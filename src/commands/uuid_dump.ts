/** uuid_dump: all that is known of a channel, the figures of its sound as they are now. */
import { addChannelHeaders, addChannelVariables } from '../core/channel-event.ts'
import { usage } from '../core/command-usage.ts'
import { jsonText, plainText, xmlText } from '../core/event-text.ts'
import type { Command } from '../core/interfaces.ts'
import { addAudioFigures } from '../core/media-figures.ts'
import { separate } from '../core/separate.ts'

export const uuidDump: Command = {
  name: 'uuid_dump',
  syntax: '<uuid> [format]',
  about: 'Dump session vars',
  async run(args, { sw }) {
    const [uuid = '', format = 'txt'] = separate(args, ' ', 2)
    if (uuid === '') return usage(uuidDump.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    const stats = await channel.media?.stats()
    const event = sw.events.create('CHANNEL_DATA')
    addChannelHeaders(event, channel)
    addChannelVariables(event, channel)
    if (stats) addAudioFigures(event, stats)
    const word = format.toLowerCase()
    if (word === 'json') return jsonText(event)
    return word === 'xml' ? xmlText(event) : plainText(event, word !== 'plain')
  },
}
