/** record_session and its relatives: recordings that run beside whatever the call does. */
import { logger } from '../base/log.ts'
import { urlDecode } from '../core/command-text.ts'
import type { Application } from '../core/interfaces.ts'
import { bracketVariables } from '../core/originate/bracket-variables.ts'
import {
  changeSessionRecording,
  startSessionRecording,
  stopSessionRecording,
} from '../core/session-record.ts'

const log = logger('applications/record_session')

export const recordSession: Application = {
  name: 'record_session',
  syntax: '<path> [+<limit s>] [{var1=x,var2=y}]',
  about: 'Record both parties in the background until stopped, the limit, or the end of the call',
  needs: 'media',
  async run(channel, data) {
    const [, path = '', rest = ''] = /^(\{[^}]*\}?\S*|\S+)\s*(.*)$/s.exec(data.trim()) ?? []
    if (!path) return log.err('record_session needs a path', channel.uuid)
    const [, limit = '', given = ''] = /^(\+\S*)?\s*(.*)$/s.exec(rest) ?? []
    const taken = bracketVariables(urlDecode(given), '{')
    if (taken === undefined) log.warning(`${given}: the brace is not closed`, channel.uuid)
    await startSessionRecording(channel, path, {
      limitSeconds: Math.max(0, Number.parseInt(limit.slice(1), 10) || 0),
      variables: taken?.variables ?? [],
    })
  },
}

export const stopRecordSession: Application = {
  name: 'stop_record_session',
  syntax: '<path>|all',
  about: 'End a recording that runs in the background, or all of them',
  needs: 'nothing',
  run(channel, data) {
    if (stopSessionRecording(channel, data.trim())) return
    log.warning(`nothing is recorded to ${data.trim()}`, channel.uuid)
  },
}

function changing(
  change: Parameters<typeof changeSessionRecording>[2],
  about: string,
): Application {
  return {
    name: `record_session_${change}`,
    syntax: '<path>',
    about,
    needs: 'nothing',
    run(channel, data) {
      if (changeSessionRecording(channel, data.trim(), change)) return
      log.warning(`nothing is recorded to ${data.trim()}`, channel.uuid)
    },
  }
}

export const recordSessionPause = changing('pause', 'Leave what comes now out of a recording')
export const recordSessionResume = changing('resume', 'Go on with a recording')
export const recordSessionMask = changing('mask', 'Write silence instead of sound to a recording')
export const recordSessionUnmask = changing('unmask', 'Write sound to a recording again')
