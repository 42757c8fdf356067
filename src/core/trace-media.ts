/** Which packets of a channel are told in the log: `uuid_debug_media`, `debug_media`. */
import type { Channel } from './channel.ts'

const words = ['read', 'write', 'both', 'vread', 'vwrite', 'vboth', 'all'] as const

/** Does what `<which> <on|off>` says; false: the words are none, or the channel has no sound. Video is passed on untold. */
export function traceMedia(channel: Channel, which: string, word: string): boolean {
  const name = words.find((one) => one === which.toLowerCase())
  if (!name || !channel.media) return false
  const on = /^(on|true|yes|1)$/i.test(word)
  if (name === 'all' || name === 'both' || name === 'read') channel.media.trace('read', on)
  if (name === 'all' || name === 'both' || name === 'write') channel.media.trace('write', on)
  return true
}
