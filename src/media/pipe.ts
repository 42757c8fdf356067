/** A ring of records in shared memory: one worker writes, one reads, neither waits. */

/** Octets of a ring, a power of two: about a second of 48 kHz sound. */
export const pipeOctets = 128 * 1024

/** Octets before the records: how far was written and how far read, each a growing 32-bit count. */
const headOctets = 8
/** Every record begins with its length in 16-bit words, its kind, and a number (the rate of sound, the ms of a digit). */
const recordHead = 3

export const recordKind = { sound: 1, digit: 2 } as const

export class Pipe {
  readonly #counts: Int32Array
  readonly #words: Int16Array
  readonly #mask: number

  constructor(buffer: SharedArrayBuffer) {
    this.#counts = new Int32Array(buffer, 0, 2)
    this.#words = new Int16Array(buffer, headOctets)
    this.#mask = this.#words.length - 1
  }

  static buffer(): SharedArrayBuffer {
    return new SharedArrayBuffer(headOctets + pipeOctets)
  }

  /** Writes a record; false when the reader is too far behind. `number` is in units of 50 (rates) or ms. */
  write(kind: number, number: number, data: Int16Array): boolean {
    const written = Atomics.load(this.#counts, 0)
    const read = Atomics.load(this.#counts, 1)
    const length = recordHead + data.length
    if (((written - read) | 0) + length > this.#words.length) return false
    this.#put(written, length)
    this.#put(written + 1, kind)
    this.#put(written + 2, number)
    for (let i = 0; i < data.length; i++) this.#put(written + recordHead + i, data[i]!)
    // The store comes last: the reader sees whole records only.
    Atomics.store(this.#counts, 0, (written + length) | 0)
    return true
  }

  /** Takes the next record: calls `taker` with a copy in `into`; false when there is none. */
  read(into: Int16Array, taker: (kind: number, number: number, length: number) => void): boolean {
    const written = Atomics.load(this.#counts, 0)
    const read = Atomics.load(this.#counts, 1)
    if (written === read) return false
    const length = this.#words[read & this.#mask]! & 0xffff
    const kind = this.#words[(read + 1) & this.#mask]!
    const number = this.#words[(read + 2) & this.#mask]!
    const count = Math.min(length - recordHead, into.length)
    for (let i = 0; i < count; i++) into[i] = this.#words[(read + recordHead + i) & this.#mask]!
    Atomics.store(this.#counts, 1, (read + Math.max(recordHead, length)) | 0)
    taker(kind, number, count)
    return true
  }

  #put(at: number, value: number): void {
    this.#words[at & this.#mask] = value
  }
}
