/** The browsers of webrtc.ts, a process of its own: ICE, DTLS and paced SRTP on many sockets, loss and delay of what comes back. */
import { writeHeader } from '../../src/rtp/packet.ts'
import { newIdentity } from '../../test/support/dtls.ts'
import { type WebAddress, WebPeer } from '../../test/support/web-peer.ts'

const magic = 0x52505453

interface Stream {
  readonly peer: WebPeer
  readonly packet: Buffer
  sequence: number
  sent: number
  received: number
}

export type ToLoad =
  | { readonly do: 'add' }
  | { readonly do: 'connect'; readonly index: number; readonly there: WebAddress }
  | { readonly do: 'run' }
  | { readonly do: 'mark' }
  | { readonly do: 'report' }
  | { readonly do: 'quit' }

const identity = newIdentity()
const streams: Stream[] = []
let delays: number[] = []
let phase = 0
let isRunning = false

async function add(): Promise<void> {
  const peer = await WebPeer.open(identity)
  const packet = Buffer.alloc(172, 0xd5)
  packet.writeUInt32BE(magic, 12)
  const stream: Stream = { peer, packet, sequence: 1, sent: 0, received: 0 }
  peer.packet = (data) => {
    if (data.length < 28 || data.readUInt32BE(12) !== magic) return
    stream.received++
    delays.push(Number(process.hrtime.bigint() - data.readBigUInt64BE(16)) / 1e6)
  }
  streams.push(stream)
  process.send?.(peer.here)
}

function send(stream: Stream, index: number): void {
  const { packet, peer } = stream
  if (!peer.cipher || !isRunning) return
  const number = stream.sequence++
  writeHeader(packet, false, 0, number & 0xffff, (number * 160) >>> 0, index + 1)
  packet.writeBigUInt64BE(process.hrtime.bigint(), 16)
  peer.send(packet)
  stream.sent++
}

/** Every 2 ms the tenth of the streams whose turn it is. */
let due = performance.now()
function turn(): void {
  while (due <= performance.now()) {
    for (let i = phase; i < streams.length; i += 10) {
      const stream = streams[i]
      if (stream) send(stream, i)
    }
    phase = (phase + 1) % 10
    due += 2
  }
  setTimeout(turn, Math.max(1, due - performance.now()))
}

function report() {
  delays.sort((a, b) => a - b)
  const sum = (key: 'sent' | 'received') => streams.reduce((all, one) => all + one[key], 0)
  return {
    sent: sum('sent'),
    received: sum('received'),
    p50: delays[Math.floor(delays.length * 0.5)] ?? Number.NaN,
    p99: delays[Math.floor(delays.length * 0.99)] ?? Number.NaN,
  }
}

async function act(message: ToLoad): Promise<void> {
  if (message.do === 'add') await add()
  else if (message.do === 'connect') {
    const { peer } = streams[message.index] as Stream
    await peer.connect(message.there)
    process.send?.({ setupMs: peer.setupMs, suite: peer.suite })
  } else if (message.do === 'run') isRunning = true
  else if (message.do === 'mark') {
    delays = []
    for (const stream of streams) stream.sent = stream.received = 0
  } else if (message.do === 'report') process.send?.(report())
  else process.exit(0)
}

process.on('message', (message) => void act(message as ToLoad))
turn()
