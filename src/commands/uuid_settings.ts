/** uuid_loglevel and uuid_session_heartbeat: how much is heard of a channel. */
import { logLevels } from '../base/log.ts'
import { logLevelOf, setChannelLogLevel } from '../core/channel-log.ts'
import { usage } from '../core/command-usage.ts'
import { leadingInteger } from '../core/expand/expand.ts'
import type { Command } from '../core/interfaces.ts'
import { separate } from '../core/separate.ts'
import { setSessionHeartbeat } from '../core/session-heartbeat.ts'
import { isTrue } from '../core/variables.ts'

export const uuidLoglevel: Command = {
  name: 'uuid_loglevel',
  syntax: '<uuid> <level>',
  about: 'Set loglevel on session',
  completions: logLevels.map((level) => `::console::list_uuid ${level}`),
  run(args, { sw }) {
    const [, uuid = '', both, text = ''] =
      /^([^ ]*)(?: (-b[^ ]*)(?= |$))?(?: (.*))?$/is.exec(args) ?? []
    if (uuid === '' || text === '') return usage(uuidLoglevel.syntax)
    const level = logLevelOf(text)
    if (level === undefined) return '-ERR Invalid log level!\n'
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR No such channel ${uuid}!\n`
    setChannelLogLevel(channel, level)
    if (both !== undefined && channel.partner) setChannelLogLevel(channel.partner, level)
    return '+OK\n'
  },
}

const heartbeatSyntax = 'uuid_session_heartbeat <uuid> [sched] [0|<seconds>]'

export const uuidSessionHeartbeat: Command = {
  name: 'uuid_session_heartbeat',
  syntax: '<uuid> [sched] [0|<seconds>]',
  about: 'uuid_session_heartbeat',
  run(args, { sw }) {
    const [uuid = '', ...rest] = separate(args, ' ', 3)
    if (rest.length === 0) return usage(heartbeatSyntax)
    const channel = sw.channels.get(uuid)
    if (!channel) return `-ERR Cannot locate session. USAGE: ${heartbeatSyntax}\n`
    const text = (rest[0]?.toLowerCase() === 'sched' ? rest[1] : rest[0]) ?? ''
    // A word for yes is a minute; 0 and a word for no end it.
    const seconds = /^-?\d+$/.test(text) ? leadingInteger(text) : isTrue(text) ? 60 : 0
    setSessionHeartbeat(channel, seconds)
    return '+OK\n'
  },
}
