/** Legs of browsers that connect by TCP (RFC 6544): sound both ways, connections that end, and strangers at the port. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { findCodec } from '../../src/codecs/index.ts'
import type { IceTcpPort, LegIce, MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import {
  attribute,
  messageType,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../../src/net/stun-message.ts'
import { writeHeader } from '../../src/rtp/packet.ts'
import { framed, longestFrame } from '../../src/webrtc/tcp-frames.ts'
import { newIdentity } from '../support/dtls.ts'
import { type EngineOptions, hasThreads, phone, settings, startEngine } from '../support/media.ts'
import { mutated, randomFrom } from '../support/mutate.ts'
import { freePorts } from '../support/ports.ts'
import { purity, toneFrom } from '../support/tone.ts'
import { until } from '../support/until.ts'
import { WebPeer } from '../support/web-peer.ts'

const identity = newIdentity()
const ios = hasThreads ? (['io_uring', 'dgram'] as const) : (['auto'] as const)
let names = 0

/** A leg that a browser may connect to, and the browser. */
async function browser(
  engine: MediaEngine,
  iceTcp: IceTcpPort,
  { isFull = false, near }: { isFull?: boolean; near?: MediaLeg } = {},
) {
  const peer = await WebPeer.open(identity)
  const { address } = iceTcp
  const leg = await engine.openLeg({ uuid: 'w', address, iceTcp, near })
  const name = String(++names).padStart(4, '0')
  const [algorithm = '', value = ''] = engine.dtlsFingerprint.split(' ')
  const fingerprints = [{ algorithm, value }]
  const there = { port: leg.localPort, ufrag: `leg${name}`, password: `password-of-leg-${name}` }
  const { ufrag, password } = peer.here
  // Nobody is told of an address of theirs: they find us.
  const checks = { remotePassword: password, isControlling: false, candidates: [] }
  const ice: LegIce = { ...there, remoteUfrag: ufrag, ...(isFull && { checks }) }
  const dtls = { role: 'passive', fingerprints: peer.here.fingerprints } as const
  const terms = settings(9, { rtcpMux: true, rtcpIntervalMs: 200, latch: false, dtls, ice })
  const heard: Buffer[] = []
  peer.packet = (packet) => void heard.push(Buffer.from(packet))
  return {
    peer,
    leg,
    ice,
    heard,
    /** What it hears from packet `from` on, of PCMU. */
    sound: (from = 0) => decoded(heard.slice(from)),
    configure: () => leg.configure(terms),
    there: { ...there, fingerprints },
    [Symbol.asyncDispose]: async () => peer.close(),
  }
}

function decoded(packets: readonly Buffer[]): Int16Array {
  const coder = findCodec('PCMU')!.open('')
  const frame = new Int16Array(160)
  return Int16Array.from(
    packets
      .filter((packet) => (packet[1]! & 0x7f) === 0)
      .flatMap((packet) => [...frame.subarray(0, coder.decode(packet.subarray(12), frame))]),
  )
}

