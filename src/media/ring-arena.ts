/**
 * The memory of a worker's media sockets: where the kernel puts packets that come, and where packets that go out wait
 * with their addresses until the next call into the kernel takes all of them.
 */
import type { IoRing } from '../net/native/io-ring.ts'
import type { Libc, Memory } from '../net/native/libc.ts'

/** Packets that may lie here unread, and octets of one with its head; both powers of two. */
const slots = 2048
export const slotOctets = 2048
/** struct io_uring_recvmsg_out before the name and the payload. */
const headOctets = 16
/** Packets that may wait to go out. */
const sendSlots = 1024
/** Octets of a waiting packet's struct msghdr (56), struct iovec (16) and struct sockaddr (28). */
const sendHead = 128

/** MSG_TRUNC: the datagram was longer than a slot. */
const truncated = 0x20

export const bufferGroup = 0

export class RingArena {
  readonly view: DataView
  readonly #words: Uint32Array
  readonly #memory: Memory
  readonly #bufferRing: Memory
  readonly #ringHalves: Uint16Array
  readonly #ringWords: Uint32Array
  /** Of every slot the view that was lent last: most packets are as long as the one before. */
  readonly #lent: (Buffer | undefined)[] = new Array<undefined>(slots).fill(undefined)
  readonly #used = new Uint16Array(slots)
  #usedCount = 0
  #tail = slots
  readonly #heads: Memory
  readonly #headWords: Uint32Array
  readonly #data: Memory
  readonly #dataOctets: Uint8Array
  #sends = 0

  constructor(libc: Libc, ring: IoRing) {
    this.#memory = libc.map(slots * slotOctets)
    this.view = new DataView(this.#memory.buffer)
    this.#words = new Uint32Array(this.#memory.buffer)
    this.#bufferRing = libc.map(slots * 16)
    this.#ringHalves = new Uint16Array(this.#bufferRing.buffer)
    this.#ringWords = new Uint32Array(this.#bufferRing.buffer)
    for (let slot = 0; slot < slots; slot++) this.#give(slot, slot)
    this.#ringHalves[7] = slots & 0xffff
    ring.registerBuffers(this.#bufferRing, slots, bufferGroup)
    this.#heads = libc.map(sendSlots * sendHead)
    this.#headWords = new Uint32Array(this.#heads.buffer)
    this.#data = libc.map(sendSlots * slotOctets)
    this.#dataOctets = new Uint8Array(this.#data.buffer)
    for (let slot = 0; slot < sendSlots; slot++) this.#layOut(slot)
  }

  /** The payload in a slot, or undefined when it did not fit. `nameLength` is what the receive asked for. */
  packet(slot: number, nameLength: number): Buffer | undefined {
    const at = slot * slotOctets
    const length = this.#words[at / 4 + 2]!
    if ((this.#words[at / 4 + 3]! & truncated) !== 0) return undefined
    const start = at + headOctets + nameLength
    const lent = this.#lent[slot]
    if (lent && lent.length === length && lent.byteOffset === start) return lent
    const made = Buffer.from(this.#memory.buffer, start, length)
    this.#lent[slot] = made
    return made
  }

  /** Where the name of a slot's sender stands in `view`. */
  nameAt(slot: number): number {
    return slot * slotOctets + headOctets
  }

  /** The slot is read: it goes back to the kernel by `recycle`. */
  done(slot: number): void {
    this.#used[this.#usedCount++] = slot
  }

  /** Gives read slots back. What was to be sent from them must have been handed over. */
  recycle(): void {
    for (let i = 0; i < this.#usedCount; i++) this.#give(this.#tail++ & (slots - 1), this.#used[i]!)
    this.#usedCount = 0
    this.#ringHalves[7] = this.#tail & 0xffff
  }

  /** All that waited went out: its room is free. */
  sent(): void {
    this.#sends = 0
  }

  get isFull(): boolean {
    return this.#sends === sendSlots
  }

  /**
   * Lays a packet out for sending; the address of its struct msghdr, or 0 when it is too long. A packet that lies in this
   * memory goes out from where it is, any other is copied.
   */
  lay(packet: Uint8Array, name: Uint32Array): number {
    const { length } = packet
    const slot = this.#sends
    const at = (slot * sendHead) / 4
    const words = this.#headWords
    let address: number
    if (packet.buffer === this.#memory.buffer) address = this.#memory.address + packet.byteOffset
    else {
      if (length > slotOctets) return 0
      this.#dataOctets.set(packet, slot * slotOctets)
      address = this.#data.address + slot * slotOctets
    }
    this.#sends++
    words[at + 2] = name.length * 4 // msg_namelen
    words[at + 14] = address >>> 0 // iov_base
    words[at + 15] = (address / 0x100000000) | 0
    words[at + 16] = length // iov_len
    for (let i = 0; i < name.length; i++) words[at + 18 + i] = name[i]!
    return this.#heads.address + slot * sendHead
  }

  close(libc: Libc): void {
    for (const memory of [this.#memory, this.#bufferRing, this.#heads, this.#data])
      libc.unmap(memory)
  }

  /** struct io_uring_buf: address, length, number. */
  #give(entry: number, slot: number): void {
    const address = this.#memory.address + slot * slotOctets
    this.#ringWords[entry * 4] = address >>> 0
    this.#ringWords[entry * 4 + 1] = (address / 0x100000000) | 0
    this.#ringWords[entry * 4 + 2] = slotOctets
    this.#ringHalves[entry * 8 + 6] = slot
  }

  /** What of a struct msghdr stays: where its name and its one vector are. */
  #layOut(slot: number): void {
    const at = (slot * sendHead) / 4
    const address = this.#heads.address + slot * sendHead
    const put = (word: number, value: number) => {
      this.#headWords[at + word] = value >>> 0
      this.#headWords[at + word + 1] = Math.floor(value / 0x100000000)
    }
    put(0, address + 72) // msg_name
    put(4, address + 56) // msg_iov
    put(6, 1) // msg_iovlen
  }
}
