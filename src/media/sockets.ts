/**
 * The bound sockets of one worker. They are bound ahead of need, and those of a closed leg rest before the next leg gets
 * them, so that opening a leg costs no system call and what still arrives for the old one disturbs nobody.
 */
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import type { Drop, MediaNetwork } from './network.ts'

const log = logger('media/sockets')

/** How long the sockets of a closed leg rest, ms. */
export const restMs = 1000

/** Who gets the packets of a pair. */
export interface PacketOwner {
  rtp(packet: Buffer, from: Source): void
  rtcp(packet: Buffer, from: Source): void
}

/** An even RTP port and the odd RTCP port above it. */
export interface SocketPair {
  readonly address: string
  readonly port: number
  readonly rtp: MediaSocket
  readonly rtcp: MediaSocket
  owner: PacketOwner | undefined
  freeAt: number
}

function closePair(pair: SocketPair): void {
  pair.owner = undefined
  pair.rtp.close()
  pair.rtcp.close()
}

export class SocketPool {
  /** By address, then by RTP port: the pairs that no leg has. */
  readonly #free = new Map<string, Map<number, SocketPair>>()
  #resting: SocketPair[] = []
  readonly #network: MediaNetwork
  readonly #drop: Drop

  constructor(network: MediaNetwork, drop: Drop) {
    this.#network = network
    this.#drop = drop
  }

  /** Binds the pairs that begin at `ports`; those that another program has are told apart. */
  async bind(
    address: string,
    ports: readonly number[],
  ): Promise<{ bound: number[]; failed: number[] }> {
    const result = { bound: [] as number[], failed: [] as number[] }
    for (const port of ports) {
      try {
        this.#freeOf(address).set(port, await this.#bindPair(address, port))
        result.bound.push(port)
      } catch (thrown) {
        result.failed.push(port)
        log.debug(`port ${port} of ${address} cannot be used: ${reasonOf(thrown)}`)
      }
    }
    return result
  }

  async #bindPair(address: string, port: number): Promise<SocketPair> {
    const network = this.#network
    let pair: SocketPair | undefined
    const rtp = await network.bind(address, port, (packet, from) => {
      if (pair) this.#arrived(pair, packet, from, false)
    })
    try {
      const rtcp = await network.bind(address, port + 1, (packet, from) => {
        if (pair) this.#arrived(pair, packet, from, true)
      })
      pair = { address, port, rtp, rtcp, owner: undefined, freeAt: 0 }
      return pair
    } catch (thrown) {
      rtp.close()
      throw thrown
    }
  }

  /** Hands a free pair to a leg. */
  take(address: string, port: number, owner: PacketOwner): SocketPair | undefined {
    const pair = this.#freeOf(address).get(port)
    if (!pair) return undefined
    this.#freeOf(address).delete(port)
    pair.owner = owner
    return pair
  }

  /** Takes a pair back from its leg; it rests first. */
  rest(pair: SocketPair): void {
    pair.owner = undefined
    pair.freeAt = performance.now() + restMs
    this.#resting.push(pair)
  }

  get hasResting(): boolean {
    return this.#resting.length > 0
  }

  /** The pairs that have rested enough by `now`, by address; with `address` all of that address at once. */
  wake(now: number, address?: string): Map<string, number[]> {
    const awake = new Map<string, number[]>()
    const wakes = (pair: SocketPair) =>
      address === undefined ? pair.freeAt <= now : pair.address === address
    // Pairs rest in the order in which they came: mostly nothing is due, and nothing is built then.
    if (address === undefined && (this.#resting.length === 0 || !wakes(this.#resting[0]!)))
      return awake
    for (const pair of this.#resting) {
      if (!wakes(pair)) continue
      this.#freeOf(pair.address).set(pair.port, pair)
      const ports = awake.get(pair.address) ?? []
      ports.push(pair.port)
      awake.set(pair.address, ports)
    }
    this.#resting = this.#resting.filter((pair) => !wakes(pair))
    return awake
  }

  /** Closes free pairs; gives those that were there. */
  giveUp(address: string, ports: readonly number[]): number[] {
    const free = this.#freeOf(address)
    return ports.filter((port) => {
      const pair = free.get(port)
      if (pair) closePair(pair)
      return free.delete(port)
    })
  }

  closeAll(): void {
    for (const free of this.#free.values()) for (const pair of free.values()) closePair(pair)
    for (const pair of this.#resting) closePair(pair)
    this.#free.clear()
    this.#resting = []
  }

  /** A packet for whoever has the pair. Nothing that it does may reach the network as an exception. */
  #arrived(pair: SocketPair, packet: Buffer, from: Source, isControl: boolean): void {
    const owner = pair.owner
    if (owner === undefined) return this.#drop('no leg')
    try {
      if (isControl) owner.rtcp(packet, from)
      else owner.rtp(packet, from)
    } catch (thrown) {
      this.#drop('handler failed')
      log.err(`a packet to port ${pair.port} could not be handled: ${reasonOf(thrown)}`)
    }
  }

  #freeOf(address: string): Map<number, SocketPair> {
    let free = this.#free.get(address)
    if (!free) {
      free = new Map()
      this.#free.set(address, free)
    }
    return free
  }
}