/** The browser says a tone, 20 ms a packet. */
async function says(peer: WebPeer, frequency: number, count: number, from = 0): Promise<void> {
  const coder = findCodec('PCMU')!.open('')
  const packet = Buffer.alloc(172)
  for (let i = from; i < from + count; i++) {
    writeHeader(packet, i === 0, 0, 100 + i, 160 * i, 0x77)
    coder.encode(toneFrom(160 * i, frequency, 8000, 160), packet.subarray(12))
    peer.send(packet)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** An engine, and the first of some TCP ports for it. */
async function engineWithTcp(options: EngineOptions = {}) {
  const engine = await startEngine(options)
  return { engine, port: await freePorts(4) }
}

const dropped = async (engine: MediaEngine, reason: string) =>
  (await engine.figures()).dropped[reason] ?? 0

for (const io of ios)
  for (const isFull of [false, true])
    for (const address of ['127.0.0.1', '::1'])
      test(`${io}, ${isFull ? 'full' : 'lite'} ICE, ${address}: checks, keys, sound and reports go by TCP`, async () => {
        const { engine, port } = await engineWithTcp({ io })
        await using _engine = engine
        const iceTcp = await engine.listenTcp(address, port)
        const { leg: far, peer: farPeer } = await phone(engine)
        await using _far = farPeer
        await using one = await browser(engine, iceTcp, { isFull, near: far })
        assert.equal(one.leg.tcpPort, port)
        one.configure()
        far.bridge(one.leg)
        await one.peer.dial(port, address)
        await one.peer.connect(one.there)
        await Promise.all([farPeer.tone(440, 40), says(one.peer, 620, 40)])
        await farPeer.until(30)
        await until(() => one.heard.length >= 35, 'sound at the browser')
        assert.ok(purity(440, one.sound()) > 0.99)
        assert.ok(purity(620, farPeer.heard()) > 0.99)
        const { webrtc } = (await one.leg.describe()) ?? {}
        const mine = `${address === '::1' ? '[::1]' : address}:${one.peer.tcp?.localPort}`
        assert.deepEqual(webrtc?.tcp?.connections, [mine])
        assert.equal(webrtc.tcp.isUsed, true)
        const pair = webrtc.ice?.pairs.find(({ isNominated }) => isNominated)
        assert.equal(pair?.transport, 'tcp')
        assert.equal(pair.local, webrtc.tcp.listening)
        assert.equal(webrtc.ice?.mode, isFull ? 'full' : 'lite')
        const isReport = (packet: Buffer) => packet[1] === 200 || packet[1] === 201
        await until(() => one.heard.some(isReport), 'a report by TCP')
        // The connection ends with the leg.
        const ended = once(one.peer.tcp!, 'close')
        await one.leg.close()
        await ended
        iceTcp.close()
      })

test('two legs share a port: each connection is of whose password it shows', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  await using one = await browser(engine, iceTcp)
  await using two = await browser(engine, iceTcp, { near: one.leg })
  one.configure()
  two.configure()
  one.leg.bridge(two.leg)
  await Promise.all([one, two].map(({ peer }) => peer.dial(port)))
  await Promise.all([one, two].map(({ peer, there }) => peer.connect(there)))
  await Promise.all([says(one.peer, 500, 30), says(two.peer, 700, 30)])
  await until(() => one.heard.length >= 25 && two.heard.length >= 25, 'sound at both')
  assert.ok(purity(700, one.sound()) > 0.99)
  assert.ok(purity(500, two.sound()) > 0.99)
})

test('a browser that connects before its answer is here is known once that has come', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  await using one = await browser(engine, iceTcp)
  await one.peer.dial(port)
  const keys = one.peer.connect(one.there)
  const checks = once(one.peer.tcp!, 'data')
  await new Promise((done) => setTimeout(done, 700))
  one.configure()
  await checks
  await keys
})

test('a connection that is cut is made anew, and sound goes on; UDP takes over where it works', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  const { leg: far, peer: farPeer } = await phone(engine)
  await using _far = farPeer
  await using one = await browser(engine, iceTcp, { near: far })
  one.configure()
  far.bridge(one.leg)
  await one.peer.dial(port)
  await one.peer.connect(one.there)
  await farPeer.tone(440, 20)
  await until(() => one.heard.length >= 15, 'sound by the first connection')
  one.peer.tcp?.resetAndDestroy()
  const connections = async () => (await one.leg.describe())?.webrtc?.tcp?.connections ?? []
  await until(async () => (await connections()).length === 0, 'the end to be seen')
  // Nothing is sent into the void.
  const before = one.heard.length
  await farPeer.tone(440, 10)
  await until(async () => (await dropped(engine, 'ICE TCP gone')) >= 5, 'packets without a way')
  assert.equal(one.heard.length, before)
  await one.peer.dial(port)
  const again = async (way: string) => {
    await until(async () => {
      const pairs = (await one.leg.describe())?.webrtc?.ice?.pairs ?? []
      return pairs.some(({ isNominated, transport }) => isNominated && transport === way)
    }, `a pair by ${way}`)
    const from = one.heard.length
    await farPeer.tone(440, 30)
    await until(() => one.heard.length >= from + 25, `sound by ${way}`)
    assert.ok(purity(440, one.sound(from + 2)) > 0.98)
  }
  await again('tcp')
  // The browser finds that UDP works, and settles on it.
  one.peer.tcp?.destroy()
  one.peer.tcp = undefined
  await again('udp')
  assert.equal((await one.leg.describe())?.webrtc?.tcp?.isUsed, false)
})

