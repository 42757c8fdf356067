/** uuid_broadcast, uuid_break, uuid_pause: something for a channel to do beside what it does, or the end of it. */
import { broadcast, broadcastLegs } from '../core/broadcast.ts'
import type { Channel } from '../core/channel.ts'
import { usage } from '../core/command-usage.ts'
import type { Command, CommandContext } from '../core/interfaces.ts'
import { currentPlayback } from '../core/play.ts'
import { separate } from '../core/separate.ts'

export const uuidBroadcast: Command = {
  name: 'uuid_broadcast',
  syntax: '<uuid> <path> [aleg|bleg|holdb|both]',
  about: 'Execute dialplan application',
  run(args, { sw }) {
    const [uuid = '', path, word] = separate(args, ' ', 4)
    if (path === undefined) return usage(uuidBroadcast.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR invalid uuid\n'
    broadcast(channel, path, broadcastLegs(word))
    return '+OK Message sent\n'
  },
}

const breakSyntax = '<uuid> [all]'

function breakSound(args: string, { sw }: CommandContext): string {
  if (args === '') return usage(breakSyntax)
  const space = args.indexOf(' ')
  const channel = sw.channels.get(space < 0 ? args : args.slice(0, space))
  if (!channel) return '-ERR No such channel!\n'
  const flags = space < 0 ? '' : args.slice(space + 1)
  const both = flags.includes('both') ? channel.partner : undefined
  for (const one of [channel, both]) if (one) stopOne(one, flags.includes('all'))
  return '+OK\n'
}

function stopOne(channel: Channel, all: boolean): void {
  if (all) channel.queue.clear()
  channel.break()
}

export const uuidBreak: Command = {
  name: 'uuid_break',
  syntax: breakSyntax,
  about: 'Break out of media sent to channel',
  completions: ['::console::list_uuid all', '::console::list_uuid both'],
  run: breakSound,
}

export const breakCommand: Command = { ...uuidBreak, name: 'break', about: 'uuid_break' }

const pauseSyntax = '<uuid> <on|off>'

function pauseSound(args: string, { sw }: CommandContext): string {
  const [uuid = '', word] = separate(args, ' ', 4)
  if (uuid === '' || word === undefined) return usage(pauseSyntax)
  const channel = sw.channels.get(uuid)
  if (!channel) return '-ERR No such channel!\n'
  const on = word.toLowerCase() === 'on'
  currentPlayback(channel)?.pause(on)
  for (const direction of ['read', 'write'] as const) channel.media?.mute(direction, on)
  return ''
}

export const pause: Command = {
  name: 'pause',
  syntax: pauseSyntax,
  about: 'Pause media on a channel',
  completions: ['::console::list_uuid on', '::console::list_uuid off'],
  run: pauseSound,
}

export const uuidPause: Command = { ...pause, name: 'uuid_pause' }
