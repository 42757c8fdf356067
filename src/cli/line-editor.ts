/** The line being typed: keys go in, text, cursor and what to do come out. Emacs keys, as shells have them. Pure. */
import type { Key } from 'node:readline'
import { splitCharacters } from './display-width.ts'
import type { History } from './history.ts'

/** What the one who owns the terminal has to do after a key. */
export type EditorAction =
  | {
      readonly kind: 'redraw' | 'complete' | 'end' | 'interrupt' | 'clear-screen' | 'bell' | 'none'
    }
  | { readonly kind: 'submit'; readonly line: string }
  | { readonly kind: 'function-key'; readonly number: number }

const redraw: EditorAction = { kind: 'redraw' }
const bell: EditorAction = { kind: 'bell' }

interface Search {
  readonly term: string
  /** Where in the history the match stands; undefined while nothing matches. */
  readonly steps: number | undefined
  readonly before: string
}

export class LineEditor {
  text = ''
  /** An index into `text`, always between two characters as a person sees them. */
  cursor = 0
  readonly #history: History
  /** How far back in the history the shown line is; -1 is the line being typed. */
  #steps = -1
  #draft = ''
  #cut = ''
  #search: Search | undefined

  constructor(history: History) {
    this.#history = history
  }

  /** What stands before the text while the history is searched, in place of the prompt. */
  get searchPrompt(): string | undefined {
    if (!this.#search) return undefined
    const failed = this.#search.term !== '' && this.#search.steps === undefined ? 'failed ' : ''
    return `(${failed}search) '${this.#search.term}': `
  }

  set(text: string, cursor = text.length): void {
    this.text = text
    this.cursor = cursor
  }

  clear(): void {
    this.set('')
    this.#steps = -1
    this.#search = undefined
  }

  insert(text: string): void {
    this.set(
      this.text.slice(0, this.cursor) + text + this.text.slice(this.cursor),
      this.cursor + text.length,
    )
  }

  /** Takes one key as node:readline tells it. `characters` is what it would type, if anything. */
  press(characters: string | undefined, key: Key): EditorAction {
    const name = keyName(key)
    if (this.#search) {
      const action = this.#pressInSearch(characters, name)
      if (action) return action
    }
    const functionKey = /^f([1-9]|1[0-2])$/.exec(name)
    if (functionKey) return { kind: 'function-key', number: Number(functionKey[1]) }
    const bound = bindings[name]
    if (bound) return bound(this)
    if (key.ctrl || key.meta || !isText(characters)) return { kind: 'none' }
    this.insert(characters)
    return redraw
  }

  submit(): EditorAction {
    const line = this.text
    this.#history.add(line.trim())
    this.clear()
    return { kind: 'submit', line }
  }

  /** One line back (1) or forward (-1) in the history. */
  recall(direction: 1 | -1): EditorAction {
    const steps = this.#steps + direction
    if (steps < -1 || steps >= this.#history.length) return bell
    if (this.#steps === -1) this.#draft = this.text
    this.#steps = steps
    this.set(steps === -1 ? this.#draft : (this.#history.back(steps) ?? ''))
    return redraw
  }

  move(to: number): EditorAction {
    this.cursor = Math.max(0, Math.min(this.text.length, to))
    return redraw
  }

  /** Removes from `from` to `to`; what was removed can be put back with Ctrl-Y when it is kept. */
  remove(from: number, to: number, kept: boolean): EditorAction {
    if (from >= to) return bell
    if (kept) this.#cut = this.text.slice(from, to)
    this.set(this.text.slice(0, from) + this.text.slice(to), from)
    return redraw
  }

  pasteCut(): EditorAction {
    this.insert(this.#cut)
    return redraw
  }

  /** The index one character left or right of the cursor. */
  beside(direction: 1 | -1): number {
    if (direction === 1) {
      const [next = ''] = splitCharacters(this.text.slice(this.cursor))
      return this.cursor + next.length
    }
    const last = splitCharacters(this.text.slice(0, this.cursor)).at(-1) ?? ''
    return this.cursor - last.length
  }

  wordStart(): number {
    return this.text.slice(0, this.cursor).replace(/[^ ]* *$/, '').length
  }

  wordEnd(): number {
    return this.cursor + (/^ *[^ ]*/.exec(this.text.slice(this.cursor))?.[0].length ?? 0)
  }

  /** Exchanges the two characters around the cursor, as Ctrl-T does. */
  exchange(): EditorAction {
    const before = this.cursor === this.text.length ? this.beside(-1) : this.cursor
    const characters = splitCharacters(this.text.slice(0, before))
    const left = characters.at(-1)
    const [right] = splitCharacters(this.text.slice(before))
    if (!left || !right) return bell
    const start = before - left.length
    const end = before + right.length
    this.set(this.text.slice(0, start) + right + left + this.text.slice(end), end)
    return redraw
  }

  startSearch(): EditorAction {
    this.#search = { term: '', steps: undefined, before: this.text }
    return redraw
  }

  #pressInSearch(characters: string | undefined, name: string): EditorAction | undefined {
    const search = this.#search
    if (!search) return undefined
    if (name === 'C-r') return this.#find(search.term, (search.steps ?? -1) + 1)
    if (name === 'backspace' || name === 'C-h') return this.#find(search.term.slice(0, -1), 0)
    if (name === 'C-g' || name === 'C-c' || name === 'escape') {
      this.#search = undefined
      this.set(search.before)
      return redraw
    }
    if (isText(characters) && !/^[CM]-/.test(name)) return this.#find(search.term + characters, 0)
    this.#search = undefined // any other key takes the line found and then does its own work
    return undefined
  }

  #find(term: string, from: number): EditorAction {
    const before = this.#search?.before ?? ''
    const steps = term === '' ? undefined : this.#history.search(term, from)
    if (steps === undefined && from > 0) return bell // no older one: stay on this match
    this.#search = { term, steps, before }
    if (steps === undefined) return term === '' ? redraw : bell
    this.#steps = steps
    const line = this.#history.back(steps) ?? ''
    this.set(line, line.indexOf(term))
    return redraw
  }
}

/** `C-a`, `M-f`, `left`, `f1`: a key's name with its modifiers. */
function keyName(key: Key): string {
  return `${key.ctrl ? 'C-' : ''}${key.meta ? 'M-' : ''}${key.name ?? ''}`
}

function isText(characters: string | undefined): characters is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  return characters !== undefined && characters !== '' && !/[\x00-\x1f\x7f]/.test(characters)
}

type Binding = (editor: LineEditor) => EditorAction
const toStart: Binding = (editor) => editor.move(0)
const toEnd: Binding = (editor) => editor.move(editor.text.length)
const left: Binding = (editor) => editor.move(editor.beside(-1))
const right: Binding = (editor) => editor.move(editor.beside(1))
const wordLeft: Binding = (editor) => editor.move(editor.wordStart())
const wordRight: Binding = (editor) => editor.move(editor.wordEnd())
const rubOut: Binding = (editor) => editor.remove(editor.beside(-1), editor.cursor, false)
const deleteNext: Binding = (editor) => editor.remove(editor.cursor, editor.beside(1), false)
const cutWord: Binding = (editor) => editor.remove(editor.wordStart(), editor.cursor, true)
const older: Binding = (editor) => editor.recall(1)
const newer: Binding = (editor) => editor.recall(-1)
const submit: Binding = (editor) => editor.submit()

const bindings: Readonly<Record<string, Binding>> = {
  return: submit,
  enter: submit,
  tab: () => ({ kind: 'complete' }),
  'C-c': () => ({ kind: 'interrupt' }),
  'C-z': () => ({ kind: 'interrupt' }), // a console that stops itself would stop the switch it runs in
  'C-d': (editor) => (editor.text === '' ? { kind: 'end' } : deleteNext(editor)),
  'C-l': () => ({ kind: 'clear-screen' }),
  'C-r': (editor) => editor.startSearch(),
  up: older,
  'C-p': older,
  down: newer,
  'C-n': newer,
  left,
  'C-b': left,
  right,
  'C-f': right,
  home: toStart,
  'C-a': toStart,
  end: toEnd,
  'C-e': toEnd,
  'C-left': wordLeft,
  'M-left': wordLeft,
  'M-b': wordLeft,
  'C-right': wordRight,
  'M-right': wordRight,
  'M-f': wordRight,
  backspace: rubOut,
  'C-h': rubOut,
  delete: deleteNext,
  'C-w': cutWord,
  'M-backspace': cutWord,
  'M-d': (editor) => editor.remove(editor.cursor, editor.wordEnd(), true),
  'C-u': (editor) => editor.remove(0, editor.cursor, true),
  'C-k': (editor) => editor.remove(editor.cursor, editor.text.length, true),
  'C-y': (editor) => editor.pasteCut(),
  'C-t': (editor) => editor.exchange(),
}