test('to who does not read no sound is kept: it is dropped and counted, and late sound is little', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  const { leg: far, peer: farPeer } = await phone(engine)
  await using _far = farPeer
  await using one = await browser(engine, iceTcp, { near: far })
  one.configure()
  far.bridge(one.leg)
  const tcp = await one.peer.dial(port)
  await one.peer.connect(one.there)
  tcp.pause()
  // So much that the kernel takes it no more: minutes of a call, at once.
  const deadline = performance.now() + 60_000
  while ((await dropped(engine, 'ICE TCP late')) < 1000 && performance.now() < deadline)
    await farPeer.tone(440, 2000, 'PCMU', 0)
  assert.ok((await dropped(engine, 'ICE TCP late')) >= 1000)
  // The call goes on as soon as the other side reads again.
  tcp.resume()
  await until(async () => {
    const from = one.heard.length
    await farPeer.tone(700, 20)
    return purity(700, one.sound(from)) > 0.98
  }, 'sound of now')
})

test('one connects for each leg as often as it likes, and has eight connections at the most', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  await using one = await browser(engine, iceTcp)
  one.configure()
  await one.peer.dial(port)
  await one.peer.connect(one.there)
  const first = one.peer.tcp!
  const sockets = await Promise.all(Array.from({ length: 10 }, () => stranger(port)))
  for (const socket of sockets) {
    const answered = once(socket, 'data')
    socket.write(framed(check(one.ice.ufrag, one.peer.here.ufrag, one.ice.password)))
    await answered
  }
  await until(() => sockets.filter(({ closed }) => closed).length === 3, 'three to be closed')
  // Not the one in use.
  assert.equal(first.destroyed, false)
  assert.deepEqual(
    sockets.map(({ closed }) => closed),
    [true, true, true, ...Array(7).fill(false)],
  )
  for (const socket of sockets) socket.destroy()
})

function check(theirs: string, mine: string, password: string): Buffer {
  const parts = [
    stunAttribute(attribute.userName, Buffer.from(`${theirs}:${mine}`)),
    stunAttribute(attribute.priority, Buffer.alloc(4, 1)),
    stunAttribute(attribute.iceControlling, Buffer.alloc(8, 9)),
  ]
  return writeStun(messageType.bindingRequest, transactionOf(Buffer.alloc(12, 3)), parts, password)
}

async function stranger(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** How long a connection lives after it has said something, ms. */
async function lifeOf(socket: Socket, ...said: readonly Buffer[]): Promise<number> {
  const began = performance.now()
  socket.resume()
  const closed = new Promise((done) => void socket.once('close', done))
  for (const packet of said) socket.write(packet)
  await closed
  return performance.now() - began
}

test('strangers are closed at once when they say what is no check, and after a while when they say nothing', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  await using one = await browser(engine, iceTcp)
  one.configure()
  const { ufrag, password } = one.ice
  const wrong: readonly Buffer[] = [
    framed(Buffer.from('GET / HTTP/1.1')),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    framed(Buffer.alloc(200, 0x80)),
    framed(check(ufrag, 'x', 'wrong')),
    framed(writeStun(messageType.bindingRequest, transactionOf(Buffer.alloc(12)), [], password)),
    framed(writeStun(messageType.bindingIndication, transactionOf(Buffer.alloc(12)), [])),
    framed(Buffer.alloc(longestFrame)),
  ]
  let asked = 0
  for (const packet of wrong.slice(0, 4)) {
    const socket = await stranger(port)
    socket.on('data', () => asked++)
    await lifeOf(socket, packet)
  }
  for (const packet of wrong.slice(5)) await lifeOf(await stranger(port), packet)
  assert.equal(asked, 0, 'nobody gets an answer')
  assert.equal(
    (await dropped(engine, 'ICE TCP refused')) + (await dropped(engine, 'ICE TCP frame')),
    6,
  )
  // Who says nothing, and who has only begun to say something.
  const [silent, begun] = await Promise.all([
    lifeOf(await stranger(port)),
    lifeOf(await stranger(port), Buffer.from([0])),
  ])
  assert.ok(silent >= 4500 && begun >= 4500, `${silent} ${begun}`)
  assert.equal(await dropped(engine, 'ICE TCP silent'), 2)
  // Nobody else has noticed.
  await one.peer.dial(port)
  await one.peer.connect(one.there)
})

