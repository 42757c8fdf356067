/** speak: text to speech. */
import { logger } from '../base/log.ts'
import type { Application } from '../core/interfaces.ts'
import { playbackTerminators } from '../core/play.ts'
import { speakText, spokenText } from '../core/speak-text.ts'

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
    const [first, second] = parts
    const given = parts.length > 2 ? { engine: first, voice: second } : { voice: second && first }
    channel.variables.unset('playback_terminator_used')
    const terminators = playbackTerminators(channel)
    const outcome = await speakText(channel, spokenText(channel, text, given), {
      signal,
      terminators,
    })
    channel.variables.set('playback_terminator_used', outcome?.digit)
  },
}

/** FreeSWITCH keeps an engine open between texts when it is told to; here each text has a process of its own, so none is held. */
export const clearSpeechCache: Application = {
  name: 'clear_speech_cache',
  syntax: '',
  about: 'Give back what an engine of text to speech holds for the call (nothing, here)',
  needs: 'nothing',
  run(channel) {
    log.debug('clear_speech_cache: no engine is held between texts', channel.uuid)
  },
}
