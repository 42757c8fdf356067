/** Streams that pass untouched: byte for byte both ways, from where they really come, and nothing left when they end. */
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { test } from 'node:test'
import type { MediaStream, StreamSettings } from '../../src/media/engine.ts'
import { engineOn, phone, settled } from '../support/media.ts'
import { purity } from '../support/tone.ts'

/** A socket that keeps what arrives. */
class Wire implements AsyncDisposable {
  readonly socket: Socket
  readonly port: number
  readonly arrived: Buffer[] = []
  #looks: (() => void)[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    this.port = socket.address().port
    socket.on('message', (packet) => {
      this.arrived.push(packet)
      for (const look of this.#looks) look()
    })
  }

  static open(port = 0): Promise<Wire> {
    const socket = createSocket('udp4')
    return new Promise((resolve) => socket.bind(port, '127.0.0.1', () => resolve(new Wire(socket))))
  }

  send(packet: Uint8Array, port: number): Promise<void> {
    return new Promise((resolve) => this.socket.send(packet, port, '127.0.0.1', () => resolve()))
  }

  until(count: number): Promise<void> {
    if (this.arrived.length >= count) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${this.arrived.length} of ${count} datagrams in 5 s`)),
        5000,
      )
      this.#looks.push(() => {
        if (this.arrived.length < count) return
        clearTimeout(timer)
        resolve()
      })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close()
  }
}

function rtp(payloadType: number, sequence: number, text: string): Buffer {
  const packet = Buffer.alloc(12 + text.length)
  packet[0] = 0x80
  packet[1] = payloadType
  packet.writeUInt16BE(sequence, 2)
  packet.write(text, 12)
  return packet
}

function settings(remotePort: number, more: Partial<StreamSettings> = {}): StreamSettings {
  return {
    remoteAddress: '127.0.0.1',
    remotePort,
    remoteRtcpPort: undefined,
    rtcpMux: false,
    latch: true,
    timeoutSeconds: 0,
    payloadTypes: undefined,
    ...more,
  }
}

const udptl = Buffer.from('0001030102030405ff00', 'hex')
/** Picture loss indication (RFC 4585 section 6.3.1). */
const pli = Buffer.from('81ce00020000000100000002', 'hex')

test('what arrives at one end leaves at the other octet for octet, RTP or not, and RTCP by its own port', async () => {
  await using engine = await engineOn(18000, 18099)
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using control = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(settings(a.port))
  two.configure(settings(b.port, { remoteRtcpPort: control.port }))
  assert.equal(one.join(two), true)
  await one.stats()
  const there = [udptl, rtp(97, 1, 'any codec'), rtp(34, 9, 'another')]
  for (const packet of there) await a.send(packet, one.localPort)
  await b.send(udptl, two.localPort)
  await a.send(pli, one.localPort + 1)
  await Promise.all([b.until(3), a.until(1), control.until(1)])
  assert.deepEqual(b.arrived, there)
  assert.deepEqual(a.arrived, [udptl])
  assert.deepEqual(control.arrived, [pli])
  const stats = await one.stats()
  assert.equal(stats.packetsIn, 4)
  assert.equal(stats.octetsOut, udptl.length)
})

test('on a shared port RTCP passes to the port that the other side has for it', async () => {
  await using engine = await engineOn(18100, 18199)
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using control = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(settings(a.port, { rtcpMux: true }))
  two.configure(settings(b.port, { remoteRtcpPort: control.port }))
  one.join(two)
  await one.stats()
  await a.send(pli, one.localPort)
  await control.until(1)
  await b.send(pli, two.localPort + 1)
  await a.until(1)
  assert.deepEqual(a.arrived, [pli])
  assert.equal(b.arrived.length, 0)
})

test('payload types are renumbered where the two sides differ, and nothing else is', async () => {
  await using engine = await engineOn(18200, 18299)
  await using a = await Wire.open()
  await using b = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(settings(a.port, { payloadTypes: [[96, 110]] }))
  two.configure(settings(b.port, { payloadTypes: [[110, 96]] }))
  one.join(two)
  await one.stats()
  await a.send(rtp(0x80 | 96, 5, 'frame'), one.localPort)
  await b.send(rtp(110, 6, 'frame'), two.localPort)
  await Promise.all([a.until(1), b.until(1)])
  assert.deepEqual(b.arrived, [rtp(0x80 | 110, 5, 'frame')])
  assert.deepEqual(a.arrived, [rtp(96, 6, 'frame')])
})

test('a stream from elsewhere than the description says is followed; afterwards nobody takes it over', async () => {
  await using engine = await engineOn(18300, 18399)
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using thief = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(settings(9))
  two.configure(settings(b.port))
  one.join(two)
  await one.stats()
  for (let i = 0; i < 10; i++) await a.send(rtp(96, i, 'x'), one.localPort)
  await b.until(10)
  await b.send(rtp(96, 1, 'y'), two.localPort)
  await a.until(1)
  assert.equal((await one.stats()).latched, true)
  for (let i = 0; i < 12; i++) await thief.send(rtp(96, i, 'z'), one.localPort)
  await b.send(rtp(96, 2, 'y'), two.localPort)
  await a.until(2)
  assert.equal(b.arrived.length, 10)
  assert.equal((await engine.figures()).dropped['stream source'], 12)
})

test('a leg lends its ports: meanwhile all passes untouched and is counted there, then it hears again', async () => {
  await using engine = await engineOn(18400, 18499)
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  const one = engine.lendStream(a.leg) as MediaStream
  const two = engine.lendStream(b.leg) as MediaStream
  assert.equal(one.localPort, a.leg.localPort)
  one.configure(settings(a.peer.port))
  two.configure(settings(b.peer.port))
  one.join(two)
  await one.stats()
  await a.peer.send(udptl)
  await b.peer.send(udptl)
  for (const { peer } of [a, b]) {
    const before = Date.now()
    while (peer.others.length === 0 && Date.now() - before < 5000)
      await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(peer.others, [udptl])
  }
  await one.close()
  await two.close()
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 25)
  await b.peer.until(25)
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  const stats = await b.leg.close()
  assert.equal(stats.in.packets, 1)
  assert.equal(stats.out.packets, 26)
  await a.leg.close()
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
  const figures = await engine.figures()
  assert.deepEqual([figures.legs, figures.streams, figures.portsInUse], [0, 0, 0])
})

test('silence ends a stream that has a time-out, and closing frees the ports of both', async () => {
  await using engine = await engineOn(18500, 18599)
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  assert.equal((await engine.figures()).portsInUse, 2)
  const silent = new Promise<number>((resolve) =>
    one.events.once('timeout', ({ seconds }) => resolve(seconds)),
  )
  one.configure(settings(9, { timeoutSeconds: 1 }))
  one.join(two)
  assert.equal(await silent, 1)
  await Promise.all([one.close(), two.close()])
  const figures = await engine.figures()
  assert.deepEqual([figures.streams, figures.portsInUse], [0, 0])
})

test('a leg that closes ends the stream on its ports', async () => {
  await using engine = await engineOn(18600, 18699)
  await using b = await Wire.open()
  const a = await phone(engine)
  const lent = engine.lendStream(a.leg) as MediaStream
  const other = await engine.openStream({ uuid: 'other', address: '127.0.0.1', near: lent })
  lent.configure(settings(a.peer.port))
  other.configure(settings(b.port))
  lent.join(other)
  await a.leg.close()
  await b.send(udptl, other.localPort)
  const before = Date.now()
  while (!(await engine.figures()).dropped['stream alone'] && Date.now() - before < 5000)
    await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal((await engine.figures()).dropped['stream alone'], 1)
  assert.equal((await lent.close()).packetsIn, 0)
  await other.close()
  await a.peer[Symbol.asyncDispose]()
})
