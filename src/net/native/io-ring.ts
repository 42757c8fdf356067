/**
 * An io_uring of this thread: requests go to the kernel in one call however many they are, and what is done comes back
 * through shared memory without any. Needs Linux 6.1; `openRing` says why where there is none (an older kernel, a
 * container that forbids it). Layouts: include/uapi/linux/io_uring.h.
 */
import { SwitchError } from '../../base/errors.ts'
import type { Libc, Memory } from './libc.ts'

const syscalls = { setup: 425, enter: 426, register: 427 } as const

const setup = { cqSize: 1 << 3, submitAll: 1 << 7, singleIssuer: 1 << 12, deferTaskrun: 1 << 13 }
const enterFlags = { getEvents: 1, extendedArgument: 8 }
const features = { singleMmap: 1, minTimeout: 1 << 15 }
const registerBufferRing = 22
const sqesOffset = 0x10000000

/** Requests (IORING_OP_…) and their flags. */
export const operation = { pollAdd: 6, sendMessage: 9, receiveMessage: 10, cancel: 14 } as const
export const requestFlag = { selectBuffer: 1 << 5, quietSuccess: 1 << 6 } as const
/** `ioprio` of a receive that goes on by itself (IORING_RECV_MULTISHOT). */
export const multishot = 2

/** What comes back with a completion. */
export const completionFlag = { buffer: 1, more: 2 } as const

/** Called for every completion: the two halves of its user data, result (negative: errno), flags. */
export type Completion = (low: number, high: number, result: number, flags: number) => void

export class IoRing {
  readonly fd: number
  /** 32-bit words of the requests, 16 each; a request is written at `request() * 16`. */
  readonly requests: Uint32Array
  readonly #libc: Libc
  readonly #ring: Memory
  readonly #requestMemory: Memory
  readonly #words: Int32Array
  readonly #sqHead: number
  readonly #sqTail: number
  readonly #sqMask: number
  readonly #cqHead: number
  readonly #cqTail: number
  readonly #cqMask: number
  readonly #completions: number
  readonly #size: number
  readonly #argument: Memory
  readonly #argumentWords: Uint32Array
  readonly #hasMinTimeout: boolean
  #tail: number
  #pending = 0

