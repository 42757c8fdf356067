/** Which RTP ports of the range are given to which worker; one ledger per local address, on the core's side. */
import { randomInt } from 'node:crypto'

/** How long a port that could not be bound is left alone, ms. */
const badForMs = 30_000

/** Even RTP ports whose odd neighbour is the RTCP port. `first` and `last` bound both. */
export class PortLedger {
  readonly #first: number
  readonly #count: number
  /** Who has the pair: the worker's index and one, 0 nobody. */
  readonly #owner: Uint16Array
  readonly #badUntil = new Map<number, number>()
  #given = 0
  #cursor: number

  constructor(first: number, last: number) {
    this.#first = first + (first % 2)
    this.#count = Math.max(0, Math.floor((last - this.#first + 1) / 2))
    this.#owner = new Uint16Array(this.#count)
    // A restart must not meet the packets of the calls before it on the same ports.
    this.#cursor = this.#count > 0 ? randomInt(this.#count) : 0
  }

  /** Pairs in the whole range. */
  get size(): number {
    return this.#count
  }

  get free(): number {
    return this.#count - this.#given
  }

  /** Gives a worker up to `wanted` ports; fewer when there are no more. `now` in ms. */
  give(wanted: number, worker: number, now: number): number[] {
    const ports: number[] = []
    for (let tried = 0; tried < this.#count && ports.length < wanted; tried++) {
      const index = this.#cursor
      this.#cursor = (this.#cursor + 1) % this.#count
      if (this.#owner[index] !== 0) continue
      const badUntil = this.#badUntil.get(index)
      if (badUntil !== undefined && badUntil > now) continue
      if (badUntil !== undefined) this.#badUntil.delete(index)
      this.#owner[index] = worker + 1
      this.#given++
      ports.push(this.#first + index * 2)
    }
    return ports
  }

  /** Takes ports back. */
  back(ports: readonly number[]): void {
    for (const port of ports) {
      const index = (port - this.#first) / 2
      if (!this.#owner[index]) continue
      this.#owner[index] = 0
      this.#given--
    }
  }

  /** A worker died: all that it had is free. */
  ownerGone(worker: number): void {
    for (let index = 0; index < this.#count; index++) {
      if (this.#owner[index] !== worker + 1) continue
      this.#owner[index] = 0
      this.#given--
    }
  }

  /** Takes ports back that another program has; they are not given again for a while. */
  bad(ports: readonly number[], now: number): void {
    this.back(ports)
    for (const port of ports) this.#badUntil.set((port - this.#first) / 2, now + badForMs)
  }
}
