/**
 * An allocation at a TURN server (RFC 8656) over UDP, as a thing without sockets and timers: packets of the server and ticks go in,
 * packets for it, data of peers and an outcome come out. Permissions are asked for when something is first sent to an address, and
 * a channel for the peer that is settled on.
 */
import { randomBytes } from 'node:crypto'
import { addressOctets } from '../net/address-octets.ts'
import {
  attribute,
  type MappedAddress,
  readAddress,
  readStun,
  type StunMessage,
  transactionOf,
  xorAddress,
} from '../net/stun-message.ts'
import {
  channelCount,
  channelData,
  channelHead,
  firstChannel,
  indication,
  isChannelData,
  numberAttribute,
  sendIndication,
  turnAttribute,
  turnMethod,
} from './turn-message.ts'
import { type TurnAccount, type TurnFailure, TurnRequests } from './turn-requests.ts'

/** asking: no answer yet; allocated: there is an address; failed: there is none, or none any more; freed: given back. */
export type TurnState = 'asking' | 'allocated' | 'failed' | 'freed'

export interface TurnEvents {
  /** To the server. */
  send(packet: Buffer): void
  allocated(): void
  /** `reason` is a sentence about the server. */
  failed(reason: string): void
  /** What a peer has sent; its octets are those of the packet that brought it. */
  data(packet: Buffer, address: string, port: number): void
  /** The server lets nothing through to that address. */
  refused(address: string, reason: string): void
  drop(reason: string): void
}

interface Permission {
  readonly address: string
  state: 'asked' | 'granted' | 'refused'
  /** What was to be sent before it was there; checks that are lost come late. */
  waiting: { readonly packet: Buffer; readonly port: number }[]
  askedAt: number
  usedAt: number
}

interface Channel {
  readonly number: number
  readonly address: string
  readonly port: number
  isBound: boolean
  askedAt: number
}

/** ms after which a permission (which lasts 5 minutes) and a channel (10 minutes, its permission 5) are asked for again. */
const renewMs = 240_000
/** An address that nothing went to or came from for so long needs no permission any more. */
const idleMs = 300_000
/** Packets that wait for a permission, and addresses that have one. */
const mostWaiting = 4
const mostPermissions = 64
/** Seconds before its end at which an allocation is refreshed; where it lasts less than twice as long, at its half. */
const marginSeconds = 60
const usualSeconds = 600
const udp = 17

export class TurnClient {
  state: TurnState = 'asking'
  /** Why it failed: a sentence, empty where it did not. */
  failure = ''
  /** Our address at the server, and where the server sees us. */
  relayed: MappedAddress | undefined
  mapped: MappedAddress | undefined
  readonly #events: TurnEvents
  readonly #requests: TurnRequests
  readonly #isSix: boolean
  #refreshAt = Number.POSITIVE_INFINITY
  #hasCleared = false
  /** By the octets of the address, for one address has many texts. */
  readonly #permissions = new Map<string, Permission>()
  readonly #channels: Channel[] = []
  #channel: Channel | undefined

  /** `isSix` asks for an IPv6 address (section 7.1). */
  constructor(account: TurnAccount, isSix: boolean, events: TurnEvents) {
    this.#events = events
    this.#isSix = isSix
    this.#requests = new TurnRequests(account, (packet) => events.send(packet))
  }

  /** The server is there, whatever it will say in the end. */
  get isHeard(): boolean {
    return this.#requests.isChallenged
  }

  start(now: number): void {
    this.#allocate(now)
  }

