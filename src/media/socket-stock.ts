/**
 * The core's side of the sockets that a worker keeps bound ahead of need, for one local address: knows their ports, so
 * that a leg opens without asking the worker, and orders new ones in time.
 */
import { SwitchError } from '../base/errors.ts'
import type { PortLedger } from './port-ledger.ts'
import type { WorkerLink } from './worker-link.ts'

/** How many pairs are kept ready at first, and at most however busy it gets. */
const smallest = 8
const largest = 512

interface Order {
  readonly bound: number
  readonly tried: number
}

/** A worker that is gone gives nothing: its ports come back when that is told. */
function didGive(count: Promise<number>): Promise<boolean> {
  return count.then(
    (given) => given > 0,
    () => false,
  )
}

export class SocketStock {
  readonly #address: string
  readonly #ledger: PortLedger
  readonly #link: WorkerLink
  readonly #worker: number
  /** Ports that are bound and rested: the one that rested longest first. */
  #ready: number[] = []
  /** How many of `#ready` were taken off its front. */
  #taken = 0
  #target = smallest
  #ordering: Promise<Order> | undefined

  constructor(address: string, ledger: PortLedger, link: WorkerLink, worker: number) {
    this.#address = address
    this.#ledger = ledger
    this.#link = link
    this.#worker = worker
  }

  get ready(): number {
    return this.#ready.length - this.#taken
  }

  /** A port at once, or undefined: then `wait`. */
  take(): number | undefined {
    const port = this.#ready[this.#taken]
    if (port === undefined) return undefined
    this.#taken++
    if (this.#taken > 256) {
      this.#ready = this.#ready.slice(this.#taken)
      this.#taken = 0
    }
    if (this.ready < this.#target / 2) void this.#order()
    return port
  }

  /** Ports of closed legs have rested. */
  rested(ports: readonly number[]): void {
    this.#ready.push(...ports)
    const excess = this.ready - largest
    if (excess > 0) void this.giveUp(excess).catch(() => undefined)
  }

  /** A port, newly bound when need be. Throws SwitchError MEDIA_NO_PORTS. */
  async wait(others: readonly SocketStock[]): Promise<number> {
    for (let fruitless = 0; fruitless < 8; ) {
      const { bound, tried } = await this.#order()
      const port = this.take()
      if (port !== undefined) {
        // It was found empty: more are kept from now on.
        if (bound > 0) this.#target = Math.min(largest, Math.max(this.#target, bound * 2))
        return port
      }
      // Another program may have a long run of ports; those that were tried are not given again for a while.
      fruitless = tried > 0 ? 0 : fruitless + 1
      if (this.#ledger.free > 0) continue // others were faster, or all that was tried is another program's
      // The range is used up: idle sockets of other workers, then our own that still rest, are better than no call.
      if ((await this.#freeOne(others)) || this.ready > 0) fruitless = 0
      else break
    }
    throw this.#none()
  }

  /** Makes room in a range that is used up; true when another worker gave a port back. */
  async #freeOne(others: readonly SocketStock[]): Promise<boolean> {
    for (const other of others) if (await didGive(other.giveUp(1))) return true
    await this.#wake()
    if (this.ready > 0) return false
    for (const other of others) if (await didGive(other.spare())) return true
    return false
  }

  /** Closes up to `count` idle pairs, so that another worker can have the ports. */
  async giveUp(count: number): Promise<number> {
    const ports = this.#ready.slice(this.#taken, this.#taken + count)
    if (ports.length === 0) return 0
    this.#taken += ports.length
    const { closed } = await this.#link.request({
      ask: 'give up',
      address: this.#address,
      ports,
    })
    this.#ledger.back(closed)
    return closed.length
  }

  /** Cuts the rest of closed legs' pairs short and closes one of them for another worker. */
  async spare(): Promise<number> {
    await this.#wake()
    return this.giveUp(1)
  }

  async #wake(): Promise<void> {
    const { ports } = await this.#link.request({ ask: 'wake', address: this.#address })
    this.#ready.push(...ports)
  }

  /** Has the worker bind as many as the stock lacks; one order at a time. Resolves with how many it tried and got. */
  #order(): Promise<Order> {
    this.#ordering ??= this.#bind().finally(() => {
      this.#ordering = undefined
    })
    return this.#ordering
  }

  async #bind(): Promise<Order> {
    // A small range is not hoarded: at most a quarter of what is free, so that other workers find some too.
    const fair = Math.max(1, Math.floor(this.#ledger.free / 4))
    const wanted = Math.min(this.#target - this.ready, fair)
    const ports = wanted > 0 ? this.#ledger.give(wanted, this.#worker, Date.now()) : []
    const tried = ports.length
    if (tried === 0) return { bound: 0, tried }
    try {
      const { bound, failed } = await this.#link.request({
        ask: 'bind',
        address: this.#address,
        ports,
      })
      this.#ready.push(...bound)
      this.#ledger.bad(failed, Date.now())
      return { bound: bound.length, tried }
    } catch {
      // The worker is gone and its sockets with it; its successor has a stock of its own.
      this.#ledger.back(ports)
      return { bound: 0, tried: 0 }
    }
  }

  #none(): SwitchError {
    return new SwitchError(
      'MEDIA_NO_PORTS',
      `no RTP port is free on ${this.#address}; see rtp-start-port and rtp-end-port in switch.conf.xml`,
      { status: 503 },
    )
  }
}