test('one address has 50 connections without a call at the most, and calls are had all the same', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  const sockets = await Promise.all(Array.from({ length: 60 }, () => stranger(port)))
  await until(async () => (await dropped(engine, 'ICE TCP full')) === 10, 'ten to be refused')
  // From another address there is room.
  await using one = await browser(engine, iceTcp)
  one.configure()
  const other = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
  await once(other, 'connect')
  const answered = once(other, 'data')
  other.write(framed(check(one.ice.ufrag, one.peer.here.ufrag, one.ice.password)))
  await answered
  for (const socket of [...sockets, other]) socket.destroy()
})

test('nonsense at the port, with and without the password, takes nothing down', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  await using one = await browser(engine, iceTcp)
  one.configure()
  const random = randomFrom(6544)
  const good = check(one.ice.ufrag, one.peer.here.ufrag, one.ice.password)
  for (let round = 0; round < 60; round++) {
    const socket = await stranger(port)
    socket.resume()
    // Half of them come in with a good check, and then say anything.
    if (random(2) === 0) socket.write(framed(good))
    for (let i = 0; i < 20; i++) {
      const packet = mutated(random(2) === 0 ? good : Buffer.alloc(100, random(256)), random)
      socket.write(random(4) === 0 ? packet : framed(packet))
    }
    // Reset or not, as it comes.
    const done = new Promise((closed) => void socket.once('close', closed))
    if (random(2) === 0) socket.end()
    else socket.resetAndDestroy()
    await done
  }
  assert.equal(await dropped(engine, 'handler failed'), 0)
  await one.peer.dial(port)
  await one.peer.connect(one.there)
  const connections = async () => (await one.leg.describe())?.webrtc?.tcp?.connections.length
  await until(async () => (await connections()) === 1, 'the others to be gone')
})

test('profiles share a port, and it is given back when the last has closed it', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const [one, two] = await Promise.all([1, 2].map(() => engine.listenTcp('127.0.0.1', port)))
  const open = () => engine.openLeg({ uuid: 'w', address: '127.0.0.1', iceTcp: two })
  assert.equal((await open()).tcpPort, port)
  one?.close()
  one?.close()
  ;(await stranger(port)).destroy()
  two?.close()
  const leg = await open()
  assert.equal(leg.tcpPort, 0)
  await leg.stats()
  await assert.rejects(stranger(port))
  const again = await engine.listenTcp('127.0.0.1', port)
  assert.equal((await open()).tcpPort, port)
  again.close()
})

test('where the port cannot be had legs go without one', async () => {
  const { engine, port } = await engineWithTcp()
  await using _engine = engine
  const other = await engineWithTcp()
  await using _other = other.engine
  await other.engine.listenTcp('127.0.0.1', port)
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  const leg = await engine.openLeg({ uuid: 'w', address: '127.0.0.1', iceTcp })
  assert.equal(leg.tcpPort, 0)
})

test('every worker has a port of its own, and has it again when it was started anew', {
  skip: hasThreads ? false : 'there are no threads here',
}, async () => {
  const { engine, port } = await engineWithTcp({ workers: 2 })
  await using _engine = engine
  const iceTcp = await engine.listenTcp('127.0.0.1', port)
  const open = () => engine.openLeg({ uuid: 'w', address: '127.0.0.1', iceTcp })
  const legs = [await open(), await open()]
  assert.deepEqual(
    legs.map(({ tcpPort, worker }) => tcpPort - worker),
    [port, port],
  )
  assert.notEqual(legs[0]?.worker, legs[1]?.worker)
  await engine.killWorker(0)
  const isBack = async () => {
    const leg = await open()
    await leg.close()
    return leg.tcpPort === port
  }
  await until(isBack, 'the first worker to listen again')
  await using one = await browser(engine, iceTcp)
  one.configure()
  await one.peer.dial(one.leg.tcpPort)
  await one.peer.connect(one.there)
})
