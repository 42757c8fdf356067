/** Text to speech: `speak`, `say:<text>`, `speak-text` of phrase macros. */
import { logger } from '../base/log.ts'
import type { Channel } from './channel.ts'
import { findLanguage, languageName } from './phrases/language.ts'
import { type PlayOptions, type PlayOutcome, play } from './play.ts'
import { noEngine } from './speech/speech-desk.ts'
import type { Switch } from './switch.ts'

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
 * A text with the voice it is spoken in: the one given, that of the variables tts_engine and tts_voice, or that of the channel's
 * language in the XML.
 */
export function spokenText(
  channel: Channel,
  text: string,
  given: { readonly engine?: string | undefined; readonly voice?: string | undefined } = {},
): SpokenText {
  const language = findLanguage(channel.sw, languageName(channel))
  const choices = [
    { engine: given.engine, voice: given.voice },
    { engine: channel.text('tts_engine'), voice: channel.text('tts_voice') },
    { engine: language?.ttsEngine, voice: language?.ttsVoice },
  ]
  const chosen = choices.find(({ engine }) => isEngine(engine))
  // A voice alone is one of the engine that is used anyway.
  return { engine: chosen?.engine, voice: given.voice ?? chosen?.voice, text }
}

/** Trees say "none" where there is no engine. */
function isEngine(name: string | undefined): boolean {
  return name !== undefined && name !== '' && name !== 'none'
}

/** The sound of a spoken text, to be played like any other: `tts://engine|voice|text`. Or why there is none. */
export function speechSound(
  sw: Switch,
  { engine, voice, text }: SpokenText,
): { readonly sound: string } | { readonly refusal: string } {
  if (text.trim() === '') return { refusal: 'there are no words' }
  if (engine === undefined || !isEngine(engine))
    return {
      refusal: 'no text-to-speech engine is set (tts_engine, tts_voice, or tts-engine of the XML)',
    }
  if (!sw.speechEngines.get(engine)) return { refusal: noEngine(engine) }
  return { sound: `tts://${engine}|${voice ?? ''}|${text}` }
}

/** Has a text spoken by an engine that a module brings. Undefined, and a line in the log, when there is none. */
export async function speakText(
  channel: Channel,
  spoken: SpokenText,
  options: PlayOptions,
): Promise<PlayOutcome | undefined> {
  const made = speechSound(channel.sw, spoken)
  if ('sound' in made) return play(channel, made.sound, { ...options, isOneSound: true })
  log.err(`"${spoken.text}" cannot be spoken: ${made.refusal}`, channel.uuid)
  return undefined
}
