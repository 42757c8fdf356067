/**
 * A file read ahead of its listener: two buffers, one being heard while the disk fills the other, so that whoever reads
 * on a tick never waits for the disk.
 */
import { read as readFile } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'

const log = logger('formats')

/** Octets of one buffer: a second of sound, within these bounds. */
const leastBuffer = 8192
const mostBuffer = 1 << 18

/** What is read, in the form of `fs.read`: `done` is called later, never within the call. */
export interface ReadableFile {
  read(
    bytes: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null, count: number) => void,
  ): void
  close(): Promise<void>
}

/** An open file as a stream reads it. */
export function readable(file: FileHandle): ReadableFile {
  return {
    read: (bytes, offset, length, position, done) =>
      readFile(file.fd, bytes, offset, length, position, done),
    close: () => file.close(),
  }
}

interface Half {
  bytes: Buffer
  /** How many octets of it are filled. */
  filled: number
}

const nothing = Buffer.alloc(0)

export class ByteStream {
  readonly #file: ReadableFile
  readonly #path: string
  readonly #start: number
  readonly #end: number
  /** Buffers hold whole blocks only, so that no sample lies across two. */
  readonly #size: number
  #current: Half
  #next: Half
  /** Where the listener is in the current buffer, and where the disk goes on in the file. */
  #offset = 0
  #position: number
  #isReading = false
  #isNextReady = false
  #isAtEnd = false
  #isClosed = false
  /** Raised by a jump, so that what was being read for the old place is thrown away. */
  #generation = 0

  /**
   * Reads `start` up to `end` (octets; beyond the file's end is no harm) in blocks of `block` octets, of which
   * `perSecond` octets are heard in a second.
   */
  constructor(
    file: ReadableFile,
    path: string,
    start: number,
    end: number,
    block: number,
    perSecond: number,
  ) {
    this.#file = file
    this.#path = path
    this.#start = start
    this.#end = end
    const second = Math.min(mostBuffer, Math.max(leastBuffer, Math.ceil(perSecond)))
    // A short file needs no more than itself.
    const wanted = Math.min(second, Math.max(block, end - start))
    this.#size = Math.max(block, wanted - (wanted % block))
    this.#position = start
    this.#current = { bytes: nothing, filled: 0 }
    this.#next = { bytes: nothing, filled: 0 }
  }

  /** Whether all that is left lies in memory. */
  get isEnding(): boolean {
    return this.#isAtEnd
  }

  /** Waits for the first octets, so that the first read has something. */
  async begin(): Promise<void> {
    await new Promise<void>((resolve) => this.#readAhead(resolve))
  }

  /** The buffer at hand: valid between `offset` and `end`, until the next call of `available`. */
  get bytes(): Buffer {
    return this.#current.bytes
  }

  get offset(): number {
    return this.#offset
  }

  /** Octets that can be taken from `bytes` now: 0 at the end, -1 when the disk has not delivered yet. */
  available(): number {
    const left = this.#current.filled - this.#offset
    if (left > 0) return left
    if (this.#isNextReady) {
      const spent = this.#current
      this.#current = this.#next
      this.#next = spent
      this.#offset = 0
      this.#isNextReady = false
      this.#readAhead()
      return this.#current.filled
    }
    if (this.#isAtEnd && !this.#isReading) return 0
    this.#readAhead()
    return -1
  }

  take(count: number): void {
    this.#offset += count
  }

  /** Goes on at `offset` octets after the start. */
  seek(offset: number): void {
    this.#generation++
    this.#position = Math.min(this.#start + Math.max(0, offset), this.#end)
    this.#current.filled = 0
    this.#offset = 0
    this.#isNextReady = false
    this.#isAtEnd = false
    this.#readAhead()
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    // A read under way keeps the descriptor: it closes it when it is done.
    if (!this.#isReading) this.#release()
  }

  #release(): void {
    this.#file.close().catch((thrown) => log.warning(`${this.#path}: ${reasonOf(thrown)}`))
  }

  #readAhead(done?: () => void): void {
    if (this.#isReading || this.#isNextReady || this.#isAtEnd || this.#isClosed) {
      done?.()
      return
    }
    this.#isReading = true
    this.#next.filled = 0
    this.#readMore(this.#generation, done)
  }

  #readMore(generation: number, done: (() => void) | undefined): void {
    const half = this.#next
    if (half.bytes.length === 0) half.bytes = Buffer.allocUnsafe(this.#size)
    const wanted = Math.min(this.#size - half.filled, this.#end - this.#position)
    if (wanted <= 0) {
      this.#finish(generation, wanted <= 0 && half.filled < this.#size, done)
      return
    }
    this.#file.read(half.bytes, half.filled, wanted, this.#position, (error, count) => {
      if (error) log.err(`cannot go on reading ${this.#path}: ${error.message}`)
      if (error || count === 0 || generation !== this.#generation || this.#isClosed) {
        this.#finish(generation, true, done)
        return
      }
      half.filled += count
      this.#position += count
      this.#readMore(generation, done)
    })
  }

  #finish(generation: number, isAtEnd: boolean, done: (() => void) | undefined): void {
    this.#isReading = false
    if (this.#isClosed) {
      this.#release()
    } else if (generation !== this.#generation) {
      this.#readAhead()
    } else {
      this.#isAtEnd = isAtEnd || this.#position >= this.#end
      this.#isNextReady = this.#next.filled > 0
    }
    done?.()
  }
}
