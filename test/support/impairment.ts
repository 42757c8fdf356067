/**
 * A bad line between two peers: a UDP port that passes packets on, losing, delaying, reordering and doubling them as told. It
 * keeps what it did, so that a test can hold against it what a receiver reports.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isRtp, sequenceGap, sequenceOf, timestampOf } from '../../src/rtp/packet.ts'

export interface Trouble {
  /** Share of packets that never come. */
  readonly loss?: number
  /** Each packet is late by up to so many ms more than the quickest. */
  readonly jitter?: number
  /** Share of packets that change places with the next one, and that come twice. */
  readonly reorder?: number
  readonly duplicate?: number
  readonly seed?: number
}

/** A packet that was passed on: its numbers, and when in ms. */
interface Passed {
  readonly sequence: number
  readonly timestamp: number
  readonly at: number
}

export class Impairment implements AsyncDisposable {
  readonly port: number
  /** Where to. */
  target: number
  readonly passed: Passed[] = []
  received = 0
  lost = 0
  duplicated = 0
  reordered = 0
  readonly #trouble: Trouble
  readonly #socket: Socket
  #random: number
  /** A packet that waits for the next one to go before it. */
  #waiting: Buffer | undefined
  /** Packets of jitter never overtake each other: that is what `reorder` is for. */
  #lastDue = 0
  readonly #queue: { readonly due: number; readonly packets: readonly Buffer[] }[] = []
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  private constructor(socket: Socket, target: number, trouble: Trouble) {
    this.#socket = socket
    this.port = socket.address().port
    this.target = target
    this.#trouble = trouble
    // A test that fails leaves it open: the file ends all the same.
    socket.unref()
    this.#random = trouble.seed ?? 1
    socket.on('message', (packet) => this.#take(packet))
  }

  static open(target: number, trouble: Trouble): Promise<Impairment> {
    const socket = createSocket('udp4')
    return new Promise((resolve) =>
      socket.bind(0, '127.0.0.1', () => resolve(new Impairment(socket, target, trouble))),
    )
  }

  /** Share of the packets up to the last that was passed on that are missing. */
  get lossRate(): number {
    const numbers = this.passed.map(({ sequence }) => sequence)
    const begin = numbers[0] ?? 0
    const offsets = numbers.map((number) => sequenceGap(number, begin))
    // A receiver counts from the first that it gets; what comes behind it with a lower number is one more.
    return 1 - new Set(numbers).size / (Math.max(...offsets) + 1)
  }

  /** Interarrival jitter in ms of what was passed on, as RFC 3550 appendix A.8 has it, for timestamps of `clock` Hz. */
  jitter(clock = 8000): number {
    let jitter = 0
    let before: number | undefined
    const seen = new Set<number>()
    for (const { sequence, timestamp, at } of this.passed) {
      if (seen.has(sequence)) continue // a duplicate is no arrival of a packet
      seen.add(sequence)
      const transit = at - (timestamp * 1000) / clock
      if (before !== undefined) jitter += (Math.abs(transit - before) - jitter) / 16
      before = transit
    }
    return jitter
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    return new Promise((resolve) => this.#socket.close(() => resolve()))
  }

  #chance(share = 0): boolean {
    return share > 0 && this.#next() < share
  }

  #next(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) >>> 0
    return this.#random / 2 ** 32
  }

  #take(packet: Buffer): void {
    const { loss, jitter = 0, reorder, duplicate } = this.#trouble
    this.received++
    if (this.#chance(loss)) {
      this.lost++
      return
    }
    const now = performance.now()
    this.#lastDue = Math.max(this.#lastDue, now + this.#next() * jitter)
    const due = this.#lastDue
    if (this.#waiting === undefined && this.#chance(reorder)) {
      this.reordered++
      this.#waiting = packet
      return
    }
    const packets = [packet]
    if (this.#waiting) packets.push(this.#waiting)
    this.#waiting = undefined
    if (this.#chance(duplicate)) {
      this.duplicated++
      packets.push(packet)
    }
    this.#queue.push({ due, packets })
    this.#sendDue()
  }

  /** Sends what is due, in order, and comes back for the rest. */
  readonly #sendDue = (): void => {
    clearTimeout(this.#timer)
    const now = performance.now()
    for (;;) {
      const first = this.#queue[0]
      if (!first) return
      if (first.due - now > 1) {
        this.#timer = setTimeout(this.#sendDue, first.due - now)
        return
      }
      this.#queue.shift()
      this.#send(first.packets)
    }
  }

  #send(packets: readonly Buffer[]): void {
    if (this.#isClosed) return
    for (const packet of packets) {
      if (isRtp(packet))
        this.passed.push({
          sequence: sequenceOf(packet),
          timestamp: timestampOf(packet),
          at: performance.now(),
        })
      this.#socket.send(packet, this.target, '127.0.0.1')
    }
  }
}
