/**
 * The system calls that Node.js has no word for: sockets by number, shared memory, io_uring. Linux on 64-bit machines
 * only; everywhere else `loadLibc` says why not, and its users fall back to `node:dgram`.
 */
import { getSystemErrorName } from 'node:util'
import koffi from 'koffi'
import { SwitchError } from '../../base/errors.ts'

export const afInet = 2
export const afInet6 = 10

/** Memory of the process that both JavaScript and the kernel see. `address` is exact: pointers have 48 bits here. */
export interface Memory {
  readonly address: number
  readonly buffer: ArrayBuffer
}

/** What is called; every function gives what the system gives, -1 for failure with `lastError()` behind it. */
export interface Libc {
  socket(family: number, type: number, protocol: number): number
  bind(fd: number, address: Uint8Array, length: number): number
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number
  getsockname(fd: number, address: Uint8Array, length: Uint32Array): number
  close(fd: number): number
  /** io_uring_setup(entries, params). */
  ringSetup(number: number, entries: number, params: number): number
  /** io_uring_register(fd, opcode, argument, count). */
  ringRegister(number: number, fd: number, opcode: number, argument: number, count: number): number
  /** io_uring_enter(fd, submit, wait for, flags, argument, size of it). */
  ringEnter(
    number: number,
    fd: number,
    submit: number,
    wait: number,
    flags: number,
    argument: number,
    size: number,
  ): number
  /** Anonymous memory, or with `fd` what the kernel shares there. Throws SwitchError NET_NO_MEMORY. */
  map(length: number, fd?: number, offset?: number): Memory
  unmap(memory: Memory): void
  /** The same for memory that no ArrayBuffer is left of. */
  unmapAt(address: number, length: number): void
  /** The name of the last failure of this thread: `EADDRINUSE`. */
  lastError(): string
}

const protection = 3 // PROT_READ | PROT_WRITE
const privateAnonymous = 0x22
const sharedPopulate = 0x8001

/** Throws SwitchError NET_NO_NATIVE with the reason where the system is not one that this knows. */
export function loadLibc(): Libc {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    throw new SwitchError('NET_NO_NATIVE', `not known on ${process.platform} ${process.arch}`)
  const library = koffi.load(null) // what the program itself is linked with
  const mmap = library.func('uint64_t mmap(uint64_t, uint64_t, int, int, int, int64_t)')
  const munmap = library.func('int munmap(uint64_t, uint64_t)')
  const lastError = () => {
    const number = koffi.errno()
    return number > 0 ? getSystemErrorName(-number) : 'no error'
  }
  return {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void*, uint32_t)'),
    setsockopt: library.func('int setsockopt(int, int, int, void*, uint32_t)'),
    getsockname: library.func('int getsockname(int, void*, void*)'),
    close: library.func('int close(int)'),
    // `syscall` takes a variable number of arguments; on both kinds of machine they travel like fixed ones.
    ringSetup: library.func('syscall', 'int64_t', ['int64_t', 'uint32_t', 'uint64_t']),
    ringRegister: library.func('syscall', 'int64_t', [
      'int64_t',
      'int',
      'uint32_t',
      'uint64_t',
      'uint32_t',
    ]),
    ringEnter: library.func('syscall', 'int64_t', [
      'int64_t',
      'int',
      'uint32_t',
      'uint32_t',
      'uint32_t',
      'uint64_t',
      'uint64_t',
    ]),
    map(length, fd = -1, offset = 0) {
      const flags = fd < 0 ? privateAnonymous : sharedPopulate
      const address = BigInt(mmap(0, length, protection, flags, fd, offset) as number | bigint)
      if (address > BigInt(Number.MAX_SAFE_INTEGER))
        throw new SwitchError('NET_NO_MEMORY', `mmap of ${length} octets: ${lastError()}`)
      return { address: Number(address), buffer: koffi.view(address, length) }
    },
    unmap: (memory) => {
      munmap(memory.address, memory.buffer.byteLength)
    },
    unmapAt: (address, length) => {
      munmap(address, length)
    },
    lastError,
  }
}
