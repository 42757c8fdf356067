/**
 * ICE over TCP (RFC 6544): a port that browsers connect to which get no UDP through. We are the passive side; nothing is ever
 * connected from here.
 *
 * The way of a packet: `net/tcp.ts` → `ice-tcp-connection.ts` (frames) → the listener, until a check shows the password of a leg →
 * the leg's `ice-tcp-way.ts` → the leg, as if it came by UDP, but for `way: 'tcp'` of its source. Back: ICE and DTLS send by the
 * way that they were asked by; when ICE settles on a pair by TCP, the leg's sender gets the way as its socket in place of the UDP
 * port's, so that legs without TCP pay nothing.
 *
 * A socket of Node.js cannot move to another thread, and a call lives in one: so each worker listens at a port of its own, worker n
 * at the profile's `ice-tcp-port` plus n, and the candidate says which. A server with one media worker has one port.
 */

import { logger } from '../base/log.ts'
import { LogBrake } from '../base/log-brake.ts'
import { neighbourhood } from '../net/address-octets.ts'
import { addressText } from '../net/errors.ts'
import { attribute, isAuthentic, messageType, readStun } from '../net/stun-message.ts'
import { listenTcp, type TcpConnection, type TcpListener } from '../net/tcp.ts'
import { IceTcpConnection, type TcpPackets } from './ice-tcp-connection.ts'
import type { Drop } from './network.ts'

const log = logger('media/ice-tcp')

/** Connections that have not shown a password: in all, and of one address, behind which may be a whole office. */
const mostStrangers = 500
const mostOfOne = 50
/** ms that one may say nothing; and that its checks may be of a name that nobody has, for our answer is on its way to us, too. */
const silentMs = 5000
const unknownMs = 15_000
/** Checks of unknown names from one connection: browsers send ten a second. */
const mostTries = 300
/** Octets of a check. */
const longestCheck = 1024
const sweepMs = 500

/** Whose name (ufrag) a check may be for. */
export interface TcpNamed {
  /** Of ours, which signs the check. */
  readonly password: string
  /** The connection has shown it: it is theirs from now on, and `packet` the first of it. */
  adopt(connection: IceTcpConnection, packet: Buffer): void
}

export class IceTcpListener implements TcpPackets {
  readonly #drop: Drop
  readonly #brake = new LogBrake()
  readonly #named = new Map<string, TcpNamed>()
  readonly #strangers = new Set<IceTcpConnection>()
  #listener: TcpListener | undefined
  #sweeper: NodeJS.Timeout | undefined
  #isClosed = false
  /** `ip:port`. */
  readonly here: string
  readonly #address: string
  readonly #port: number

  constructor(address: string, port: number, drop: Drop) {
    this.#address = address
    this.#port = port
    this.#drop = drop
    this.here = addressText(address, port)
  }

  /** Rejects with a SwitchError that names the address. */
  async open(): Promise<void> {
    this.#listener = await listenTcp({
      address: this.#address,
      port: this.#port,
      onConnection: (connection) => this.connected(connection),
      onError: (error) => log.err(error.message),
    })
    if (this.#isClosed) await this.#listener.close()
  }

  /** Checks with this name are for `owner` from now on. */
  name(ufrag: string, owner: TcpNamed): void {
    this.#named.set(ufrag, owner)
  }

  unname(ufrag: string, owner: TcpNamed): void {
    if (this.#named.get(ufrag) === owner) this.#named.delete(ufrag)
  }

  /** Connections that have not shown a password. */
  get strangers(): number {
    return this.#strangers.size
  }

  /** Somebody has connected. */
  connected(connection: TcpConnection): void {
    const { remoteAddress } = connection
    if (this.#isClosed || this.#strangers.size >= mostStrangers || this.#isTooMany(remoteAddress)) {
      connection.destroy()
      this.#refused(
        'ICE TCP full',
        `${remoteAddress} is refused: too many connections without a call`,
      )
      return
    }
    this.#strangers.add(new IceTcpConnection(connection, this))
    this.#sweeper ??= setInterval(() => this.sweep(performance.now()), sweepMs)
  }

  /** Of a connection that has not shown a password yet: nothing but a check with one counts. */
  packet(packet: Buffer, from: IceTcpConnection): void {
    const message = packet.length <= longestCheck ? readStun(packet) : undefined
    if (message?.type !== messageType.bindingRequest)
      return this.#refuse(from, 'what it sends is no check of ICE')
    const name = message.values.get(attribute.userName)?.toString() ?? ''
    const owner = this.#named.get(name.split(':')[0] ?? '')
    if (!owner) {
      if (++from.tries > mostTries) this.#refuse(from, 'it asks for a name that no call has')
      return
    }
    if (!isAuthentic(message, owner.password)) return this.#refuse(from, 'its check is not signed')
    this.#strangers.delete(from)
    owner.adopt(from, packet)
  }

  ended(from: IceTcpConnection): void {
    this.#strangers.delete(from)
  }

  drop(reason: string): void {
    this.#drop(reason)
  }

  /** Closes those that have said nothing for too long. */
  sweep(now: number): void {
    for (const connection of this.#strangers) {
      const age = now - connection.openedAt
      if (age < (connection.tries > 0 ? unknownMs : silentMs)) continue
      const why = connection.tries > 0 ? 'it asks for a name that no call has' : 'it says nothing'
      connection.close()
      this.#refused('ICE TCP silent', `${connection.text} is closed: ${why}`)
    }
    if (this.#strangers.size > 0) return
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  /** Takes no more connections; those of calls stay. */
  close(): void {
    this.#isClosed = true
    void this.#listener?.close()
    for (const connection of [...this.#strangers]) connection.close()
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }

  #isTooMany(address: string): boolean {
    const place = neighbourhood(address)
    let count = 0
    for (const { source } of this.#strangers) if (neighbourhood(source.address) === place) count++
    return count >= mostOfOne
  }

  #refuse(connection: IceTcpConnection, why: string): void {
    connection.close()
    this.#refused('ICE TCP refused', `${connection.text} is closed: ${why}`)
  }

  #refused(reason: string, text: string): void {
    this.#drop(reason)
    const more = this.#brake.pass(reason)
    if (more !== undefined) log.info(`${this.here}: ${text}${more}`)
  }
}