  /** Takes a packet of the server. */
  receive(packet: Buffer, now: number): void {
    if (isChannelData(packet)) return this.#channelData(packet)
    const message = readStun(packet)
    if (message?.type === indication.data) return this.#data(message, now)
    if (!message || !this.#requests.receive(message, now)) this.#events.drop('bad TURN')
  }

  /** Sends to a peer; what is sent before the server lets it through waits for that. */
  send(packet: Uint8Array, port: number, address: string, now: number): void {
    if (this.state !== 'allocated') return this.#events.drop('no TURN')
    const channel = this.#channel
    if (channel?.isBound && channel.port === port && channel.address === address)
      return this.#events.send(channelData(channel.number, packet))
    const permission = this.#permissions.get(keyOf(address)) ?? this.#permit(address, now)
    if (!permission) return this.#events.drop('TURN permissions')
    permission.usedAt = now
    if (permission.state === 'granted') return this.#indicate(packet, port, address)
    if (permission.state === 'refused' || permission.waiting.length >= mostWaiting)
      return this.#events.drop('TURN permission')
    permission.waiting.push({ packet: Buffer.from(packet), port })
  }

  /** That peer is settled on: from now on its data goes by a channel, which costs four octets a packet. */
  bind(address: string, port: number, now: number): void {
    if (this.state !== 'allocated') return
    let channel = this.#channels.find((one) => one.port === port && one.address === address)
    if (!channel) {
      // A number is never given to another peer; nobody comes to need so many.
      if (this.#channels.length >= channelCount) return this.#events.drop('TURN channels')
      const number = firstChannel + this.#channels.length
      channel = { number, address, port, isBound: false, askedAt: now }
      this.#channels.push(channel)
    }
    if (channel === this.#channel) return
    this.#channel = channel
    this.#bind(channel, now)
  }

  /** Called a few times a second. */
  tick(now: number): void {
    this.#requests.tick(now)
    if (this.state !== 'allocated') return
    if (now >= this.#refreshAt) this.#refresh(now)
    const channel = this.#channel
    if (channel && now - channel.askedAt >= renewMs) this.#bind(channel, now)
    for (const [key, permission] of this.#permissions) {
      if (permission.state === 'refused' || now - permission.askedAt < renewMs) continue
      // Its channel renews it.
      if (channel?.isBound && channel.address === permission.address) permission.askedAt = now
      else if (now - permission.usedAt > idleMs) this.#permissions.delete(key)
      else this.#create(permission, now)
    }
  }

  /** Gives the allocation back (section 8); answers are taken after it, for the server may want another nonce. */
  free(now: number): void {
    if (this.state === 'freed') return
    // Also while it is being asked for: the server takes both in turn. Before it has challenged us there can be none.
    const mayBeThere = this.state !== 'failed' && this.#requests.isChallenged
    this.state = 'freed'
    this.#requests.forget()
    if (mayBeThere) this.#askRefresh(0, now, () => undefined)
  }

  #allocate(now: number): void {
    this.#requests.ask(
      {
        method: turnMethod.allocate,
        parts: () => [
          numberAttribute(turnAttribute.requestedTransport, udp << 24),
          ...(this.#isSix ? [numberAttribute(turnAttribute.requestedAddressFamily, 2 << 24)] : []),
        ],
        succeeded: (answer, at) => this.#allocated(answer, at),
        failed: (failure, at) => this.#notAllocated(failure, at),
      },
      now,
    )
  }

  #allocated({ values, transaction }: StunMessage, now: number): void {
    const relayed = values.get(turnAttribute.xorRelayedAddress)
    const mapped = values.get(attribute.xorMappedAddress)
    this.relayed = relayed && readAddress(relayed, transaction)
    this.mapped = mapped && readAddress(mapped, transaction)
    if (!this.relayed) return this.#fail('it names no address in its answer')
    this.state = 'allocated'
    this.#lasts(values.get(turnAttribute.lifetime), now)
    this.#events.allocated()
  }

  #notAllocated(failure: TurnFailure, now: number): void {
    // What had this port before us was not given back: once we may do it in its place (section 7.4).
    if (failure.code !== 437 || this.#hasCleared) return this.#fail(failure.reason)
    this.#hasCleared = true
    this.#askRefresh(0, now, (at) => this.#allocate(at))
  }

  #refresh(now: number): void {
    this.#refreshAt = Number.POSITIVE_INFINITY
    this.#requests.ask(
      {
        method: turnMethod.refresh,
        parts: () => [numberAttribute(turnAttribute.lifetime, usualSeconds)],
        succeeded: ({ values }, at) => this.#lasts(values.get(turnAttribute.lifetime), at),
        failed: ({ reason }) => this.#fail(`the allocation could not be kept: ${reason}`),
      },
      now,
    )
  }

