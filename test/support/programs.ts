/** Real programs beside a test: started, watched, always ended; free ports for them; the one helper that waits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

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
 * Asks every 20 ms until there is an answer other than undefined and false, and gives it. Rejects after `ms` (10 s
 * unless told), saying what did not come and, by `seen`, what was there instead. Everything in the interop tests that no
 * event announces waits here.
 */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  ms = 10_000,
  seen?: () => unknown,
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const answer = await probe()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) {
      const instead = seen === undefined ? '' : `; there was ${JSON.stringify(await seen())}`
      throw new Error(`${what}: not within ${ms} ms${instead}`)
    }
    await pause(20)
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
  ends(ms = 10_000): Promise<number> {
    return eventually(
      `${this.#name} to end`,
      () => this.#code,
      ms,
      () => this.text.slice(-2000),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#code === undefined) this.#child.kill('SIGKILL')
    await this.exited
  }
}

/** Below the ports that the system hands out by itself. */
const lowest = 20_000
const highest = 32_000
let next = lowest + ((process.pid * 97) % (highest - lowest))

/**
 * The first of `count` neighbouring ports on 127.0.0.1, an even number, that are free for UDP and TCP. The same is not
 * given twice by one process; several processes look in different places.
 */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    if (next + count >= highest) next = lowest
    const first = next + (next % 2)
    next = first + count
    if (await areFree(first, count)) return first
  }
  throw new Error(`no ${count} neighbouring ports are free`)
}

async function areFree(first: number, count: number): Promise<boolean> {
  // A range for RTP may be long: looking at some of it is enough to see that another switch is not there.
  const step = count > 40 ? Math.ceil(count / 40) : 1
  for (let port = first; port < first + count; port += step) {
    if (!(await isFree(port))) return false
  }
  return true
}

async function isFree(port: number): Promise<boolean> {
  const udp = createSocket('udp4')
  const tcp = createServer()
  try {
    await Promise.all([
      new Promise<void>((resolve, reject) => {
        udp.once('error', reject)
        udp.bind(port, '127.0.0.1', resolve)
      }),
      new Promise<void>((resolve, reject) => {
        tcp.once('error', reject)
        tcp.listen(port, '127.0.0.1', resolve)
      }),
    ])
    return true
  } catch {
    return false
  } finally {
    await new Promise<void>((resolve) => {
      try {
        udp.close(() => resolve())
      } catch {
        resolve()
      }
    })
    await new Promise<void>((resolve) => tcp.close(() => resolve()))
  }
}
