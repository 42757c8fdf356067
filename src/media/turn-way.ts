/**
 * The way of a leg through a TURN server: stands between the leg's ports and the leg once a server was asked, so that what the server
 * sends is unpacked, and what goes by the relay is packed. A leg without one has no such object, and pays nothing.
 */
import { isIPv6 } from 'node:net'
import { logger } from '../base/log.ts'
import { TurnClient } from '../webrtc/turn-client.ts'
import type { TurnDescription, TurnOutcome, TurnServer } from './engine.ts'
import type { MediaSocket, Source } from './media-socket.ts'
import type { PacketOwner, SocketPair } from './sockets.ts'

const log = logger('media/turn')

/** ms that a server has for its first word while there is another one to ask. */
const patienceMs = 400

/** Whoever has the ports. */
export interface TurnOwner extends PacketOwner {
  readonly uuid: string
  drop(reason: string): void
  /** There is an address at a server now. */
  turnAllocated(): void
}

export class TurnWay implements PacketOwner, MediaSocket {
  /** Resolves once, with an address or with why there is none. */
  readonly outcome: Promise<TurnOutcome>
  readonly #owner: TurnOwner
  readonly #pair: SocketPair
  readonly #left: TurnServer[]
  readonly #limitMs: number
  readonly #startedAt: number
  readonly #failures: string[] = []
  #answer: ((outcome: TurnOutcome) => void) | undefined
  #server: TurnServer
  #client: TurnClient
  #askedAt: number
  /** What the leg sends goes through the server. */
  #isUsed = false

  /** `servers` are asked one after the other, and there is one at least; `outcome` does not take longer than `limitMs`. */
  constructor(
    owner: TurnOwner,
    pair: SocketPair,
    servers: readonly [TurnServer, ...TurnServer[]],
    limitMs: number,
    now: number,
  ) {
    const [first, ...left] = servers
    this.#owner = owner
    this.#pair = pair
    this.#left = left
    this.#limitMs = limitMs
    this.#startedAt = now
    this.#askedAt = now
    this.#server = first
    this.outcome = new Promise((resolve) => {
      this.#answer = resolve
    })
    this.#client = this.#clientFor(first)
    this.#client.start(now)
  }

  /** Of which family our address at the server is; undefined while there is none. */
  get family(): 'IPv4' | 'IPv6' | undefined {
    const { state, relayed } = this.#client
    if (state !== 'allocated' || !relayed) return undefined
    return isIPv6(relayed.address) ? 'IPv6' : 'IPv4'
  }

  /** `ip:port` of ours at the server, empty while there is none. */
  get here(): string {
    const { relayed } = this.#client
    return relayed ? `${relayed.address}:${relayed.port}` : ''
  }

  rtp(packet: Buffer, from: Source): void {
    const { port, address } = this.#server
    if (from.port === port && from.address === address)
      this.#client.receive(packet, performance.now())
    else this.#owner.rtp(packet, from)
  }

  rtcp(packet: Buffer, from: Source): void {
    this.#owner.rtcp(packet, from)
  }

  /** What the leg sends, by the way that was settled on. */
  send(packet: Uint8Array, port: number, address: string): void {
    if (this.#isUsed) this.sendByRelay(packet, port, address)
    else this.#pair.rtp.send(packet, port, address)
  }

  sendByRelay(packet: Uint8Array, port: number, address: string): void {
    this.#client.send(packet, port, address, performance.now())
  }

  /** The party has been settled on: there, through the server or directly. */
  settled(address: string, port: number, isUsed: boolean): void {
    this.#isUsed = isUsed
    if (isUsed) this.#client.bind(address, port, performance.now())
  }

  /** Called a few times a second. */
  sweep(now: number): void {
    this.#client.tick(now)
    const isWaiting = this.#client.state === 'asking' && !this.#client.isHeard
    if (isWaiting && this.#left.length > 0 && now - this.#askedAt > patienceMs)
      this.#failed('it does not answer', now)
    if (this.#answer && now - this.#startedAt > this.#limitMs)
      this.#tell({ failure: `${this.#server.name}: no answer within ${this.#limitMs} ms` })
  }

  /** Gives the address back. What the server says to that comes here for as long as the ports rest. */
  close(): void {
    this.#client.free(performance.now())
    this.#tell({ failure: 'the leg was closed' })
  }

  describe(): TurnDescription {
    const { state } = this.#client
    return {
      server: this.#server.name,
      state,
      relayed: this.here,
      isUsed: this.#isUsed,
      failures: this.#failures,
    }
  }

  #clientFor(server: TurnServer): TurnClient {
    const owner = this.#owner
    return new TurnClient(server, isIPv6(this.#pair.address), {
      send: (packet) => this.#pair.rtp.send(packet, server.port, server.address),
      allocated: () => this.#allocated(),
      failed: (reason) => this.#failed(reason, performance.now()),
      data: (packet, address, port) => owner.rtp(packet, { address, port, way: 'relay' }),
      refused: (address, reason) => {
        owner.drop('TURN refused')
        log.notice(`${server.name} and ${address}: ${reason}`, owner.uuid)
      },
      drop: (reason) => owner.drop(reason),
    })
  }

  #allocated(): void {
    const { relayed, mapped } = this.#client
    const { name } = this.#server
    log.info(`${name} relays at ${this.here}`, this.#owner.uuid)
    this.#owner.turnAllocated()
    if (relayed) this.#tell({ server: name, relayed, mapped })
  }

  #failed(reason: string, now: number): void {
    const { name } = this.#server
    const isLost = this.#client.relayed !== undefined
    this.#failures.push(`${name}: ${reason}`)
    this.#owner.drop(isLost ? 'TURN lost' : 'TURN failed')
    log.warning(`${name}: ${reason}`, this.#owner.uuid)
    const next = this.#left.shift()
    if (!next || isLost) return this.#tell({ failure: this.#failures.join('; ') })
    this.#client.free(now)
    this.#server = next
    this.#askedAt = now
    this.#client = this.#clientFor(next)
    this.#client.start(now)
  }

  #tell(outcome: TurnOutcome): void {
    this.#answer?.(outcome)
    this.#answer = undefined
  }
}
