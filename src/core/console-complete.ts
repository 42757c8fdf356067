/** What Tab offers at the console: the names of commands, the words behind them, uuids, modules. */
import { networkInterfaces } from 'node:os'
import { separate } from './separate.ts'
import type { Switch } from './switch.ts'

/** Gives every value that a word like `::console::list_uuid` stands for. */
export type CompletionSource = (sw: Switch) => readonly string[]

export interface Completed {
  readonly candidates: readonly string[]
  /** How many bytes stand before the cursor and are to be replaced. */
  readonly erase: number
  /** What to write instead: the only candidate with a blank behind, or what all begin with. */
  readonly write: string | undefined
}

/** How many words a line may have. */
const maximumWords = 10

export class Completions {
  readonly #sw: Switch
  readonly #added: string[][] = []
  readonly #sources = new Map<string, CompletionSource>([
    [
      '::console::list_uuid',
      (sw) =>
        sw.channels
          .list()
          .map((channel) => channel.uuid)
          .sort(),
    ],
    ['::console::list_available_modules', (sw) => sw.options.moduleNames?.() ?? []],
    ['::console::list_loaded_modules', (sw) => sw.modules.list().map((module) => module.name)],
    ['::console::list_interfaces', () => Object.keys(networkInterfaces())],
  ])

  constructor(sw: Switch) {
    this.#sw = sw
  }

  /** Makes a word of the form `::sofia::list_profiles` stand for values; forgotten when disposed. */
  addSource(word: string, source: CompletionSource): Disposable {
    this.#sources.set(word, source)
    return { [Symbol.dispose]: () => void this.#sources.delete(word) }
  }

  /** Adds a line of words (`complete add`); `_any_` stands for any word. */
  add(words: readonly string[]): void {
    this.#added.push(
      words.slice(0, maximumWords).map((word) => (/^_any_$/i.test(word) ? '' : word)),
    )
  }

  /** Takes away every added line that begins with these words; without words all of them. */
  remove(words: readonly string[]): void {
    const kept = this.#added.filter((line) => words.some((word, index) => line[index] !== word))
    this.#added.splice(0, this.#added.length, ...kept)
  }

  /** Every line that is known, the name of the command first. */
  lines(): readonly (readonly string[])[] {
    const known = this.#sw.commands.list().flatMap(({ thing }) => {
      const lines = [...(thing.completions ?? [])]
      if (thing.syntax.startsWith('<uuid>')) lines.push('::console::list_uuid')
      return lines.map((line) => [thing.name, ...line.split(' ')])
    })
    return [...known, ...this.#added]
  }

  /** Completes the last word of what stands before the cursor. */
  complete(before: string): Completed {
    const line = (before.split(/[\r\n]/, 1)[0] ?? '').replace(/^ +/, '').replace(/ +$/, ' ')
    const words = line.split(/ +/)
    const last = words.at(-1) ?? ''
    const candidates = words.length === 1 ? this.#names(last) : this.#following(line, words)
    const [first] = candidates
    return {
      candidates,
      erase: Buffer.byteLength(last),
      write: candidates.length === 1 ? `${first} ` : commonStart(candidates) || undefined,
    }
  }

  #names(start: string): string[] {
    const lower = start.toLowerCase()
    const begins = (name: string) => name.toLowerCase().startsWith(lower)
    const names = this.#sw.commands.list().map(({ thing }) => thing.name)
    const added = this.#added.map(([name = '']) => name).filter((name) => !names.includes(name))
    return [
      ...sorted(names.filter(begins)),
      ...sorted(added.filter((name) => name && begins(name))),
    ]
  }

  #following(line: string, words: readonly string[]): string[] {
    const typed = separate(line, ' ', maximumWords)
    const last = words.at(-1) ?? ''
    const at = words.length - 1
    const offered = this.lines()
      .filter((known) => typed.every((word, index) => fits(known[index] ?? '', word, last !== '')))
      .map((known) => known[at] ?? '')
    const meant = sorted(offered).flatMap((word) =>
      word.startsWith('::') ? this.#expand(word).filter((one) => one.startsWith(last)) : [word],
    )
    return [...new Set(meant)]
  }

  #expand(word: string): readonly string[] {
    if (word.startsWith('::[')) return separate(word.slice(3), ':')
    return this.#sources.get(word)?.(this.#sw) ?? []
  }
}

/** Whether a typed word may stand where a line has `known`. While a word is being typed all are taken as beginnings. */
function fits(known: string, typed: string, isOpen: boolean): boolean {
  if (known === '' || known.startsWith('::')) return true
  return isOpen ? known.toLowerCase().startsWith(typed.toLowerCase()) : known === typed
}

function sorted(words: readonly string[]): string[] {
  return [...new Set(words)].filter((word) => word !== '').sort()
}

function commonStart(words: readonly string[]): string {
  let common = words[0] ?? ''
  for (const word of words) while (!word.startsWith(common)) common = common.slice(0, -1)
  return common
}
