/** Where the jitter buffer keeps its packets: slots made once, found by number. */

export interface Slot {
  /** Extended sequence number of what it holds, -1 nothing. */
  number: number
  /** Extended timestamp. */
  time: number
  payloadType: number
  /** A number under which something else than sound was sent. */
  isSkip: boolean
  store: Uint8Array
  /** The payload in `store`; made anew only when the length changes. */
  payload: Uint8Array
}

const mostSlots = 1024
/** What a slot has room for at first: 20 ms of G.711. */
const firstRoom = 160

export class JitterRing {
  /** Slots in use. */
  count = 0
  readonly #slots: Slot[]
  readonly #mask: number

  /** Room for at least `packets`, up to 1024; numbers further apart than `span` never are in it together. */
  constructor(packets: number) {
    const size = 2 ** Math.ceil(Math.log2(Math.min(mostSlots, packets)))
    this.#mask = size - 1
    this.#slots = Array.from({ length: size }, emptySlot)
  }

  get span(): number {
    return this.#mask
  }

  /** The slot that holds `number`. */
  at(number: number): Slot | undefined {
    const slot = this.#slots[number & this.#mask]!
    return slot.number === number ? slot : undefined
  }

  /** The first at or behind `number`; asked only when there is one. */
  following(number: number): Slot {
    for (let i = number; i - number <= this.#mask; i++) {
      const slot = this.#slots[i & this.#mask]!
      if (slot.number === i) return slot
    }
    throw new Error('the jitter buffer counts packets that are not there')
  }

  /** Takes the slot of a number that is not there yet. */
  use(number: number): Slot {
    const slot = this.#slots[number & this.#mask]!
    slot.number = number
    this.count++
    return slot
  }

  /** Gives a slot back; what it holds stays readable until it is used again. */
  free(slot: Slot): void {
    slot.number = -1
    this.count--
  }

  clear(): void {
    for (const slot of this.#slots) slot.number = -1
    this.count = 0
  }
}

/** Copies a payload into a slot, which grows if need be. */
export function fillSlot(slot: Slot, payload: Uint8Array): void {
  const { length } = payload
  if (slot.store.length < length) slot.store = new Uint8Array(Math.max(length, firstRoom))
  if (slot.payload.length !== length || slot.payload.buffer !== slot.store.buffer) {
    slot.payload = slot.store.subarray(0, length)
  }
  slot.payload.set(payload)
}

function emptySlot(): Slot {
  const nothing = new Uint8Array(0)
  return {
    number: -1,
    time: 0,
    payloadType: 0,
    isSkip: false,
    store: nothing,
    payload: nothing,
  }
}
