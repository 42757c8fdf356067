/** speak: text to speech. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { playbackTerminators } from '../core/play.ts'
import { speakText } from '../core/speak-text.ts'

const log = logger('applications/speak')

export const speak: Application = {
  name: 'speak',
  syntax: '<engine>|<voice>|<text>',
  about: 'Have a text spoken (only <text> where tts_engine and tts_voice are set)',
  needs: 'media',
  async run(channel, data, { signal }) {
    if (data === '') return log.err(`speak: ${speak.syntax}`, channel.uuid)
    const parts = data.split('|')
    const text = parts.length < 2 ? data : parts.slice(parts.length === 2 ? 1 : 2).join('|')
    const engine = parts.length > 2 ? parts[0] : channel.text('tts_engine')
    const voice = parts.length > 1 ? parts[parts.length > 2 ? 1 : 0] : channel.text('tts_voice')
    channel.variables.unset('playback_terminator_used')
    const terminators = playbackTerminators(channel)
    const outcome = await speakText(channel, { engine, voice, text }, { signal, terminators })
    channel.variables.set('playback_terminator_used', outcome?.digit)
  },
}
