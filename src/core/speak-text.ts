/** Text to speech: `speak`, `say:<text>`, `speak-text` of phrase macros. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { type PlayOptions, type PlayOutcome, play } from './play.ts'

const log = logger('core/speak-text')

export interface SpokenText {
  readonly engine: string | undefined
  readonly voice: string | undefined
  readonly text: string
}

/** Nothing was heard. */
export function unheard(ended: PlayOutcome['ended']): PlayOutcome {
  return { ended, digit: undefined, samples: 0, position: 0, rate: 8000 }
}

/**
 * Has a text spoken by an engine, which a module brings as the sound `tts://engine|voice|text`. Undefined, and a line in the log,
 * when there is no engine.
 */
export async function speakText(
  channel: Channel,
  spoken: SpokenText,
  options: PlayOptions,
): Promise<PlayOutcome | undefined> {
  const { engine, voice, text } = spoken
  const refuse = (why: string) => {
    log.err(`"${text}" cannot be spoken: ${why}`, channel.uuid)
    return undefined
  }
  if (text.trim() === '') return refuse('there are no words')
  if (!engine || engine === 'none')
    return refuse(
      'no text-to-speech engine is set (tts_engine, tts_voice, or tts-engine of the XML)',
    )
  if (!channel.sw.media.fetchers.has('tts'))
    return refuse(
      `there is no text-to-speech engine "${engine}": no module is loaded that brings one`,
    )
  return play(channel, `tts://${engine}|${voice ?? ''}|${text}`, options)
}
