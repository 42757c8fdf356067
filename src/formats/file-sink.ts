/**
 * A file written off the tick: what comes is copied into a buffer, and buffers go to the disk one after the other.
 * After each of them whatever heads the file is brought up to date, so that a recording cut short by the end of the
 * process can be played. A disk that stalls costs memory up to a bound; beyond it the file is full until the disk is back.
 */
import { writev } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf, SwitchError } from '../base/errors.ts'

/** Octets of one file that may wait for a slow disk: four minutes of stereo telephone sound. */
const fileLimit = 8 * 1024 * 1024
/** Octets of all files of this thread that may wait. */
const threadLimit = 256 * 1024 * 1024
/** Buffers given to the disk at once after a stall. */
const mostBuffers = 64

let waitingInThread = 0

/** How a file that is there already is treated: truncated, lengthened, or written over from its beginning. */
export type WriteMode = 'truncate' | 'append' | 'over'

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
export async function openToWrite(path: string, mode: WriteMode): Promise<FileHandle> {
  try {
    await makeFolder(dirname(path))
    if (mode === 'truncate') return await open(path, 'w+')
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
  readonly #header: ((length: number) => Buffer) | undefined
  #buffer: Buffer
  #used = 0
  #position: number
  /** Whole buffers on their way to the disk, and the octets in them. */
  #queue: Buffer[] = []
  #queued = 0
  #isWriting = false
  #failure: string | undefined
  #closing: Promise<void> | undefined
  #drained: (() => void) | undefined

  /**
   * Writes from `position` on, `flushSize` octets at a time. After each the front of the file gets what `header` makes
   * of the file's length.
   */
  constructor(
    file: FileHandle,
    path: string,
    position: number,
    flushSize: number,
    header?: (length: number) => Buffer,
  ) {
    this.#file = file
    this.#path = path
    this.#position = position
    this.#flushSize = Math.max(2, Math.floor(flushSize))
    this.#header = header
    this.#buffer = Buffer.allocUnsafe(this.#flushSize)
  }

  /** Why nothing more is written; undefined while all is well. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** The disk is so far behind that nothing more is taken for now. */
  get isFull(): boolean {
    return this.#queued + this.#used > fileLimit || waitingInThread > threadLimit
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
    if (this.#isWriting) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve
      })
    }
    await this.#file.close().catch((thrown) => {
      this.#failure ??= reasonOf(thrown)
    })
    if (this.#failure !== undefined) {
      throw new SwitchError('FILE_NOT_WRITABLE', `cannot write ${this.#path}: ${this.#failure}`)
    }
  }

  #flush(nextLength: number): void {
    if (this.#used > 0) {
      this.#queue.push(this.#buffer.subarray(0, this.#used))
      this.#queued += this.#used
      waitingInThread += this.#used
      this.#buffer = Buffer.allocUnsafe(Math.max(this.#flushSize, nextLength))
      this.#used = 0
    } else if (this.#buffer.length < nextLength) this.#buffer = Buffer.allocUnsafe(nextLength)
    if (!this.#isWriting) this.#writeNext()
  }

  #writeNext(): void {
    const batch = this.#queue.splice(0, mostBuffers)
    if (batch.length === 0 || this.#failure !== undefined) return this.#rest()
    this.#isWriting = true
    this.#store(batch, this.#position, (octets) => {
      this.#queued -= octets
      waitingInThread -= octets
      this.#position += octets
      if (!this.#header) return this.#writeNext()
      this.#store([this.#header(this.#position)], 0, () => this.#writeNext())
    })
  }

  /** Writes buffers to their end, however little the disk takes at a time. */
  #store(buffers: readonly Buffer[], position: number, done: (octets: number) => void): void {
    const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0)
    const step = (rest: readonly Buffer[], written: number): void => {
      writev(this.#file.fd, rest, position + written, (error, count) => {
        if (error) return this.#fail(error.message, length)
        if (written + count >= length) return done(length)
        step(without(rest, count), written + count)
      })
    }
    step(buffers, 0)
  }

  #fail(reason: string, lost: number): void {
    this.#failure = reason
    waitingInThread -= Math.min(lost, this.#queued)
    this.#queued -= Math.min(lost, this.#queued)
    this.#rest()
  }

  /** Nothing is left to do, or nothing more can be done. */
  #rest(): void {
    this.#isWriting = false
    if (this.#failure !== undefined) {
      waitingInThread -= this.#queued
      this.#queued = 0
      this.#queue = []
    }
    this.#drained?.()
  }
}

/** What is left of `buffers` behind the first `count` octets. */
function without(buffers: readonly Buffer[], count: number): Buffer[] {
  const rest: Buffer[] = []
  let skip = count
  for (const buffer of buffers) {
    if (skip >= buffer.length) skip -= buffer.length
    else {
      rest.push(skip > 0 ? buffer.subarray(skip) : buffer)
      skip = 0
    }
  }
  return rest
}
