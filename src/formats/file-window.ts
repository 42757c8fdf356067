/** A file read from front to back in large steps, for decoders that want a few octets at a time. */
import type { FileHandle } from 'node:fs/promises'

const stepSize = 1 << 16

export class FileWindow {
  readonly #file: FileHandle
  #bytes = Buffer.alloc(0)
  #at = 0
  /** Where in the file the bytes at hand end. */
  #end = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Where the next octet stands in the file. */
  get position(): number {
    return this.#end - (this.#bytes.length - this.#at)
  }

  /** At least `length` octets ahead without taking them, or fewer at the file's end. */
  async peek(length: number): Promise<Buffer> {
    while (this.#bytes.length - this.#at < length) {
      const step = Buffer.allocUnsafe(Math.max(stepSize, length))
      const { bytesRead } = await this.#file.read(step, 0, step.length, this.#end)
      if (bytesRead === 0) break
      this.#end += bytesRead
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), step.subarray(0, bytesRead)])
      this.#at = 0
    }
    return this.#bytes.subarray(this.#at, this.#at + length)
  }

  /** The next `length` octets, or fewer at the end. */
  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length)
    this.#at += bytes.length
    return bytes
  }

  /** Goes to a place in the file. */
  go(position: number): void {
    this.#bytes = Buffer.alloc(0)
    this.#at = 0
    this.#end = position
  }
}
