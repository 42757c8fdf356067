/**
 * What a worker opened below Node.js: files and memory that it shares with the kernel. They belong to the process: when the
 * thread is ended from outside, nobody else would close them, and its ports would stay taken. So a list of them stands in
 * memory that the main side reads then.
 */
import { type Libc, loadLibc } from '../net/native/libc.ts'

/** Files have numbers below this here; those beyond are not kept. */
const mostFiles = 65_536
const mostMemories = 32

export class OpenFiles {
  readonly buffer: SharedArrayBuffer
  /** Address and length of every piece of memory; 0 is a free place. */
  readonly #memories: Float64Array
  readonly #isOpen: Uint8Array

  constructor(buffer = new SharedArrayBuffer(mostMemories * 16 + mostFiles)) {
    this.buffer = buffer
    this.#memories = new Float64Array(buffer, 0, mostMemories * 2)
    this.#isOpen = new Uint8Array(buffer, mostMemories * 16)
  }

  opened(fd: number): void {
    if (fd < mostFiles) this.#isOpen[fd] = 1
  }

  closed(fd: number): void {
    if (fd < mostFiles) this.#isOpen[fd] = 0
  }

  /** `libc` with every piece of memory kept in the list. */
  watch(libc: Libc): Libc {
    return {
      ...libc,
      map: (length, fd, offset) => {
        const memory = libc.map(length, fd, offset)
        this.#keep(0, memory.address, length)
        return memory
      },
      unmap: (memory) => {
        libc.unmap(memory)
        this.#keep(memory.address, 0, 0)
      },
    }
  }

  /** Closes what the ended thread left. A ring ends, and lets its sockets go, only when its memory is gone too. */
  closeAll(): void {
    const libc = loadLibc()
    for (let i = 0; i < mostMemories; i++) {
      const [address, length] = [this.#memories[i * 2]!, this.#memories[i * 2 + 1]!]
      if (address !== 0) libc.unmapAt(address, length)
    }
    this.#memories.fill(0)
    for (let fd = this.#isOpen.indexOf(1); fd >= 0; fd = this.#isOpen.indexOf(1, fd)) {
      libc.close(fd)
      this.#isOpen[fd] = 0
    }
  }

  get isEmpty(): boolean {
    return !this.#isOpen.includes(1)
  }

  #keep(where: number, address: number, length: number): void {
    for (let i = 0; i < mostMemories; i++) {
      if (this.#memories[i * 2] !== where) continue
      this.#memories[i * 2] = address
      this.#memories[i * 2 + 1] = length
      return
    }
  }
}
