/** The table of prompts, `texts.tsv` of a sound set: what every sound file says. It is also the list of what the set has. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Prompt {
  readonly group: string
  /** The file's name without extension. */
  readonly file: string
  /** `group/file`, as configurations write it. */
  readonly name: string
  /** The words, as a person would write them. */
  readonly text: string
  /** What the synthesizer is told, or `scheme://…` for what is no speech. */
  readonly spoken: string
}

/** The folder of the English set, below the root of the project. */
export const englishSet = join('sounds', 'en', 'us', 'callie')

/** Hz of the files that lie in the project; what plays them converts. */
export const setRate = 16000

/** Hz of a prompt's file. The half thousand words for key fingerprints are seldom heard: they are kept small. */
export function rateOf({ group }: Pick<Prompt, 'group'>): number {
  return group === 'base256' ? 8000 : setRate
}

/**
 * The prompts of a table's text. Throws with the line when one is not `name<TAB>text[<TAB>spoken]`, when a text is empty or
 * when a name stands twice, be it in capitals: not every disk keeps these apart.
 */
export function parseTable(text: string): readonly Prompt[] {
  const prompts: Prompt[] = []
  const names = new Set<string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line === '' || line.startsWith('#')) continue
    const where = `line ${index + 1}`
    const [name = '', words = '', spoken = words, ...rest] = line.split('\t')
    const match = /^([\w-]+)\/([\w-]+)$/.exec(name)
    if (!match) throw new Error(`${where}: "${name}" is no <group>/<file>`)
    if (words.trim() === '' || spoken.trim() === '')
      throw new Error(`${where}: ${name} has no text`)
    if (rest.length > 0) throw new Error(`${where}: ${name} has more than three columns`)
    if (names.has(name.toLowerCase())) throw new Error(`${where}: ${name} stands twice`)
    names.add(name.toLowerCase())
    prompts.push({ group: match[1] ?? '', file: match[2] ?? '', name, text: words, spoken })
  }
  return prompts
}

/** The prompts of the set in `folder`. */
export function readTable(folder: string): readonly Prompt[] {
  return parseTable(readFileSync(join(folder, 'texts.tsv'), 'utf8'))
}

/** Where a prompt's sound lies, below the folder of its set. */
export function placeOf(prompt: Prompt): string {
  return join(prompt.group, String(rateOf(prompt)), `${prompt.file}.wav`)
}

/** Whether it is made by a synthesizer of speech. */
export function isSpeech(prompt: Prompt): boolean {
  return !prompt.spoken.includes('://')
}
