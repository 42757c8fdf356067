/** uuid_media, uuid_media_3p, uuid_media_reneg: the sound of a call leaves this server, comes back, or changes its codec. */
import type { Command, CommandContext } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'

const syntax = '[off] <uuid>'

async function redirect(args: string, { sw }: CommandContext, asksFirst: boolean): Promise<string> {
  const [first = '', second = ''] = separate(args, ' ', 4)
  if (first === '') return `-USAGE: ${syntax}\n-ERR Operation failed\n`
  const isOff = first.toLowerCase() === 'off'
  const channel = sw.channels.get(isOff ? second : first)
  const isDone = await channel?.driver.redirectMedia?.(isOff ? 'past' : 'through', asksFirst)
  return isDone ? '+OK Success\n' : '-ERR Operation failed\n'
}

export const uuidMedia: Command = {
  name: 'uuid_media',
  syntax,
  about: 'Reinvite FS in or out of media path',
  completions: ['::console::list_uuid', 'off ::console::list_uuid'],
  run: (args, context) => redirect(args, context, false),
}

export const uuidMedia3p: Command = {
  name: 'uuid_media_3p',
  syntax,
  about: 'Reinvite FS in or out of media path using 3pcc',
  completions: ['::console::list_uuid', 'off ::console::list_uuid'],
  run: (args, context) => redirect(args, context, true),
}

export const uuidMediaReneg: Command = {
  name: 'uuid_media_reneg',
  syntax: '<uuid>[ <codec_string>]',
  about: 'Media negotiation',
  run(args, { sw }) {
    const [name = '', codecs] = separate(args, ' ', 2)
    if (name === '') return `-USAGE: ${uuidMediaReneg.syntax}\n-ERR Operation Failed\n`
    const channel = sw.channels.get(name.replace(/^\+/, ''))
    // A channel inside this server has no far end that could be asked; FreeSWITCH takes it as done.
    if (channel?.source === 'mod_loopback') return '+OK Success\n'
    if (!channel?.driver.renegotiate) return '-ERR Operation Failed\n'
    // What the far end makes of it is seen in the channel's variables, as in FreeSWITCH.
    void channel.driver.renegotiate(codecs)
    return '+OK Success\n'
  },
}
