/** How a console talks with the person (or the script) before it: the part that differs with and without a terminal. */
import type { Completion } from './completion.ts'

export interface FaceListener {
  /** A line was entered. */
  line(text: string): void
  /** No more lines will come. `isNow` when the person asked to leave rather than a file having ended. */
  end(isNow: boolean): void
  /** Control-C; `hadText` when it also dropped a half-typed line. */
  interrupt(hadText: boolean): void
  functionKey(number: number): void
  complete(text: string, cursor: number): Promise<Completion | undefined>
}

export interface Face {
  /** Begins to read. Until then nothing typed is lost. */
  start(listener: FaceListener): void
  /** Whole lines; a missing last line break is added. */
  print(text: string): void
  /** Log lines: these may be left out when the reader cannot keep up. */
  printLog(text: string): void
  setPrompt(prompt: string): void
  /** While busy a command runs and no line is asked for; what is typed waits. */
  setBusy(isBusy: boolean, line: string): void
  /** Writes out what waits and gives the terminal back. */
  close(): void
}
