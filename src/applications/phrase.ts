/** phrase: says a phrase macro of the channel's language. */
import type { Application } from '../core/interfaces.ts'
import { sayPhrase } from '../core/phrases/run-macro.ts'
import { playbackTerminators } from '../core/play.ts'

const responses = {
  played: 'PHRASE PLAYED',
  stopped: 'PHRASE PLAYED',
  failed: 'UNKNOWN ERROR',
} as const

export const phrase: Application = {
  name: 'phrase',
  syntax: '<macro>[@<group>][,<data>]',
  about: 'Say a phrase macro of the XML in the language of the channel',
  needs: 'media',
  async run(channel, data, { signal }) {
    const { variables } = channel
    if (data === '') {
      variables.set('current_application_response', 'NOTHING')
      return
    }
    const comma = data.indexOf(',')
    const macro = comma < 0 ? data : data.slice(0, comma)
    variables.unset('playback_terminator_used')
    const outcome = await sayPhrase(channel, macro, comma < 0 ? '' : data.slice(comma + 1), {
      signal,
      terminators: playbackTerminators(channel),
    })
    variables.set('playback_terminator_used', outcome.digit)
    variables.set('current_application_response', responses[outcome.ended])
  },
}
