/** Ogg (RFC 3533): the packets of the first stream of sound in a file, page by page. */
import type { FileHandle } from 'node:fs/promises'
import { FileWindow } from './file-window.ts'

export interface OggPage {
  readonly serial: number
  /** The position after the page's last whole packet; -1 when none ends in it. */
  readonly granule: number
  readonly isFirst: boolean
  readonly isLast: boolean
  /** Lengths of its segments. */
  readonly segments: Uint8Array
  readonly body: Buffer
}

export interface OggPacket {
  readonly bytes: Buffer
  /** Of its page, when it is the last packet that ends there; else -1. */
  readonly granule: number
  /** It begins a stream. */
  readonly isFirst: boolean
  /** It ends one. */
  readonly isLast: boolean
}

const headLength = 27

export class OggReader {
  readonly #window: FileWindow
  #serial = -1
  #page: OggPage | undefined
  #segment = 0
  #at = 0
  /** What of a packet stood on the pages before. */
  #begun: Buffer[] = []

  constructor(file: FileHandle) {
    this.#window = new FileWindow(file)
  }

  /** Back to the beginning. */
  restart(): void {
    this.#window.go(0)
    this.#serial = -1
    this.#page = undefined
    this.#begun = []
  }

  /** The next page of any stream; undefined at the end. */
  async page(): Promise<OggPage | undefined> {
    for (;;) {
      const head = await this.#window.peek(headLength)
      if (head.length < headLength) return undefined
      if (head.toString('latin1', 0, 4) !== 'OggS') {
        await this.#window.take(1)
        continue
      }
      const count = head[26] ?? 0
      const whole = await this.#window.peek(headLength + count)
      if (whole.length < headLength + count) return undefined
      const flags = head[5] ?? 0
      const granule = head.readBigInt64LE(6)
      const serial = head.readUInt32LE(14)
      const segments = Uint8Array.from(whole.subarray(headLength))
      const length = segments.reduce((sum, segment) => sum + segment, 0)
      await this.#window.take(headLength + count)
      const body = Buffer.from(await this.#window.take(length))
      if (body.length < length) return undefined
      return {
        serial,
        granule: Number(granule),
        isFirst: (flags & 2) !== 0,
        isLast: (flags & 4) !== 0,
        segments,
        body,
      }
    }
  }

  /** The next whole packet; undefined at the end. `accept` says by its first packet which stream is wanted. */
  async packet(accept: (first: Buffer) => boolean): Promise<OggPacket | undefined> {
    for (;;) {
      const page = this.#page
      if (!page) {
        if (!(await this.#turn(accept))) return undefined
        continue
      }
      const start = this.#at
      let length = 255
      while (length === 255 && this.#segment < page.segments.length) {
        length = page.segments[this.#segment++] ?? 0
        this.#at += length
      }
      const bytes = page.body.subarray(start, this.#at)
      const isPageOver = this.#segment >= page.segments.length
      if (isPageOver) this.#page = undefined
      if (length === 255) {
        this.#begun.push(bytes)
        continue
      }
      const whole = this.#begun.length > 0 ? Buffer.concat([...this.#begun, bytes]) : bytes
      this.#begun = []
      if (page.segments.length === 0) continue
      // What comes last on its page, but for a packet that goes on over it.
      const ends = !page.segments.subarray(this.#segment).some((segment) => segment < 255)
      return {
        bytes: whole,
        granule: ends ? page.granule : -1,
        isFirst: page.isFirst,
        isLast: ends && page.isLast,
      }
    }
  }

  async #turn(accept: (first: Buffer) => boolean): Promise<boolean> {
    for (;;) {
      const page = await this.page()
      if (!page) return false
      if (page.isFirst) {
        if (!accept(page.body)) continue
        this.#serial = page.serial
        this.#begun = []
      } else if (page.serial !== this.#serial) continue
      this.#page = page
      this.#segment = 0
      this.#at = 0
      return true
    }
  }
}

/** The last position that a file tells of its streams; undefined when its end cannot be read. */
export async function lastGranule(file: FileHandle): Promise<number | undefined> {
  const { size } = await file.stat()
  const tail = Buffer.alloc(Math.min(size, 1 << 17))
  await file.read(tail, 0, tail.length, size - tail.length)
  for (let at = tail.lastIndexOf('OggS'); at >= 0; at = tail.lastIndexOf('OggS', at - 1)) {
    if (at + headLength > tail.length) continue
    const granule = Number(tail.readBigInt64LE(at + 6))
    if (granule >= 0) return granule
    if (at === 0) break
  }
  return undefined
}
