/** The console of scripts and pipes: a line in, its answer out; no keys, no cursor movements. */
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Face, FaceListener } from './face.ts'

/** Bytes that may wait for a slow reader before log lines are left out. */
const largestBacklog = 4 * 1024 * 1024

export class LineFace implements Face {
  readonly #input: Readable
  readonly #output: Writable
  readonly #showsPrompt: boolean
  #prompt = ''
  #isBusy = false
  #dropped = 0
  #lines: Interface | undefined

  /** With `showsPrompt` (batch mode) each wait for a line is announced by the prompt, for programs that look for it. */
  constructor(input: Readable, output: Writable, showsPrompt: boolean) {
    this.#input = input
    this.#output = output
    this.#showsPrompt = showsPrompt
  }

  start(listener: FaceListener): void {
    this.#lines = createInterface({ input: this.#input, terminal: false })
    this.#lines.on('line', (line) => {
      if (line.trim() === '') this.#ask()
      else listener.line(line)
    })
    this.#lines.on('close', () => listener.end(false))
    this.#ask()
  }

  print(text: string): void {
    if (text !== '') this.#output.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  printLog(text: string): void {
    if (this.#output.writableLength > largestBacklog) {
      this.#dropped++
      return
    }
    if (this.#dropped > 0)
      this.print(`[${this.#dropped} log lines left out: the reader was too slow]`)
    this.#dropped = 0
    this.print(text)
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt
  }

  setBusy(isBusy: boolean): void {
    if (this.#isBusy === isBusy) return
    this.#isBusy = isBusy
    if (!isBusy) this.#ask()
  }

  close(): void {
    if (this.#showsPrompt && this.#lines && !this.#isBusy) this.#output.write('\n')
    this.#lines?.removeAllListeners()
    this.#lines?.close()
    this.#input.pause()
  }

  #ask(): void {
    if (this.#showsPrompt && this.#lines) this.#output.write(this.#prompt)
  }
}
