/** Cuts a byte stream into SIP messages by their Content-Length, and finds keep-alives between them (RFC 3261 §18.3, RFC 5626 §3.5.1). */
import { SwitchError } from '../base/errors.ts'
import { limits } from './parser.ts'
import { digitsOf } from './text.ts'

const lineFeed = 10
const carriageReturn = 13

export interface FramerEvents {
  /** One whole message. The octets belong to the receiver. */
  message(data: Buffer): void
  /** CRLFCRLF: a ping that wants a CRLF back. */
  ping(): void
  /** A single CRLF: the answer to a ping. */
  pong(): void
}

export class StreamFramer {
  #data: Buffer = Buffer.alloc(0)
  #length = 0
  /** Up to where the end of the head was looked for already. */
  #scanned = 0
  /** The whole length of the message that is being read; 0 while its head is not complete. */
  #wanted = 0
  readonly #events: FramerEvents

  constructor(events: FramerEvents) {
    this.#events = events
  }

  /** Octets of a message that has begun and is not complete. */
  get pending(): number {
    return this.#length
  }

  /**
   * Takes what came. Throws SwitchError SIP_TOO_LARGE or SIP_BAD_LENGTH when no message end can be found: the stream is lost then.
   */
  push(chunk: Buffer): void {
    this.#append(chunk)
    let start = 0
    for (;;) {
      if (this.#wanted === 0) {
        start = this.#skipLineEnds(start)
        if (start >= this.#length) break
        const end = this.#headEnd(start)
        if (end < 0) {
          if (this.#length - start > limits.message)
            throw new SwitchError('SIP_TOO_LARGE', `no end of head within ${limits.message} octets`)
          break
        }
        const length = this.#bodyLength(start, end)
        const whole = end - start + length
        if (length < 0 || whole > limits.message) {
          // The head goes up, so that it can be answered; where the next message begins is lost.
          this.#events.message(Buffer.from(this.#data.subarray(start, end)))
          throw length < 0
            ? new SwitchError('SIP_BAD_LENGTH', 'no usable Content-Length')
            : new SwitchError('SIP_TOO_LARGE', `a message of ${whole} octets`)
        }
        this.#wanted = whole
      }
      if (this.#length - start < this.#wanted) break
      const message = Buffer.from(this.#data.subarray(start, start + this.#wanted))
      start += this.#wanted
      this.#wanted = 0
      this.#scanned = start
      this.#events.message(message)
    }
    this.#compact(start)
  }

  #append(chunk: Buffer): void {
    if (this.#length === 0) {
      this.#data = chunk
      this.#length = chunk.length
      return
    }
    const needed = this.#length + chunk.length
    if (needed > this.#data.length) {
      // Doubling keeps the cost of many small pieces in bounds.
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#data.length * 2, 4096))
      this.#data.copy(larger, 0, 0, this.#length)
      this.#data = larger
    }
    chunk.copy(this.#data, this.#length)
    this.#length = needed
  }

  #compact(start: number): void {
    if (start >= this.#length) {
      this.#data = Buffer.alloc(0)
      this.#length = 0
      this.#scanned = 0
      return
    }
    // The rest is copied: a chunk of the socket is not ours to write into.
    const rest = Buffer.allocUnsafe(Math.max(4096, this.#length - start))
    if (start > 0 || this.#data.length === this.#length) {
      this.#data.copy(rest, 0, start, this.#length)
      this.#data = rest
      this.#length -= start
      this.#scanned = Math.max(0, this.#scanned - start)
    }
  }

  /** Passes over line ends between messages; reports pings and pongs. Returns where the message begins. */
  #skipLineEnds(start: number): number {
    let at = start
    let feeds = 0
    while (at < this.#length) {
      const code = this.#data[at]
      if (code === lineFeed) feeds++
      else if (code !== carriageReturn) break
      at++
    }
    if (feeds >= 2) this.#events.ping()
    else if (feeds === 1) this.#events.pong()
    if (at > start) this.#scanned = at
    return at
  }

  /** The index after the empty line; -1 while it has not come. */
  #headEnd(start: number): number {
    let at = Math.max(start, this.#scanned - 3)
    for (;;) {
      at = this.#data.indexOf(lineFeed, at)
      if (at < 0 || at >= this.#length) {
        this.#scanned = this.#length
        return -1
      }
      if (this.#data[at + 1] === lineFeed && at + 1 < this.#length) return at + 2
      if (
        this.#data[at + 1] === carriageReturn &&
        this.#data[at + 2] === lineFeed &&
        at + 2 < this.#length
      )
        return at + 3
      at++
    }
  }

  /** What Content-Length says; 0 when it is missing (the parser then finds the fault), -1 when it is no number. */
  #bodyLength(start: number, end: number): number {
    let at = start
    while (at < end) {
      let stop = this.#data.indexOf(lineFeed, at)
      if (stop < 0 || stop > end) stop = end
      const first = this.#data[at]
      // Only lines that begin with c, C, l or L can be it.
      if (first === 67 || first === 99 || first === 76 || first === 108) {
        const line = this.#data.toString('latin1', at, stop)
        const match = /^(?:content-length|l)[ \t]*:\s*(.*?)\s*$/i.exec(line)
        if (match !== null) {
          return digitsOf(match[1] ?? '', Number.MAX_SAFE_INTEGER)
        }
      }
      at = stop + 1
    }
    return 0
  }
}