  /** `done` is called whatever becomes of it. */
  #askRefresh(seconds: number, now: number, done: (now: number) => void): void {
    this.#requests.ask(
      {
        method: turnMethod.refresh,
        parts: () => [numberAttribute(turnAttribute.lifetime, seconds)],
        succeeded: (_answer, at) => done(at),
        failed: (_failure, at) => done(at),
      },
      now,
    )
  }

  #lasts(lifetime: Buffer | undefined, now: number): void {
    const seconds = lifetime?.length === 4 ? lifetime.readUInt32BE(0) : usualSeconds
    this.#refreshAt = now + Math.max(seconds / 2, seconds - marginSeconds) * 1000
  }

  #fail(reason: string): void {
    if (this.state === 'freed' || this.state === 'failed') return
    this.state = 'failed'
    this.failure = reason
    this.#requests.forget()
    this.#events.failed(reason)
  }

  #permit(address: string, now: number): Permission | undefined {
    if (this.#permissions.size >= mostPermissions) return undefined
    const permission: Permission = {
      address,
      state: 'asked',
      waiting: [],
      askedAt: now,
      usedAt: now,
    }
    this.#permissions.set(keyOf(address), permission)
    this.#create(permission, now)
    return permission
  }

  #create(permission: Permission, now: number): void {
    const { address } = permission
    permission.askedAt = now
    this.#requests.ask(
      {
        method: turnMethod.createPermission,
        // The port does not count (section 9.1).
        parts: (transaction) => [xorAddress(turnAttribute.xorPeerAddress, address, 0, transaction)],
        succeeded: () => {
          permission.state = 'granted'
          for (const { packet, port } of permission.waiting.splice(0))
            this.#indicate(packet, port, address)
        },
        failed: (failure) => this.#notPermitted(permission, failure),
      },
      now,
    )
  }

  #notPermitted(permission: Permission, { code, reason }: TurnFailure): void {
    if (code === 437) return this.#fail(reason)
    permission.state = 'refused'
    for (const _ of permission.waiting.splice(0)) this.#events.drop('TURN permission')
    this.#events.refused(permission.address, reason)
  }

  #bind(channel: Channel, now: number): void {
    const { number, address, port } = channel
    channel.askedAt = now
    this.#requests.ask(
      {
        method: turnMethod.channelBind,
        parts: (transaction) => [
          numberAttribute(turnAttribute.channelNumber, number << 16),
          xorAddress(turnAttribute.xorPeerAddress, address, port, transaction),
        ],
        succeeded: () => {
          channel.isBound = true
        },
        failed: ({ code, reason }) => {
          // Without a channel its data goes by indications.
          channel.isBound = false
          if (code === 437) this.#fail(reason)
          else this.#events.refused(address, `no channel: ${reason}`)
        },
      },
      now,
    )
  }

  #indicate(packet: Uint8Array, port: number, address: string): void {
    this.#events.send(sendIndication(transactionOf(randomBytes(12)), packet, port, address))
  }

  #data({ values, transaction }: StunMessage, now: number): void {
    const peer = values.get(turnAttribute.xorPeerAddress)
    const packet = values.get(turnAttribute.data)
    const from = peer && readAddress(peer, transaction)
    // The text by which the address is known here, and no other address than those (section 11.4).
    const permission = from && this.#permissions.get(keyOf(from.address))
    if (!packet || !permission || this.state !== 'allocated')
      return this.#events.drop('TURN data of nobody')
    permission.usedAt = now
    this.#events.data(packet, permission.address, from.port)
  }

  #channelData(packet: Buffer): void {
    const channel = this.#channels[packet.readUInt16BE(0) - firstChannel]
    const length = packet.readUInt16BE(2)
    if (!channel || channelHead + length > packet.length || this.state !== 'allocated')
      return this.#events.drop('TURN data of nobody')
    const payload = packet.subarray(channelHead, channelHead + length)
    this.#events.data(payload, channel.address, channel.port)
  }
}

/** One address has many texts, and these octets. */
function keyOf(address: string): string {
  return Buffer.from(addressOctets(address)).toString('latin1')
}
