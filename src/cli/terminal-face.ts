/** The console on a terminal: line editing, completion and function keys. */
import { emitKeypressEvents, type Key } from 'node:readline'
import type { Readable } from 'node:stream'
import { applyCompletion, type Completion, inColumns } from './completion.ts'
import type { Face, FaceListener } from './face.ts'
import type { History } from './history.ts'
import { LineEditor } from './line-editor.ts'
import { Screen, type TerminalOutput } from './screen.ts'

/** A readable that may be a terminal, as process.stdin is. */
export type TerminalInput = Readable & {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

export class TerminalFace implements Face {
  readonly #input: TerminalInput
  readonly #output: TerminalOutput
  readonly #screen: Screen
  readonly #editor: LineEditor
  /** The colour of typed text; the prompt ends with it and every finished line with a reset. */
  #prompt = '> '
  #isBusy = false
  #isOpen = false
  #listener: FaceListener | undefined

  constructor(input: TerminalInput, output: TerminalOutput, history: History) {
    this.#input = input
    this.#output = output
    this.#screen = new Screen(output)
    this.#editor = new LineEditor(history)
  }

  start(listener: FaceListener): void {
    this.#listener = listener
    this.#isOpen = true
    emitKeypressEvents(this.#input)
    this.#input.setRawMode?.(true)
    this.#input.on('keypress', this.#onKey)
    this.#input.on('end', this.#onInputEnd)
    this.#output.on('resize', this.#onResize)
    this.#input.resume()
    this.#show()
  }

  print(text: string): void {
    this.#screen.print(text)
  }

  printLog(text: string): void {
    this.#screen.printIfKeepingUp(text)
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt
    this.#show()
  }

  setBusy(isBusy: boolean, line: string): void {
    if (this.#isBusy === isBusy) return
    if (isBusy) {
      // The line that runs scrolls away with its prompt; the editor may hold the next one already.
      this.#screen.show({ prompt: this.#prompt, text: line, cursor: line.length })
      this.#screen.finishLine()
    }
    this.#isBusy = isBusy
    this.#show()
  }

  close(): void {
    if (!this.#isOpen) {
      this.#screen.flush()
      return
    }
    this.#isOpen = false
    this.#input.off('keypress', this.#onKey)
    this.#input.off('end', this.#onInputEnd)
    this.#output.off('resize', this.#onResize)
    this.#screen.show(undefined)
    this.#screen.flush()
    this.#input.setRawMode?.(false)
    this.#input.pause()
  }

  #show(): void {
    if (!this.#isOpen || this.#isBusy) return
    const { text, cursor, searchPrompt } = this.#editor
    this.#screen.show({ prompt: searchPrompt ?? this.#prompt, text, cursor })
  }

  readonly #onResize = (): void => this.#screen.resized()

  readonly #onInputEnd = (): void => this.#listener?.end(true)

  readonly #onKey = (characters: string | undefined, key: Key): void => {
    const hadText = this.#editor.text !== ''
    const action = this.#editor.press(characters, key)
    switch (action.kind) {
      case 'redraw':
        this.#show()
        return
      case 'submit':
        if (action.line.trim() === '') this.#leaveLine('')
        else this.#listener?.line(action.line)
        this.#show()
        return
      case 'complete':
        void this.#complete()
        return
      case 'end':
        this.#leaveLine('/exit')
        this.#listener?.end(true)
        return
      case 'interrupt':
        this.#leaveLine(`${this.#editor.text}^C`)
        this.#editor.clear()
        this.#listener?.interrupt(hadText)
        this.#show()
        return
      case 'function-key':
        this.#listener?.functionKey(action.number)
        return
      case 'clear-screen':
        this.#screen.clear()
        return
      case 'bell':
        this.#output.write('\x07')
        this.#show()
    }
  }

  /** Lets the line being typed scroll away, with this text in it. */
  #leaveLine(text: string): void {
    if (this.#isBusy) return
    this.#screen.show({ prompt: this.#prompt, text, cursor: text.length })
    this.#screen.finishLine()
  }

  async #complete(): Promise<void> {
    const { text, cursor } = this.#editor
    let completion: Completion | undefined
    try {
      completion = await this.#listener?.complete(text, cursor)
    } catch {
      completion = undefined // not connected, or not permitted: Tab stays without effect
    }
    // Typing goes on while the switch thinks; its answer is then about a line that is no more.
    if (this.#editor.text !== text || this.#editor.cursor !== cursor || this.#isBusy) return
    const changed = completion && applyCompletion(text, cursor, completion)
    if (!completion || (!changed && completion.candidates.length < 2 && completion.other === '')) {
      this.#output.write('\x07')
      return
    }
    if (completion.candidates.length > 1) {
      this.#leaveLine(text)
      this.#screen.print(inColumns(completion.candidates, this.#screen.columns))
    }
    if (completion.other !== '') this.#screen.print(completion.other)
    if (changed) this.#editor.set(changed.text, changed.cursor)
    this.#show()
  }
}
