/** Tab: what the switch's `console_complete` answers, and what that does to the line. Pure. */
import { displayWidth, splitCharacters } from './display-width.ts'
import { ownWords } from './typed-line.ts'

export interface Completion {
  readonly candidates: readonly string[]
  /** Bytes to take away before the cursor (the switch counts bytes), and what to write instead. */
  readonly write: { readonly erase: number; readonly text: string } | undefined
  /** What the answer said when it is in no form we know. */
  readonly other: string
}

/** The command that asks. The switch wants the cursor in bytes, and looks no further than that. */
export function completionCommand(text: string, cursor: number): string {
  const before = text.slice(0, cursor)
  return `console_complete c=${Buffer.byteLength(before)};${before}`
}

/** Reads `[      name]<tab>` rows and the last line, `write=<n>:<text>`. */
export function parseCompletion(answer: string): Completion {
  const mark = answer.lastIndexOf('\n\nwrite=')
  const list = mark < 0 ? answer : answer.slice(0, mark)
  const write = mark < 0 ? null : /^write=([0-9]+):(.*)$/s.exec(answer.slice(mark + 2))
  const candidates = Array.from(list.matchAll(/\[ *([^\]\t\n]*)\]\t/g), ([, name = '']) => name)
  return {
    candidates,
    write: write ? { erase: Number(write[1]), text: write[2] ?? '' } : undefined,
    other: candidates.length === 0 ? list.trim() : '',
  }
}

/** The line after the completion; undefined when it changes nothing. */
export function applyCompletion(
  text: string,
  cursor: number,
  completion: Completion,
): { readonly text: string; readonly cursor: number } | undefined {
  if (!completion.write) return undefined
  const before = Buffer.from(text.slice(0, cursor))
  const kept = before.subarray(0, Math.max(0, before.length - completion.write.erase)).toString()
  const start = kept + completion.write.text
  const after = text.slice(cursor)
  // A single candidate is written with a space after it; one that stands there already is enough.
  const result =
    start.endsWith(' ') && after.startsWith(' ') ? start + after.slice(1) : start + after
  return result === text ? undefined : { text: result, cursor: start.length }
}

/** Completes the console's own words; undefined when the line is for the switch. */
export function completeOwnWord(text: string, cursor: number): Completion | undefined {
  const before = text.slice(0, cursor)
  if (!before.startsWith('/') || before.includes(' ')) return undefined
  const words = ownWords.flatMap(([all]) => all.match(/\/[a-z]+/g) ?? []).sort()
  const candidates = words.filter((word) => word.startsWith(before.toLowerCase()))
  const common = commonStart(candidates)
  const erase = before.length
  if (candidates.length === 1)
    return { candidates, write: { erase, text: `${common} ` }, other: '' }
  return { candidates, write: common ? { erase, text: common } : undefined, other: '' }
}

function commonStart(words: readonly string[]): string {
  let common = words[0] ?? ''
  for (const word of words) while (!word.startsWith(common)) common = common.slice(0, -1)
  return common
}

/** Candidates in columns, read downwards, as wide as the terminal allows. */
export function inColumns(candidates: readonly string[], columns: number): string {
  const shown = candidates.map((candidate) => splitCharacters(candidate).slice(0, columns).join(''))
  const width = Math.max(1, ...shown.map(displayWidth)) + 2
  const across = Math.max(1, Math.floor((columns + 1) / width))
  const rows = Math.ceil(shown.length / across)
  const lines: string[] = []
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let at = row; at < shown.length; at += rows) {
      const cell = shown[at] ?? ''
      line += cell + ' '.repeat(width - displayWidth(cell))
    }
    lines.push(line.trimEnd())
  }
  return lines.join('\n')
}
