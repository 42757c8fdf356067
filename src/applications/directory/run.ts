/** One caller's way through the directory: the name is keyed, matches are read out, one is chosen. */
import type { Channel } from '../../core/channel.ts'
import { collectDigits, playUntilDigit } from '../../core/collect.ts'
import { play } from '../../core/play.ts'
import type { DirectoryProfile, SearchOrder } from './profile.ts'
import { type Entry, search } from './search.ts'

/** More digits than any name has. */
const mostDigits = 64

export interface DirectoryRequest {
  readonly profile: DirectoryProfile
  readonly order: SearchOrder
  readonly entries: readonly Entry[]
  /** The file in which a user says its name; undefined where it never did. */
  readonly recordedName: (extension: string) => Promise<string | undefined>
  readonly signal: AbortSignal
}

/** What came of a list that was read out. */
type Choice = Entry | 'new search' | 'nothing'

/** Asks for a name and reads out who has it; resolves with whom the caller chose, undefined when he chose nobody. */
export async function findPerson(
  channel: Channel,
  request: DirectoryRequest,
): Promise<Entry | undefined> {
  return new Run(channel, request).run()
}

class Run {
  readonly #channel: Channel
  readonly #request: DirectoryRequest
  #order: SearchOrder

  constructor(channel: Channel, request: DirectoryRequest) {
    this.#channel = channel
    this.#request = request
    this.#order = request.order
  }

  get #isOver(): boolean {
    return this.#request.signal.aborted || !this.#channel.isUp
  }

  async run(): Promise<Entry | undefined> {
    const { profile, entries } = this.#request
    for (let attempt = 0; attempt < profile.maxAttempts && !this.#isOver; attempt++) {
      const digits = await this.#askName()
      if (digits === '' || this.#isOver) continue
      if (digits.length < profile.minDigits) {
        await this.#say('min_search_digits', String(profile.minDigits))
        continue
      }
      const found = search(entries, digits, this.#order)
      if (profile.maxResult > 0 && found.length > profile.maxResult) {
        await this.#say('result_count_too_large', String(found.length))
        continue
      }
      await this.#say('result_count', String(found.length))
      if (found.length === 0) continue
      const choice = await this.#choose(found)
      if (choice === 'nothing') return undefined
      if (choice !== 'new search') return choice
    }
    return undefined
  }

  /** The keys of a name; empty when none came. The order key changes what is asked for. */
  async #askName(): Promise<string> {
    const { profile, signal } = this.#request
    const { keys, digitTimeout } = profile
    for (;;) {
      const asked = this.#order === 'last_name' ? 'last_name' : 'first_name'
      const intro = `phrase:directory_intro:${asked}:${keys.switchOrder}`
      await playUntilDigit(this.#channel, intro, signal)
      const { digits, terminator } = await collectDigits(this.#channel, {
        signal,
        min: 0,
        max: mostDigits,
        prompt: '',
        timeoutMs: digitTimeout,
        terminators: keys.terminator + keys.switchOrder,
      })
      if (this.#isOver || terminator !== keys.switchOrder) return digits
      this.#order = this.#order === 'last_name' ? 'first_name' : 'last_name'
    }
  }

  /** Reads the matches out, each with what may be keyed, until one is chosen or nothing is keyed in time. */
  async #choose(found: readonly Entry[]): Promise<Choice> {
    const { keys } = this.#request.profile
    for (let index = 0; !this.#isOver; ) {
      const entry = found[index]
      if (!entry) return 'nothing'
      const key = await this.#readOut(entry, index + 1)
      if (key === undefined) return 'nothing'
      if (key === keys.select) return entry
      if (key === keys.newSearch) return 'new search'
      if (key === keys.previous) index = Math.max(0, index - 1)
      else if (index < found.length - 1) index++
      else await this.#say('result_last', String(found.length))
    }
    return 'nothing'
  }

  /** The key that was pressed while, or soon after, an entry was read out. */
  async #readOut(entry: Entry, number: number): Promise<string | undefined> {
    const { profile, recordedName } = this.#request
    const { keys } = profile
    const recorded = await recordedName(entry.extension)
    const sounds = [
      `phrase:directory_result_item:${number}`,
      recorded ?? `phrase:directory_result_say_name:${entry.fullName}`,
      ...(entry.isNumberVisible ? [`phrase:directory_result_at:${entry.extension}`] : []),
    ]
    for (const sound of sounds) {
      const key = await this.#key(sound, 1)
      if (key !== undefined) return key
    }
    const menu = [keys.select, keys.next, keys.previous, keys.newSearch].join(',')
    return this.#key(`phrase:directory_result_menu:${menu}`, profile.digitTimeout)
  }

  async #key(prompt: string, timeoutMs: number): Promise<string | undefined> {
    const { signal } = this.#request
    if (this.#isOver) return undefined
    const options = { signal, min: 0, max: 1, prompt, timeoutMs, terminators: '' }
    const { digits } = await collectDigits(this.#channel, options)
    return digits === '' ? undefined : digits
  }

  async #say(macro: string, data: string): Promise<void> {
    const { signal } = this.#request
    if (!this.#isOver) await play(this.#channel, `phrase:directory_${macro}:${data}`, { signal })
  }
}