  constructor(libc: Libc, entries: number, completions: number) {
    this.#libc = libc
    const params = libc.map(4096)
    const words = new Uint32Array(params.buffer)
    words[1] = completions
    words[2] = setup.cqSize | setup.submitAll | setup.singleIssuer | setup.deferTaskrun
    this.fd = Number(libc.ringSetup(syscalls.setup, entries, params.address))
    if (this.fd < 0) throw new SwitchError('NET_NO_RING', `io_uring_setup: ${libc.lastError()}`)
    const [sq, cq] = [10, 20] // where the offsets of the two rings begin in struct io_uring_params
    const at = (index: number) => words[index]!
    this.#size = at(0)
    this.#hasMinTimeout = (at(5) & features.minTimeout) !== 0
    if ((at(5) & features.singleMmap) === 0)
      throw new SwitchError('NET_NO_RING', 'the rings of this kernel are apart')
    const length = Math.max(at(sq + 6) + at(0) * 4, at(cq + 5) + at(1) * 16)
    this.#ring = libc.map(length, this.fd, 0)
    this.#requestMemory = libc.map(at(0) * 64, this.fd, sqesOffset)
    this.requests = new Uint32Array(this.#requestMemory.buffer)
    this.#words = new Int32Array(this.#ring.buffer)
    this.#sqHead = at(sq) / 4
    this.#sqTail = at(sq + 1) / 4
    this.#sqMask = this.#words[at(sq + 2) / 4]!
    this.#cqHead = at(cq) / 4
    this.#cqTail = at(cq + 1) / 4
    this.#cqMask = this.#words[at(cq + 2) / 4]!
    this.#completions = at(cq + 5) / 4
    const array = at(sq + 6) / 4
    for (let i = 0; i < at(0); i++) this.#words[array + i] = i
    this.#tail = this.#words[this.#sqTail]!
    libc.unmap(params)
    // struct io_uring_getevents_arg with its struct __kernel_timespec behind it.
    this.#argument = libc.map(4096)
    this.#argumentWords = new Uint32Array(this.#argument.buffer)
    const timespec = this.#argument.address + 64
    this.#argumentWords[4] = timespec >>> 0
    this.#argumentWords[5] = Math.floor(timespec / 0x100000000)
  }

  /** Requests that were written and not handed over yet. */
  get pending(): number {
    return this.#pending
  }

  /** Room for one more request, zeroed: its number. Hands over what there is when the ring is full. */
  request(): number {
    if (this.#pending === this.#size) this.submit()
    const index = this.#tail & this.#sqMask
    this.#tail = (this.#tail + 1) | 0
    this.#pending++
    const at = index * 16
    this.requests.fill(0, at, at + 16)
    return index
  }

  /** Hands over all requests. */
  submit(): void {
    this.#enter(0, 0, 0)
  }

  /**
   * Hands over all requests and waits: for `count` completions, but no longer than `gatherUs` once there is one, and no
   * longer than `mostMs` for the first.
   */
  wait(count: number, gatherUs: number, mostMs: number): void {
    const words = this.#argumentWords
    if (this.#hasMinTimeout) {
      words[3] = gatherUs // min_wait_usec
      this.#timeout(Math.max(mostMs * 1000, gatherUs))
      this.#enter(count, enterFlags.extendedArgument, 24)
      return
    }
    // Linux before 6.12 knows one time-out only: first for a batch, then, if that brought nothing, for the first one.
    words[3] = 0
    this.#timeout(gatherUs)
    this.#enter(count, enterFlags.extendedArgument, 24)
    if (this.#hasCompletion() || mostMs * 1000 <= gatherUs) return
    this.#timeout(mostMs * 1000 - gatherUs)
    this.#enter(1, enterFlags.extendedArgument, 24)
  }

  /** Tells every completion there is; how many there were. */
  drain(tell: Completion): number {
    const words = this.#words
    let head = words[this.#cqHead]!
    let count = 0
    const tail = Atomics.load(words, this.#cqTail)
    for (; head !== tail; head = (head + 1) | 0, count++) {
      const at = this.#completions + (head & this.#cqMask) * 4
      tell(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!)
    }
    if (count > 0) Atomics.store(words, this.#cqHead, head)
    return count
  }

  /** Gives the kernel `ring` to take buffers of group `group` from; `entries` is a power of two. */
  registerBuffers(ring: Memory, entries: number, group: number): void {
    const argument = this.#libc.map(4096)
    const words = new Uint32Array(argument.buffer)
    words[0] = ring.address >>> 0
    words[1] = Math.floor(ring.address / 0x100000000)
    words[2] = entries
    words[3] = group
    const result = Number(
      this.#libc.ringRegister(syscalls.register, this.fd, registerBufferRing, argument.address, 1),
    )
    const reason = this.#libc.lastError()
    this.#libc.unmap(argument)
    if (result < 0) throw new SwitchError('NET_NO_RING', `no buffer ring: ${reason}`)
  }

  close(): void {
    this.#libc.close(this.fd)
    for (const memory of [this.#ring, this.#requestMemory, this.#argument]) this.#libc.unmap(memory)
  }

  #hasCompletion(): boolean {
    return this.#words[this.#cqHead] !== Atomics.load(this.#words, this.#cqTail)
  }

  #timeout(us: number): void {
    const words = this.#argumentWords
    const seconds = Math.floor(us / 1e6)
    words[16] = seconds
    words[17] = 0
    words[18] = Math.round((us - seconds * 1e6) * 1000)
    words[19] = 0
  }

  #enter(wait: number, flags: number, size: number): void {
    Atomics.store(this.#words, this.#sqTail, this.#tail)
    const count = this.#pending
    const { address } = this.#argument
    // What fails comes back as a completion; an interrupted wait (EINTR) or one that is over (ETIME) is no failure.
    this.#libc.ringEnter(
      syscalls.enter,
      this.fd,
      count,
      wait,
      enterFlags.getEvents | flags,
      size > 0 ? address : 0,
      size,
    )
    this.#pending = (this.#tail - Atomics.load(this.#words, this.#sqHead)) | 0
  }
}
