/** uuid_broadcast, uuid_break, uuid_fileman, uuid_pause: something for a channel to do beside what it does, or the end of it. */
import { broadcast, broadcastLegs } from '../core/broadcast.ts'
import type { Channel } from '../core/channel.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
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

type Playback = NonNullable<ReturnType<typeof currentPlayback>>

/** What can be done to a sound that plays; undefined: that is not one of them. */
function handle(playback: Playback, isPaused: boolean, text: string): boolean | undefined {
  const [verb = '', value = ''] = text.split(':', 2)
  switch (verb.toLowerCase()) {
    case 'stop':
      playback.stop()
      return false
    case 'pause':
      playback.pause(!isPaused)
      return !isPaused
    case 'restart':
      playback.seek(0, false)
      return isPaused
    case 'seek':
      playback.seek(leadingInteger(value), /^[-+]/.test(value))
      return isPaused
    default:
      return undefined
  }
}

/** The sounds that were paused. */
const paused = new WeakSet<Playback>()

export const uuidFileman: Command = {
  name: 'uuid_fileman',
  syntax: '<uuid> <cmd>:<val>',
  about: 'Manage session audio',
  run(args, { sw }) {
    const [uuid = '', text] = separate(args, ' ', 4)
    if (uuid === '' || text === undefined) return usage(uuidFileman.syntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return '-ERR No such channel!\n'
    const playback = currentPlayback(channel)
    if (!playback) return '-ERR No file handle!\n'
    const isPaused = handle(playback, paused.has(playback), text)
    if (isPaused === undefined) return '-ERR stop, pause, restart and seek:[+-]<ms> are known\n'
    if (isPaused) paused.add(playback)
    else paused.delete(playback)
    return '+OK\n'
  },
}

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
