/** Real programs beside a test: started, watched, always ended; the one helper that waits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { patienceMs } from './until.ts'
import { lastLines, witness } from './witness.ts'

/** The checkout, whether this runs from it or from a build folder inside it. */
export const root = ((): string => {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) throw new Error('no package.json above this file')
  }
})()

const packages: Readonly<Record<string, string>> = {
  sipp: 'sip-tester',
  opusenc: 'opus-tools',
  opusdec: 'opus-tools',
  oggenc: 'vorbis-tools',
  text2wave: 'festival',
  turnserver: 'coturn',
}

/** What to give a test as `skip`: false when all these programs are there, else what to install. */
export function skipWithout(...names: string[]): string | false {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const missing = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))))
  if (missing.length === 0) return false
  const wanted = missing.map((name) => packages[name] ?? name).join(' ')
  return `${missing.join(' and ')} not installed (apt-get install ${wanted})`
}

/**
 * Asks until there is an answer other than undefined and false, and gives it: every 20 ms at first, every 100 in the end, for asking a
 * browser costs the machine more than what is asked for. Rejects after `ms` (30 s unless told), saying what did not come and, by
 * `seen`, what was there instead. Everything in the interop tests that no event announces waits here.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  ms = patienceMs,
  seen?: () => unknown,
): Promise<T> {
  const begun = performance.now()
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    const waited = performance.now() - begun
    if (waited > ms) {
      const instead = seen === undefined ? '' : `; there was ${JSON.stringify(await seen())}`
      throw new Error(`${what}: not within ${ms} ms${instead}`)
    }
    await pause(Math.min(100, 20 + waited / 10))
  }
}

const living = new Set<ChildProcess>()

function killAll(): void {
  for (const child of living) child.kill('SIGKILL')
}

process.on('exit', killAll)
// The runner ends a file that takes too long by SIGTERM, which by itself would leave what the file started.
process.once('SIGTERM', () => {
  killAll()
  process.exit(1)
})

export interface ProgramOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A running program. Disposing kills it. */
export class Program implements AsyncDisposable {
  /** All that it wrote so far, on both streams. */
  text = ''
  /** Its exit code; minus one when a signal ended it. */
  readonly exited: Promise<number>
  readonly #child: ChildProcess
  readonly #name: string
  readonly #witness: Disposable
  #code: number | undefined

  constructor(command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#name = command
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: options.cwd,
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    })
    const child = this.#child
    living.add(child)
    const shown = basename(command)
    this.#witness = witness(`${shown} (${child.pid})`, () =>
      lastLines(this.text, shown === 'strowger' || shown === 'node' ? 40 : 12),
    )
    child.stdout?.on('data', (bytes: Buffer) => {
      this.text += bytes.toString()
    })
    child.stderr?.on('data', (bytes: Buffer) => {
      this.text += bytes.toString()
    })
    this.exited = new Promise((resolve) => {
      child.on('error', (error) => {
        this.text += `${error.message}\n`
      })
      child.on('close', (code) => {
        living.delete(child)
        this.#code = code ?? -1
        resolve(this.#code)
      })
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  /** Undefined while it runs. */
  get exitCode(): number | undefined {
    return this.#code
  }

  /** Nobody reads its standard output any more, as when a terminal is closed. */
  closeOutput(): void {
    this.#child.stdout?.destroy()
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until its output matches. */
  says(pattern: RegExp, ms?: number): Promise<RegExpExecArray> {
    return eventually(
      `${this.#name} to say ${pattern}`,
      () => pattern.exec(this.text) ?? undefined,
      ms,
      () => this.text.slice(-2000),
    )
  }

  /** Its exit code; rejects when it does not end within `ms`. */
  ends(ms = patienceMs): Promise<number> {
    return eventually(
      `${this.#name} to end`,
      () => this.#code,
      ms,
      () => this.text.slice(-2000),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#witness[Symbol.dispose]()
    if (this.#code === undefined) this.#child.kill('SIGKILL')
    await this.exited
  }
}
