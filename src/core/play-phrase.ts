/** `phrase:<macro>[:<data>]` and `say:<text>` wherever a sound is named. */
import type { Speaker } from './interfaces.ts'
import { sayPhrase } from './phrases/run-macro.ts'
import { speakText, unheard } from './speak-text.ts'

export const phraseSpeaker: Speaker = {
  name: 'phrase',
  async speak(channel, text, options) {
    const colon = text.indexOf(':')
    const macro = colon < 0 ? text : text.slice(0, colon)
    const data = colon < 0 ? '' : text.slice(colon + 1)
    const outcome = await sayPhrase(channel, macro, data, options)
    const ended = { played: 'done', stopped: 'stopped', failed: 'error' } as const
    return { ...unheard(ended[outcome.ended]), digit: outcome.digit }
  },
}

/** `say:text` with the variables tts_engine and tts_voice, or `say:engine:voice:text`. */
export const saySpeaker: Speaker = {
  name: 'say',
  async speak(channel, text, options) {
    let spoken = {
      engine: channel.text('tts_engine'),
      voice: channel.text('tts_voice'),
      text,
    }
    const parts = /^(\w+):([\w.-]+):(.*)$/s.exec(text)
    if (spoken.engine === undefined && parts)
      spoken = { engine: parts[1], voice: parts[2], text: parts[3] ?? '' }
    // Words that cannot be spoken keep nothing else from being played: that they are missing is told in the log.
    return (await speakText(channel, spoken, options)) ?? unheard('done')
  },
}
