/** How a worker answers what it is asked of streams that pass untouched. */
import { BundledRelay } from './bundled-relay.ts'
import type { StreamStats } from './engine.ts'
import type { Leg } from './leg.ts'
import type { LegHost } from './leg-host.ts'
import type { StreamQuestion } from './protocol.ts'
import type { Relay } from './relay.ts'
import { RtpLeg } from './rtp-leg.ts'
import type { PacketOwner, SocketPair, SocketPool } from './sockets.ts'
import { StreamRelay } from './stream-relay.ts'
import { noStreamStats } from './stream-stats.ts'

/** Gets the packets of a pair until its relay stands. */
const nobody: PacketOwner = { rtp() {}, rtcp() {} }

type Handlers = {
  readonly [Word in StreamQuestion['ask']]: (
    question: Extract<StreamQuestion, { ask: Word }>,
  ) => StreamStats | undefined
}

export class Streams {
  readonly #host: LegHost
  readonly #pool: SocketPool
  readonly #findLeg: (leg: number) => Leg | undefined
  readonly #relays = new Map<number, Relay>()
  /** Whose ports a relay uses, where they are not its own. */
  readonly #lenders = new Map<Relay, RtpLeg>()

  constructor(host: LegHost, pool: SocketPool, findLeg: (leg: number) => Leg | undefined) {
    this.#host = host
    this.#pool = pool
    this.#findLeg = findLeg
  }

  get count(): number {
    return this.#relays.size
  }

  answer(question: StreamQuestion): StreamStats | undefined {
    const handler = this.#handlers[question.ask] as (q: StreamQuestion) => StreamStats | undefined
    return handler(question)
  }

  sweep(now: number): void {
    for (const relay of this.#relays.values()) relay.sweep(now)
  }

  closeAll(): void {
    for (const id of [...this.#relays.keys()]) this.#close(id)
  }

  readonly #handlers: Handlers = {
    'open stream': ({ stream, uuid, address, port }) => {
      const pair = this.#pool.take(address, port, nobody)
      if (!pair) throw new Error(`port ${port} of ${address} is not free`)
      this.#add(new StreamRelay(stream, uuid, this.#host, pair), pair)
      return undefined
    },
    'lend stream': ({ stream, leg }) => {
      const lender = this.#findLeg(leg)
      // The core may speak of a leg that has just closed.
      if (!(lender instanceof RtpLeg)) return undefined
      const pair = lender.lend(() => this.#close(stream))
      if (!pair) throw new Error('the ports of the leg are lent already')
      const relay = new StreamRelay(stream, lender.uuid, this.#host, pair, lender)
      this.#lenders.set(relay, lender)
      this.#add(relay, pair)
      return undefined
    },
    'bundle stream': ({ stream, leg: id }) => {
      const leg = this.#findLeg(id)
      if (!(leg instanceof RtpLeg)) return undefined
      const before = this.#relays.get(stream)
      this.#relays.set(stream, new BundledRelay(stream, leg, before))
      const pair = before?.close()
      if (pair) this.#pool.rest(pair)
      return undefined
    },
    'configure stream': ({ stream, settings }) => {
      this.#relays.get(stream)?.configure(settings)
      return undefined
    },
    'join streams': ({ stream, other }) => {
      const [one, two] = [this.#relays.get(stream), this.#relays.get(other)]
      if (one && two) one.join(two)
      return undefined
    },
    'ask for picture': ({ stream }) => {
      this.#relays.get(stream)?.askForPicture()
      return undefined
    },
    'part stream': ({ stream }) => {
      this.#relays.get(stream)?.part()
      return undefined
    },
    'stream stats': ({ stream }) => this.#relays.get(stream)?.stats() ?? noStreamStats,
    'close stream': ({ stream }) => this.#close(stream),
  }

  #add(relay: StreamRelay, pair: SocketPair): void {
    pair.owner = relay
    this.#relays.set(relay.id, relay)
  }

  #close(id: number): StreamStats {
    const relay = this.#relays.get(id)
    if (!relay) return noStreamStats
    this.#relays.delete(id)
    const stats = relay.stats()
    const pair = relay.close()
    const lender = this.#lenders.get(relay)
    this.#lenders.delete(relay)
    if (lender) lender.takeBack()
    else if (pair) this.#pool.rest(pair)
    return stats
  }
}
