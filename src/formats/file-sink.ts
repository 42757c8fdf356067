/**
 * A file written off the tick: what comes is copied into a buffer, and buffers go to the disk one after the other.
 * After each second of sound whatever heads the file is brought up to date, so that a recording cut short by the end of
 * the process can be played.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf, SwitchError } from '../base/errors.ts'

/** Octets that may wait for a slow disk; beyond that the recording fails rather than eat the memory. */
const queueLimit = 32 * 1024 * 1024

/**
 * Makes a folder and those above it. Step by step, because mkdir's own `recursive` never comes back where a parent
 * exists and still nothing can be made in it (/proc).
 */
async function makeFolder(path: string): Promise<void> {
  const code = await codeOf(mkdir(path))
  if (code === undefined || code === 'EEXIST') return
  const parent = dirname(path)
  if (code !== 'ENOENT' || parent === path) throw new Error(`cannot make ${path} (${code})`)
  await makeFolder(parent)
  const again = await codeOf(mkdir(path))
  if (again !== undefined && again !== 'EEXIST') throw new Error(`cannot make ${path} (${again})`)
}

/** The error code of what went wrong, undefined when nothing did. */
async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (thrown: NodeJS.ErrnoException) => thrown.code ?? thrown.message,
  )
}

/** Opens (and makes the folders of) a file to be written. Throws FILE_NOT_WRITABLE. */
export async function openToWrite(path: string, append: boolean): Promise<FileHandle> {
  try {
    await makeFolder(dirname(path))
    if (!append) return await open(path, 'w+')
    return await open(path, 'r+').catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code === 'ENOENT') return open(path, 'w+')
      throw thrown
    })
  } catch (thrown) {
    throw new SwitchError('FILE_NOT_WRITABLE', `cannot write ${path}: ${reasonOf(thrown)}`)
  }
}

export class FileSink {
  readonly #file: FileHandle
  readonly #path: string
  readonly #flushSize: number
  readonly #afterFlush: ((length: number) => Promise<void>) | undefined
  #buffer: Buffer
  #used = 0
  #position: number
  #queued = 0
  #work: Promise<void> = Promise.resolve()
  #failure: string | undefined
  #closing: Promise<void> | undefined

  /**
   * Writes from `position` on; flushes every `flushSize` octets (a second of sound) and then calls `afterFlush` with the
   * length of the file.
   */
  constructor(
    file: FileHandle,
    path: string,
    position: number,
    flushSize: number,
    afterFlush?: (length: number) => Promise<void>,
  ) {
    this.#file = file
    this.#path = path
    this.#position = position
    this.#flushSize = flushSize
    this.#afterFlush = afterFlush
    this.#buffer = Buffer.allocUnsafe(flushSize)
  }

  /** Room for `length` octets to be filled at once by the caller; undefined once writing failed or was closed. */
  room(length: number): Buffer | undefined {
    if (this.#failure !== undefined || this.#closing) return undefined
    if (this.#used + length > this.#buffer.length) this.#flush(length)
    const start = this.#used
    this.#used += length
    return this.#buffer.subarray(start, start + length)
  }

  /** Resolves when all is on the disk and the file closed; rejects with FILE_NOT_WRITABLE when something is missing. */
  close(): Promise<void> {
    this.#closing ??= this.#finish()
    return this.#closing
  }

  async #finish(): Promise<void> {
    if (this.#failure === undefined) this.#flush(0)
    await this.#work
    await this.#file.close().catch((thrown) => {
      this.#failure ??= reasonOf(thrown)
    })
    if (this.#failure !== undefined) {
      throw new SwitchError('FILE_NOT_WRITABLE', `cannot write ${this.#path}: ${this.#failure}`)
    }
  }

  #flush(nextLength: number): void {
    const bytes = this.#buffer.subarray(0, this.#used)
    this.#buffer = Buffer.allocUnsafe(Math.max(this.#flushSize, nextLength))
    this.#used = 0
    if (this.#queued + bytes.length > queueLimit) {
      this.#failure = 'the disk is too slow'
      return
    }
    this.#queued += bytes.length
    this.#work = this.#work.then(() => this.#store(bytes))
  }

  async #store(bytes: Buffer): Promise<void> {
    this.#queued -= bytes.length
    if (this.#failure !== undefined) return
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#file.write(bytes, done, undefined, this.#position)
        done += bytesWritten
        this.#position += bytesWritten
      }
      await this.#afterFlush?.(this.#position)
    } catch (thrown) {
      this.#failure = reasonOf(thrown)
    }
  }
}
