/** Words that a conference says: through the text-to-speech engine of its profile. */
import { logger } from '../../base/log.ts'
import { speechSound } from '../../core/speak-text.ts'
import type { Conference } from './conference.ts'

const log = logger('applications/conference')

/** The sound that says a text, `#voice#text` with another voice. Undefined, and a line in the log, when nobody can say it. */
export function spokenPath(conference: Conference, text: string): string | undefined {
  const { ttsEngine, ttsVoice } = conference.profile
  const [, , voice, words = ''] = /^(\{[^}]*\})?(?:#([^#]*)#)?(.*)$/s.exec(text) ?? []
  const made = speechSound(conference.sw, {
    engine: ttsEngine,
    voice: voice || ttsVoice,
    text: words.trim(),
  })
  if ('sound' in made) return made.sound
  log.info(`"${text}" is not said in conference ${conference.name}: ${made.refusal}`)
  return undefined
}

/** Whether words can be said at all. */
export function canSpeak({ profile, sw }: Conference): boolean {
  return profile.ttsEngine !== undefined && sw.speechEngines.get(profile.ttsEngine) !== undefined
}
