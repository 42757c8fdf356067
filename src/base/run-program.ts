/** Programs outside the switch: `system` and its relatives. */
import { exec, execFile } from 'node:child_process'
import { logger } from './log.ts'

const log = logger('base/run-program')

/** More output than this ends the program. */
const maximumOutput = 16 * 1024 * 1024

/** Resolves with what it printed, whatever became of it; a failure is logged. */
function output(run: (done: (error: Error | null, stdout: string) => void) => void, what: string) {
  return new Promise<string>((resolve) => {
    run((error, stdout) => {
      if (error) log.notice(`${what}: ${error.message}`)
      resolve(stdout)
    })
  })
}

/** Runs a line in a shell; resolves with what it printed. Never rejects. */
export function runShell(line: string): Promise<string> {
  return output((done) => exec(line, { maxBuffer: maximumOutput }, done), line)
}

/** Runs a program with its arguments, without a shell; resolves with what it printed. Never rejects. */
export function runProgram(program: string, words: readonly string[]): Promise<string> {
  const options = { maxBuffer: maximumOutput }
  return output((done) => execFile(program, words, options, done), [program, ...words].join(' '))
}
