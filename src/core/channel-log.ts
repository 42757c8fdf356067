/** How much is logged of one channel (session_loglevel, uuid_loglevel). */
import { logLevels, setChannelLogThreshold } from '../base/log.ts'
import type { Channel } from './channel.ts'

/** A level by its name in any case, or its number; undefined when it is none. */
export function logLevelOf(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text)
  const level = (logLevels as readonly string[]).indexOf(text.toLowerCase())
  return level < 0 ? undefined : level
}

/** Lines of that channel are kept up to this level until it ends. */
export function setChannelLogLevel(channel: Channel, level: number): void {
  setChannelLogThreshold(channel.uuid, level)
  channel.signals.on('state', (state) => {
    if (state === 'destroy') setChannelLogThreshold(channel.uuid, undefined)
  })
}
