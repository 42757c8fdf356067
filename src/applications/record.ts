/** record: what the party says, into a file. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { record as recordChannel } from '../core/record.ts'

const log = logger('applications/record')

/** Seconds of silence that end it, where a threshold but no length is given. */
const usualSilenceSeconds = 3

export const record: Application = {
  name: 'record',
  syntax: '<path> [[+]<limit s>] [<silence threshold>] [<silence s>]',
  about: 'Record the party to a file until the limit, silence, or a terminator digit',
  needs: 'media',
  async run(channel, data, { signal }) {
    const [, path = '', options = ''] = /^(\{[^}]*\}?\S*|\S+)\s*(.*)$/s.exec(data.trim()) ?? []
    if (!path) return log.err('record needs a path', channel.uuid)
    const [limit = '', threshold = '', hits = ''] = options.split(/\s+/)
    channel.variables.set('playback_terminator_used', '')
    const outcome = await recordChannel(channel, path, {
      signal,
      limitSeconds: number(limit.replace(/^\+/, '')),
      silenceThreshold: number(threshold),
      silenceSeconds: number(hits) || usualSilenceSeconds,
      terminators: channel.variables.get('playback_terminators') ?? '*',
    })
    channel.variables.set('playback_terminator_used', outcome.digit)
    if (!outcome.started) channel.hangup('DESTINATION_OUT_OF_ORDER')
  },
}

function number(text: string): number {
  return Math.max(0, Number.parseInt(text, 10) || 0)
}
