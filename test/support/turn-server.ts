/** A TURN server over UDP inside the test (RFC 8656), for what coturn cannot be made to do: to be silent, slow, or out of ports. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import {
  attribute,
  errorCode,
  isAuthentic,
  readAddress,
  readStun,
  type StunMessage,
  stunAttribute,
  transactionOf,
  writeStun,
  xorAddress,
} from '../../src/net/stun-message.ts'
import { longTermKey, numberAttribute, turnAttribute } from '../../src/webrtc/turn-message.ts'

const realm = 'example.test'
const key = longTermKey('u', realm, 'p')

/** The account that the server knows. */
export const turnAccount = { username: 'u', password: 'p' }

export interface TurnRules {
  /** What Allocate is refused with. */
  readonly refuse?: number
  readonly isSilent?: boolean
  /** Peers that the client knows by another address than they are reached at, which so is reached by the relay alone. */
  readonly translate?: readonly (readonly [theirs: string, real: string])[]
}

interface Allocation {
  readonly relay: Socket
  readonly permitted: Set<string>
  readonly channels: Map<number, string>
}

export class TestTurnServer implements AsyncDisposable {
  /** Signed requests by name, and packets of data by the way that they went. */
  readonly counts: Record<string, number> = {}
  /** Ports that are relayed at now. */
  readonly allocations = new Map<string, Allocation>()
  readonly #socket: Socket
  readonly #rules: TurnRules
  readonly #nonce = 'nonce-1'

  private constructor(socket: Socket, rules: TurnRules) {
    this.#socket = socket
    this.#rules = rules
    socket.on('message', (packet, { address, port }) =>
      this.#received(packet, `${address}:${port}`),
    )
  }

  static async start(rules: TurnRules = {}): Promise<TestTurnServer> {
    return new TestTurnServer(await bound(), rules)
  }

  get port(): number {
    return this.#socket.address().port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { relay } of this.allocations.values()) relay.close()
    await new Promise<void>((done) => this.#socket.close(() => done()))
  }

  #count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  #received(packet: Buffer, from: string): void {
    if (this.#rules.isSilent) return this.#count('unanswered')
    const allocation = this.allocations.get(from)
    if ((packet[0] ?? 0) >= 0x40) {
      const peer = allocation?.channels.get(packet.readUInt16BE(0))
      if (!allocation || peer === undefined) return
      this.#count('channel out')
      return send(
        allocation.relay,
        packet.subarray(4, 4 + packet.readUInt16BE(2)),
        this.#real(peer),
      )
    }
    const message = readStun(packet)
    if (!message) return
    if (message.type === 0x0016) return this.#indicated(message, allocation)
    void this.#answerTo(message, from).then((answer) => {
      if (answer) send(this.#socket, answer, from)
    })
  }

  #indicated({ values, transaction }: StunMessage, allocation: Allocation | undefined): void {
    const peer = addressOf(values.get(turnAttribute.xorPeerAddress), transaction)
    const packet = values.get(turnAttribute.data)
    if (!allocation || !packet || !allocation.permitted.has(hostOf(peer))) return
    this.#count('indication out')
    send(allocation.relay, packet, this.#real(peer))
  }

  async #answerTo(message: StunMessage, from: string): Promise<Buffer | undefined> {
    const { type, transaction, values } = message
    const refuse = (code: number, more: Buffer[] = []) =>
      writeStun(type | 0x110, transaction, [errorCode(code, 'Refused'), ...more])
    if (!values.has(attribute.integrity) || !isAuthentic(message, key))
      return refuse(401, [
        stunAttribute(turnAttribute.realm, Buffer.from(realm)),
        stunAttribute(turnAttribute.nonce, Buffer.from(this.#nonce)),
      ])
    const allocation = this.allocations.get(from)
    const peer = addressOf(values.get(turnAttribute.xorPeerAddress), transaction)
    const parts: Buffer[] = []
    if (type === 0x0003) {
      this.#count('allocate')
      if (this.#rules.refuse) return refuse(this.#rules.refuse)
      if (allocation) return refuse(437)
      const made = await this.#allocate(from)
      const [host = '', port] = from.split(':')
      parts.push(
        xorAddress(turnAttribute.xorRelayedAddress, '127.0.0.1', made.address().port, transaction),
        xorAddress(attribute.xorMappedAddress, host, Number(port), transaction),
        numberAttribute(turnAttribute.lifetime, 600),
      )
    } else if (!allocation) return refuse(437)
    else if (type === 0x0004) {
      const seconds = values.get(turnAttribute.lifetime)?.readUInt32BE(0) ?? 600
      this.#count(seconds === 0 ? 'freed' : 'refresh')
      if (seconds === 0) {
        allocation.relay.close()
        this.allocations.delete(from)
      }
      parts.push(numberAttribute(turnAttribute.lifetime, seconds))
    } else if (type === 0x0008) {
      this.#count('permission')
      allocation.permitted.add(hostOf(peer))
    } else {
      this.#count('channel')
      allocation.permitted.add(hostOf(peer))
      allocation.channels.set(values.get(turnAttribute.channelNumber)?.readUInt16BE(0) ?? 0, peer)
    }
    return writeStun(type | 0x100, transaction, parts, key)
  }

  async #allocate(from: string): Promise<Socket> {
    const relay = await bound()
    const allocation: Allocation = { relay, permitted: new Set(), channels: new Map() }
    this.allocations.set(from, allocation)
    relay.on('message', (packet, { address, port }) => {
      const peer = this.#seen(`${address}:${port}`)
      if (!allocation.permitted.has(hostOf(peer))) return
      const [number] = [...allocation.channels].find(([, to]) => to === peer) ?? []
      if (number !== undefined) {
        this.#count('channel in')
        const head = Buffer.alloc(4)
        head.writeUInt16BE(number, 0)
        head.writeUInt16BE(packet.length, 2)
        return send(this.#socket, Buffer.concat([head, packet]), from)
      }
      this.#count('indication in')
      const transaction = transactionOf(Buffer.alloc(12, 1))
      const [host = '', peerPort] = peer.split(':')
      const data = writeStun(0x0017, transaction, [
        xorAddress(turnAttribute.xorPeerAddress, host, Number(peerPort), transaction),
        stunAttribute(turnAttribute.data, packet),
      ])
      send(this.#socket, data, from)
    })
    return relay
  }

  #real(peer: string): string {
    return this.#rules.translate?.find(([theirs]) => theirs === peer)?.[1] ?? peer
  }

  #seen(from: string): string {
    return this.#rules.translate?.find(([, real]) => real === from)?.[0] ?? from
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  // Ports that nobody listens at are no fault of this server's.
  socket.on('error', () => undefined)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

function send(socket: Socket, packet: Buffer, to: string): void {
  const [host = '', port] = to.split(':')
  socket.send(packet, Number(port), host)
}

function addressOf(value: Buffer | undefined, transaction: Buffer): string {
  const found = value && readAddress(value, transaction)
  return found ? `${found.address}:${found.port}` : ''
}

const hostOf = (peer: string) => peer.split(':')[0] ?? ''
