/**
 * The bound sockets of one worker. They are bound ahead of need, and those of a closed leg rest before the next leg gets
 * them, so that opening a leg costs no system call and what still arrives for the old one disturbs nobody.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { reasonOf } from '../base/errors.ts'
import { logger } from '../base/log.ts'
import type { MediaSocket, Source } from './media-socket.ts'

const log = logger('media/sockets')

/** How long the sockets of a closed leg rest, ms. */
export const restMs = 1000

/** Octets asked for as receive buffer: a second's worth of packets while the thread is busy elsewhere. */
const receiveBuffer = 512 * 1024

/** Who gets the packets of a pair. */
export interface PacketOwner {
  rtp(packet: Buffer, from: Source): void
  rtcp(packet: Buffer, from: Source): void
}

/** An even RTP port and the odd RTCP port above it. */
export class SocketPair {
  readonly address: string
  readonly port: number
  readonly rtp: MediaSocket
  readonly rtcp: MediaSocket
  owner: PacketOwner | undefined
  freeAt = 0

  constructor(address: string, port: number, rtp: Socket, rtcp: Socket, pool: SocketPool) {
    this.address = address
    this.port = port
    this.rtp = rtp
    this.rtcp = rtcp
    rtp.on('message', (packet, from) => pool.arrived(this, packet, from, false))
    rtcp.on('message', (packet, from) => pool.arrived(this, packet, from, true))
    rtp.on('error', pool.failed)
    rtcp.on('error', pool.failed)
  }

  close(): void {
    this.owner = undefined
    this.rtp.close()
    this.rtcp.close()
  }
}

/** Addresses are always numeric here: answering at once spares dgram its DNS look-up for every packet. */
function numericLookup(
  address: string,
  options: unknown,
  done: (error: null, address: string, family: number) => void,
): void {
  done(null, address, typeof options === 'number' ? options : isIPv6(address) ? 6 : 4)
}

function bound(address: string, port: number): Promise<Socket> {
  const isSix = isIPv6(address)
  const socket = createSocket({
    type: isSix ? 'udp6' : 'udp4',
    // An IPv6 wildcard must not take the port from an IPv4 profile.
    ipv6Only: isSix,
    lookup: numericLookup,
    recvBufferSize: receiveBuffer,
  })
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => {
      socket.close()
      reject(error)
    }
    socket.once('error', onError)
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', onError)
      resolve(socket)
    })
  })
}

export class SocketPool {
  /** By address, then by RTP port: the pairs that no leg has. */
  readonly #free = new Map<string, Map<number, SocketPair>>()
  #resting: SocketPair[] = []
  readonly #drop: (reason: string) => void
  readonly failed = (error: Error): void => {
    this.#drop('socket error')
    log.debug(`a media socket failed: ${reasonOf(error)}`)
  }

  constructor(drop: (reason: string) => void) {
    this.#drop = drop
  }

  /** Binds the pairs that begin at `ports`; those that another program has are told apart. */
  async bind(
    address: string,
    ports: readonly number[],
  ): Promise<{ bound: number[]; failed: number[] }> {
    const result = { bound: [] as number[], failed: [] as number[] }
    for (const port of ports) {
      let rtp: Socket | undefined
      try {
        rtp = await bound(address, port)
        const rtcp = await bound(address, port + 1)
        this.#freeOf(address).set(port, new SocketPair(address, port, rtp, rtcp, this))
        result.bound.push(port)
      } catch (thrown) {
        rtp?.close()
        result.failed.push(port)
        log.debug(`port ${port} of ${address} cannot be used: ${reasonOf(thrown)}`)
      }
    }
    return result
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
      free.get(port)?.close()
      return free.delete(port)
    })
  }

  closeAll(): void {
    for (const free of this.#free.values()) for (const pair of free.values()) pair.close()
    for (const pair of this.#resting) pair.close()
    this.#free.clear()
    this.#resting = []
  }

  /** A packet for whoever has the pair. Nothing that it does may reach dgram as an exception. */
  arrived(pair: SocketPair, packet: Buffer, from: Source, isControl: boolean): void {
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
