/**
 * A file that lines are added to, in order and never on this thread. It is opened for each batch: whoever renames it meanwhile
 * (logrotate) needs to tell nobody, and no descriptor is held for an account that calls once a year.
 */
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../../base/errors.ts'
import { isThere } from '../../base/is-there.ts'
import { logger } from '../../base/log.ts'

const log = logger('sinks/cdr_csv')

/** Bytes of text that wait for a disk that takes none; what comes then is lost. */
const mostWaiting = 16 * 1024 * 1024
/** A disk that is full is tried again so long after, ms. */
const retryMs = 1000

/** What all files together count. */
export interface FileFigures {
  written: number
  waiting: number
  failures: number
  lost: number
  'half lines ended': number
}

export function noFigures(): FileFigures {
  return { written: 0, waiting: 0, failures: 0, lost: 0, 'half lines ended': 0 }
}

/** A line, or one that is still being made. */
type Pending = string | Promise<string>

export class AppendFile {
  readonly path: string
  readonly #figures: FileFigures
  readonly #pending: Pending[] = []
  #waitingBytes = 0
  #running: Promise<void> | undefined
  #isLast = false
  /** The end of the file has been looked at. */
  #isChecked = false
  #rotations: string[] = []
  readonly #woken = new AbortController()

  constructor(path: string, figures: FileFigures) {
    this.path = path
    this.#figures = figures
  }

  get isIdle(): boolean {
    return this.#running === undefined
  }

  /** Adds a line, its newline included. */
  add(line: Pending): void {
    if (this.#waitingBytes > mostWaiting) {
      this.#figures.lost++
      void Promise.resolve(line).then((text) =>
        log.err(`${this.path} takes nothing and too much waits for it; lost: ${text.trimEnd()}`),
      )
      return
    }
    this.#waitingBytes += sizeOf(line)
    this.#figures.waiting++
    this.#pending.push(line)
    this.#run()
  }

  /** What was written up to now goes to another name, after what waits. */
  rotate(to: string): void {
    this.#rotations.push(to)
    this.#run()
  }

  /** Resolves when all is written. A disk that takes nothing is tried once more, and then the log has the lines. */
  async close(): Promise<void> {
    this.#isLast = true
    this.#woken.abort()
    while (this.#running) await this.#running
  }

  #run(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined
      if (this.#pending.length > 0 || this.#rotations.length > 0) this.#run()
    })
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0 || this.#rotations.length > 0) {
      const batch = this.#pending.splice(0)
      const lines: string[] = []
      for (const line of batch) {
        const text = await this.#made(line)
        if (text !== undefined) lines.push(text)
      }
      if (lines.length > 0) await this.#writeAll(lines)
      for (const line of batch) this.#waitingBytes -= sizeOf(line)
      for (const to of this.#rotations.splice(0)) await this.#move(to)
    }
  }

  async #made(line: Pending): Promise<string | undefined> {
    try {
      return await line
    } catch (thrown) {
      this.#figures.lost++
      this.#figures.waiting--
      log.err(`a line for ${this.path} could not be made: ${reasonOf(thrown)}`)
      return undefined
    }
  }

  async #writeAll(lines: readonly string[]): Promise<void> {
    for (let tries = 1; ; tries++) {
      const isLast = this.#isLast
      try {
        await this.#write(lines.join(''))
        this.#figures.written += lines.length
        break
      } catch (thrown) {
        this.#figures.failures++
        if (tries === 1)
          log.err(
            `${this.path} cannot be written: ${reasonOf(thrown)}; tried again each ${retryMs} ms`,
          )
        if (isLast) {
          this.#figures.lost += lines.length
          for (const line of lines) log.err(`${this.path} never got: ${line.trimEnd()}`)
          break
        }
        await sleep(retryMs, undefined, { signal: this.#woken.signal, ref: false }).catch(() => {})
      }
    }
    this.#figures.waiting -= lines.length
  }

  /** All of it or nothing: what was written of a batch that failed is taken back. */
  async #write(text: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true })
    const file = await open(this.path, 'a+')
    try {
      const { size } = await file.stat()
      if (!this.#isChecked && size > 0) await this.#endHalfLine(file, size)
      this.#isChecked = true
      try {
        await file.appendFile(text)
      } catch (thrown) {
        // Where even that fails, the next batch looks at the end again.
        this.#isChecked = false
        await file.truncate(size)
        throw thrown
      }
    } finally {
      await file.close()
    }
  }

  /** A server that was killed may have left a part of a line: it is ended, and stands alone. */
  async #endHalfLine(file: Awaited<ReturnType<typeof open>>, size: number): Promise<void> {
    const last = Buffer.alloc(1)
    await file.read(last, 0, 1, size - 1)
    if (last[0] === 0x0a) return
    await file.appendFile('\n')
    this.#figures['half lines ended']++
    log.warning(`${this.path} ended within a line; the half line stands alone`)
  }

  async #move(to: string): Promise<void> {
    try {
      let free = to
      for (let number = 1; await isThere(free); number++) free = `${to}.${number}`
      await rename(this.path, free)
      this.#isChecked = false
      log.notice(`${this.path} is ${free} now, a new one begins`)
    } catch (thrown) {
      log.err(`${this.path} cannot be rotated: ${reasonOf(thrown)}`)
    }
  }
}

/** One that is still being made counts as an ordinary one. */
function sizeOf(line: Pending): number {
  return typeof line === 'string' ? line.length : 300
}
