/**
 * Text to speech: has engines render texts to files, a few at a time, each text once. `tts://engine|voice|text` of the media engine
 * ends here.
 */
import { createHash } from 'node:crypto'
import { SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { SpeechEngine } from '../interfaces.ts'
import type { Registry } from '../registry.ts'
import { SpeechCache } from './speech-cache.ts'

const log = logger('core/speech')

export interface SpokenText {
  readonly engine: string
  /** Empty: the engine's usual one. */
  readonly voice: string
  readonly text: string
}

export interface SpeechLimits {
  /** Engines at work at once. */
  readonly atOnce: number
  /** Texts that wait for one. */
  readonly waiting: number
  /** ms that one may take. */
  readonly timeoutMs: number
  readonly characters: number
  readonly files: number
  readonly octets: number
}

export const speechLimits: SpeechLimits = {
  atOnce: 2,
  waiting: 100,
  timeoutMs: 20_000,
  characters: 5000,
  files: 2000,
  octets: 200 * 1024 * 1024,
}

export class SpeechDesk {
  readonly #engines: Registry<SpeechEngine>
  readonly #limits: SpeechLimits
  readonly #cache: SpeechCache
  readonly #running = new Map<string, Promise<string>>()
  readonly #queue: (() => void)[] = []
  readonly #closing = new AbortController()
  #atWork = 0
  readonly #counts = { rendered: 0, cached: 0, failed: 0, 'timed out': 0, 'refused: queue full': 0 }

  constructor(engines: Registry<SpeechEngine>, folder: string, limits = speechLimits) {
    this.#engines = engines
    this.#limits = limits
    this.#cache = new SpeechCache(folder, {
      mostFiles: limits.files,
      mostOctets: limits.octets,
    })
  }

  get figures(): Readonly<Record<string, number>> {
    const { files, octets } = this.#cache.figures
    const waiting = this.#queue.length
    return { ...this.#counts, 'at work': this.#atWork, waiting, files, octets }
  }

  /** The file of `engine|voice|text`. Throws SwitchError TTS_…, which says what is wrong. */
  fetch(written: string): Promise<string> {
    const [engine = '', voice = '', ...text] = written.split('|')
    return this.file({ engine, voice, text: text.join('|') })
  }

  /** The path of a sound file that says the text; rendered when there is none. Throws SwitchError TTS_…. */
  async file(spoken: SpokenText): Promise<string> {
    const engine = this.#engines.get(spoken.engine)
    if (!engine) throw new SwitchError('TTS_NO_ENGINE', noEngine(spoken.engine))
    const text = plainText(spoken.text)
    if (text === '') throw new SwitchError('TTS_FAILED', 'there are no words to speak')
    const most = this.#limits.characters
    if (text.length > most)
      throw new SwitchError('TTS_FAILED', `more than ${most} characters cannot be spoken at once`)
    const voice = spoken.voice.trim()
    const key = keyOf([engine.name, engine.revision?.() ?? '', voice, text])
    const running = this.#running.get(key)
    if (running) return running
    const making = this.#get(key, engine, voice, text).finally(() => this.#running.delete(key))
    this.#running.set(key, making)
    return making
  }

  /** Ends what is at work. */
  close(): void {
    this.#closing.abort()
    for (const go of this.#queue.splice(0)) go()
  }

  async #get(key: string, engine: SpeechEngine, voice: string, text: string): Promise<string> {
    const present = await this.#cache.find(key)
    if (present !== undefined) {
      this.#counts.cached++
      return present
    }
    await this.#turn()
    const giving = new AbortController()
    const give = () => giving.abort()
    const timer = setTimeout(give, this.#limits.timeoutMs)
    this.#closing.signal.addEventListener('abort', give, { once: true })
    if (this.#closing.signal.aborted) give()
    const { signal } = giving
    try {
      const started = Date.now()
      const path = await this.#cache.make(key, (file) =>
        engine.render({ voice, text, path: file, signal }),
      )
      this.#counts.rendered++
      log.debug(`${engine.name}: ${text.length} characters in ${Date.now() - started} ms`)
      return path
    } catch (thrown) {
      const isLate = thrown instanceof SwitchError && thrown.code === 'TTS_TIMEOUT'
      this.#counts[isLate ? 'timed out' : 'failed']++
      throw thrown
    } finally {
      clearTimeout(timer)
      this.#closing.signal.removeEventListener('abort', give)
      this.#atWork--
      this.#queue.shift()?.()
    }
  }

  /** Waits until fewer than allowed are at work. */
  async #turn(): Promise<void> {
    if (this.#atWork >= this.#limits.atOnce) {
      if (this.#queue.length >= this.#limits.waiting) {
        this.#counts['refused: queue full']++
        throw new SwitchError('TTS_BUSY', `${this.#queue.length} texts wait to be spoken already`)
      }
      await new Promise<void>((resolve) => this.#queue.push(resolve))
    }
    this.#atWork++
  }
}

/** Why an engine cannot be had, with the module that would bring it. */
export function noEngine(engine: string): string {
  const module = `mod_${engine.replaceAll('-', '_')}`
  return `there is no text-to-speech engine "${engine}" (${module} is not loaded)`
}

function keyOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40)
}

/** One line without control characters. */
function plainText(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}
