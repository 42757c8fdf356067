/**
 * Unicast: the sound of a leg as datagrams of bare samples, both ways. What the party says goes out as it comes, 16 bits each,
 * the low octet first, at the leg's rate; what comes back in the same form is mixed into what the party hears.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Bug } from './bug-chain.ts'
import type { UnicastRequest } from './engine.ts'
import type { Leg, Tap } from './leg.ts'
import { LegBug } from './leg-bug.ts'
import { RatedQueue } from './rated-queue.ts'
import { FrameBuffer, mixInto } from './sound.ts'

/** Samples of the longest frame, and of the longest datagram that is taken. */
const longest = 48 * 240

export class Unicast extends LegBug implements Bug {
  readonly #socket: Socket
  readonly #remote: UnicastRequest['remote']
  readonly #queue = new RatedQueue()
  readonly #mix = new FrameBuffer(longest)
  readonly #arrived = new FrameBuffer(longest)
  readonly #tap: Tap = { said: (pcm) => this.#send(pcm) }

  constructor(leg: Leg, number: number, { local, remote }: UnicastRequest) {
    super(leg, number)
    this.#remote = remote
    this.#socket = createSocket(isIPv6(local.address) ? 'udp6' : 'udp4')
    this.#socket.on('error', (thrown) => this.end('failed', thrown.message))
    this.#socket.on('message', (datagram, from) => this.#take(datagram, from.address))
    this.#socket.bind(local.port, local.address, () => this.#begin())
  }

  change(pcm: Int16Array, rate: number): void {
    const mix = this.#mix.first(pcm.length)
    if (this.#queue.take(mix, rate)) mixInto(pcm, mix)
  }

  protected release(): void {
    this.leg.removeTap(this.#tap)
    this.leg.removeBug('write', this)
    this.#socket.close()
  }

  #begin(): void {
    if (this.isOver) return
    this.leg.addTap(this.#tap)
    this.leg.addBug('write', this)
    this.host.tell({ tell: 'bug started', bug: this.number })
  }

  #send(pcm: Int16Array): void {
    const { address, port } = this.#remote
    const octets = Buffer.from(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength))
    this.#socket.send(octets, port, address, (thrown) => {
      if (thrown) this.end('failed', thrown.message)
    })
  }

  #take(datagram: Buffer, address: string): void {
    if (address !== this.#remote.address) return this.host.drop('unicast of a stranger')
    const count = datagram.length >> 1
    if (count > longest) return this.host.drop('unicast too long')
    const pcm = this.#arrived.first(count)
    for (let i = 0; i < count; i++) pcm[i] = datagram.readInt16LE(i * 2)
    this.#queue.push(pcm, this.leg.rate)
  }
}
