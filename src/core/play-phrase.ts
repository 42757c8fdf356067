/** `phrase:<macro>[:<data>]` and `say:<text>` wherever a sound is named. */
import type { Speaker } from './interfaces.ts'
import { sayPhrase } from './phrases/run-macro.ts'
import { speakText, spokenText, unheard } from './speak-text.ts'

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

/** `say:text` in the channel's voice, or `say:engine:voice:text`. */
export const saySpeaker: Speaker = {
  name: 'say',
  async speak(channel, text, options) {
    const usual = spokenText(channel, text)
    const [, engine, voice, words] = /^([\w-]+):([\w.+-]+):(.*)$/s.exec(text) ?? []
    // "say:Dial 1:for sales" has colons too: it is an engine's name when there is one, or nothing else could speak.
    const isNamed =
      engine !== undefined &&
      channel.text('tts_engine') === undefined &&
      (channel.sw.speechEngines.get(engine) !== undefined || usual.engine === undefined)
    const spoken = isNamed ? { engine, voice, text: words ?? '' } : usual
    // Words that cannot be spoken keep nothing else from being played: that they are missing is told in the log.
    return (await speakText(channel, spoken, options)) ?? unheard('done')
  },
}
