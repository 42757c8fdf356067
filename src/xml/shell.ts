/** Runs a shell command for `exec` and `exec-set` of the preprocessor, with a limit on its time and on what it prints. */
import { spawn } from 'node:child_process'

export interface ShellResult {
  readonly output: string
  /** Why it cannot be trusted: exit status, signal, time limit; undefined when all went well. */
  readonly failure: string | undefined
}

const outputLimit = 16 * 1024 * 1024

/** Runs `/bin/sh -c command` and takes its standard output; after `limitMs` it and its children are killed. Never rejects. */
export function runShell(command: string, limitMs: number): Promise<ShellResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    let stopped: string | undefined
    // A group of its own, so that the children of the shell end with it.
    const child = spawn('/bin/sh', ['-c', command], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const stop = (why: string) => {
      stopped ??= why
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself meanwhile.
      }
    }
    const finish = (failure: string | undefined) => {
      clearTimeout(timer)
      resolve({ output: Buffer.concat(chunks).toString('utf8'), failure })
    }
    const timer = setTimeout(() => stop(`took longer than ${limitMs} ms`), limitMs)
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > outputLimit) stop(`printed more than ${outputLimit} bytes`)
      else chunks.push(chunk)
    })
    child.on('error', (error) => finish(error.message))
    child.on('close', (status, signal) => {
      const ending = signal === null ? `exit status ${status}` : `ended by ${signal}`
      finish(stopped ?? (status === 0 ? undefined : ending))
    })
  })
}
