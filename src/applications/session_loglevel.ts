/** session_loglevel, enable_heartbeat and sched_heartbeat: how much is heard of a call. */
import { logger } from '../base/log.ts'
import { logLevelOf, setChannelLogLevel } from '../core/channel-log.ts'
import type { Application } from '../core/interfaces.ts'
import { setSessionHeartbeat } from '../core/session-heartbeat.ts'
import { isTrue } from '../core/variables.ts'

const log = logger('applications/session_loglevel')

export const sessionLoglevel: Application = {
  name: 'session_loglevel',
  syntax: '<level>',
  about: 'How much of this call is logged',
  needs: 'nothing',
  run(channel, data) {
    const level = logLevelOf(data.trim())
    if (level === undefined) log.err(`session_loglevel: ${data} is no level`, channel.uuid)
    else setChannelLogLevel(channel, level)
  },
}

/** Seconds between beats that a person wrote: a number, or a word for yes, which is a minute. */
function secondsOf(text: string): number {
  const word = text.trim()
  if (/^\d+$/.test(word)) return Number(word)
  return word === '' || isTrue(word) ? 60 : 0
}

function heartbeat(name: string, about: string): Application {
  return {
    name,
    syntax: '[0|<seconds>]',
    about,
    needs: 'nothing',
    run: (channel, data) => setSessionHeartbeat(channel, secondsOf(data)),
  }
}

export const enableHeartbeat = heartbeat(
  'enable_heartbeat',
  'Tell by SESSION_HEARTBEAT that the call lives, every minute or so many seconds; 0 ends it',
)
export const schedHeartbeat = heartbeat('sched_heartbeat', 'The same as enable_heartbeat')
