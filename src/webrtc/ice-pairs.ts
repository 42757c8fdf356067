/** The pairs of one agent: addresses of the other side and our ways there, the best first. Bounds keep strangers from using us against others. */
import { isUnicast } from '../net/address-octets.ts'
import type { CandidateType, IceWay, RemoteCandidate } from './ice-terms.ts'

/** A pair and how far it has come. */
export interface IcePairState {
  readonly way: IceWay
  readonly address: string
  readonly port: number
  readonly type: CandidateType
  priority: number
  state: 'waiting' | 'tried' | 'good' | 'failed'
  isNominated: boolean
  /** The other side has named it, which counts once our own check was good. */
  isNamed: boolean
  /** A good check or answer came from there. */
  isProven: boolean
  /** Of the check under way. */
  transaction: Buffer | undefined
  nominates: boolean
  /** Our part in the check under way. */
  asControlling: boolean
  sentAt: number
  tries: number
}

/** What is shown of a pair. */
export type ShownPair = Pick<
  IcePairState,
  'way' | 'address' | 'port' | 'type' | 'state' | 'isNominated'
>

/** Ports below this are those of services, which nobody sends sound from, but for relays that pass as web servers. */
const firstFreePort = 1024
const webPorts: ReadonlySet<number> = new Set([80, 443])

/**
 * Whether checks may go to an address that somebody has only told us of. Whoever names multicast, broadcast or a port of some service
 * wants to use us against others (RFC 8445 section 19.5.1).
 */
function mayBeChecked({ address, port }: RemoteCandidate): boolean {
  return isUnicast(address) && (port >= firstFreePort || webPorts.has(port))
}

/** So many addresses of theirs are kept for each way of ours, and so many ports of one host; more would be somebody's mischief. */
const mostPairs = 32
/** So many checks are known to have been ours after they were answered or given up. */
const mostSettled = 64
const mostPorts = 8
/** What a relayed candidate of ours is worth (RFC 8445 section 5.1.2.1). */
const relayPriority = 65535 * 2 ** 8 + 255
/** And one of TCP that waits for connections: less than all of UDP but a relay's (RFC 6544 section 4.2). */
const tcpPriority = 90 * 2 ** 24 + (4 * 2 ** 13 + 8191) * 2 ** 8 + 255

export class IcePairs {
  /** The best first. */
  readonly list: IcePairState[] = []
  /** The last checks that are over: what was asked twice is answered twice, and answers may be late. */
  readonly #settled: Buffer[] = []
  /** Told of each candidate that is not taken. */
  readonly #refused: () => void

  constructor(refused: () => void) {
    this.#refused = refused
  }

  find(way: IceWay, address: string, port: number): IcePairState | undefined {
    return this.list.find(
      (pair) => pair.port === port && pair.address === address && pair.way === way,
    )
  }

  /** Whether a good check came from there. */
  isProven(address: string, port: number): boolean {
    return this.list.some((pair) => pair.isProven && pair.port === port && pair.address === address)
  }

  /** A candidate of theirs, to be reached by one of our ways. */
  told(way: IceWay, candidate: RemoteCandidate): void {
    const { address, port, priority, type } = candidate
    if (this.find(way, address, port)) return
    const isThere = (pair: IcePairState) => pair.way === way && pair.address === address
    const ports = this.list.filter(isThere).length
    if (mayBeChecked(candidate) && ports < mostPorts) this.add(way, address, port, priority, type)
    else this.#refused()
  }

  /** A new pair, whose place is by its worth; undefined: there are too many. */
  add(
    way: IceWay,
    address: string,
    port: number,
    priority: number,
    type: CandidateType,
  ): IcePairState | undefined {
    if (this.list.filter((pair) => pair.way === way).length >= mostPairs) {
      this.#refused()
      return undefined
    }
    const pair: IcePairState = {
      way,
      address,
      port,
      type,
      priority,
      state: 'waiting',
      isNominated: false,
      isNamed: false,
      isProven: false,
      transaction: undefined,
      nominates: false,
      asControlling: false,
      sentAt: 0,
      tries: 0,
    }
    this.list.push(pair)
    this.list.sort(byWorth)
    return pair
  }

  /** The best of those that work. */
  get best(): IcePairState | undefined {
    return this.list.find(({ state }) => state === 'good')
  }

  /** Whether one that is worth more may still turn out to work. */
  isBetterOpen(than: IcePairState): boolean {
    return this.list.some(
      (pair) =>
        (pair.state === 'waiting' || pair.state === 'tried') && worthOf(pair) > worthOf(than),
    )
  }

  /** The check under way, if there is one, was answered or is given up. */
  settle(pair: IcePairState): void {
    if (!pair.transaction) return
    if (this.#settled.push(pair.transaction) > mostSettled) this.#settled.shift()
    pair.transaction = undefined
  }

  /** Whether it names a check of ours that is over. */
  hasSettled(transaction: Buffer): boolean {
    return this.#settled.some((one) => one.equals(transaction))
  }

  /** There is no way there any more. */
  remove(pair: IcePairState): void {
    this.settle(pair)
    const at = this.list.indexOf(pair)
    if (at >= 0) this.list.splice(at, 1)
  }

  clear(): void {
    for (const pair of this.list) this.settle(pair)
    this.list.splice(0)
  }
}

/** A pair is worth what the lesser of its two candidates is (RFC 8445 section 6.1.2.3); ours is the best there is, a relay's or of TCP. */
function worthOf({ way, priority }: IcePairState): number {
  if (way === 'direct') return priority
  return Math.min(priority, way === 'relay' ? relayPriority : tcpPriority)
}

/** The best first; of equal ones the direct way. */
function byWorth(a: IcePairState, b: IcePairState): number {
  const isDetour = ({ way }: IcePairState) => (way === 'direct' ? 0 : 1)
  return worthOf(b) - worthOf(a) || isDetour(a) - isDetour(b)
}
