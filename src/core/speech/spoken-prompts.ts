/**
 * Prompts that a language's sound set lacks: what `texts.tsv` in its folder says they say is spoken by the language's engine.
 * A line of it is `group/name`, a tab, and the words; a third column that is a stream (`tone_stream://…`) is played instead.
 */
import { readFile, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import { allLanguages, type Language } from '../phrases/language.ts'
import type { Switch } from '../switch.ts'

const log = logger('core/speech')

interface Texts {
  /** When the file was changed, ms. */
  readonly changed: number
  readonly words: ReadonlyMap<string, string>
}

/** Files whose absence has been told: each is told once, by this name, for all channels. */
const mostTold = 1000

export class SpokenPrompts {
  readonly #sw: Switch
  /** By folder. */
  readonly #texts = new Map<string, Texts>()
  readonly #told = new Set<string>()
  readonly #counts = { missing: 0, 'spoken instead': 0 }

  constructor(sw: Switch) {
    this.#sw = sw
  }

  /** How often a sound file was asked for that is not there, and how often its words were spoken. */
  get figures(): Readonly<Record<string, number>> {
    return { ...this.#counts, names: this.#told.size }
  }

  /** What to play for a sound file that is not there. Throws SwitchError FILE_NOT_FOUND when nobody knows its words. */
  async replace(path: string): Promise<string> {
    this.#counts.missing++
    const unknown = (how: string) => {
      this.#tell(path, `is missing${how}`)
      return new SwitchError('FILE_NOT_FOUND', `${path} is missing${how}`)
    }
    for (const language of allLanguages(this.#sw)) {
      const name = nameIn(language, path)
      if (name === undefined) continue
      const words = (await this.#wordsOf(language.soundPrefix ?? '')).get(name)
      if (words === undefined) continue
      if (/^(tone|silence)_stream:/.test(words)) return words
      if (words.includes('://')) throw unknown('')
      const engine = language.ttsEngine ?? 'none'
      if (engine === 'none') throw unknown(', and its language has no tts-engine to say its words')
      const spoken = { engine, voice: language.ttsVoice ?? '', text: words }
      const file = await this.#sw.speech.file(spoken).catch((thrown: unknown) => {
        throw unknown(`, and its words cannot be spoken: ${reasonOf(thrown)}`)
      })
      this.#tell(path, `is missing; ${engine} says its words`)
      this.#counts['spoken instead']++
      return file
    }
    throw unknown('')
  }

  #tell(path: string, how: string): void {
    log.at(this.#told.has(path) ? 7 : 4, `${path} ${how}`)
    if (this.#told.size < mostTold) this.#told.add(path)
  }

  async #wordsOf(folder: string): Promise<ReadonlyMap<string, string>> {
    const file = join(folder, 'texts.tsv')
    try {
      const changed = (await stat(file)).mtimeMs
      const known = this.#texts.get(folder)
      if (known?.changed === changed) return known.words
      const words = parseTexts(await readFile(file, 'utf8'))
      this.#texts.set(folder, { changed, words })
      return words
    } catch {
      // A set without texts: its missing sounds stay silent.
      return new Map()
    }
  }
}

/** `voicemail/vm-goodbye` of a file below the language's folder, wherever its folder of a rate. */
function nameIn({ soundPrefix }: Language, path: string): string | undefined {
  if (!soundPrefix) return undefined
  const folder = join(soundPrefix, sep)
  if (!path.startsWith(folder)) return undefined
  const name = path.slice(folder.length, path.length - extname(path).length)
  return name.split(sep).join('/')
}

/** Words by name. */
export function parseTexts(text: string): ReadonlyMap<string, string> {
  const words = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    if (line === '' || line.startsWith('#')) continue
    const [name = '', said = '', spoken = ''] = line.split('\t')
    const played = spoken.includes('://') ? spoken : said
    if (name !== '' && played.trim() !== '') words.set(name, played.trim())
  }
  return words
}
