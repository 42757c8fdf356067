/** Streams that pass untouched: byte for byte both ways, from where they really come, and nothing left when they end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaStream } from '../../src/media/engine.ts'
import { phone, settled, startEngine } from '../support/media.ts'
import { purity } from '../support/tone.ts'
import { until } from '../support/until.ts'
import { rtp, streamSettings, Wire } from '../support/wire.ts'

const udptl = Buffer.from('0001030102030405ff00', 'hex')
/** Picture loss indication (RFC 4585 section 6.3.1). */
const pli = Buffer.from('81ce00020000000100000002', 'hex')

test('what arrives at one end leaves at the other octet for octet, RTP or not, and RTCP by its own port', async () => {
  await using engine = await startEngine()
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using control = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(streamSettings(a.port))
  two.configure(streamSettings(b.port, { remoteRtcpPort: control.port }))
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
  await using engine = await startEngine()
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using control = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(streamSettings(a.port, { rtcpMux: true }))
  two.configure(streamSettings(b.port, { remoteRtcpPort: control.port }))
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
  await using engine = await startEngine()
  await using a = await Wire.open()
  await using b = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(streamSettings(a.port, { payloadTypes: [[96, 110]] }))
  two.configure(streamSettings(b.port, { payloadTypes: [[110, 96]] }))
  one.join(two)
  await one.stats()
  await a.send(rtp(0x80 | 96, 5, 'frame'), one.localPort)
  await b.send(rtp(110, 6, 'frame'), two.localPort)
  await Promise.all([a.until(1), b.until(1)])
  assert.deepEqual(b.arrived, [rtp(0x80 | 110, 5, 'frame')])
  assert.deepEqual(a.arrived, [rtp(96, 6, 'frame')])
})

test('a party is asked for a whole picture of each of its sources once, within a second, by a PLI', async () => {
  await using engine = await startEngine()
  await using a = await Wire.open()
  await using b = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(streamSettings(a.port, { rtcpMux: true }))
  two.configure(streamSettings(b.port, { rtcpMux: true }))
  one.join(two)
  const frame = (ssrc: number) => {
    const packet = rtp(96, 1, 'frame')
    packet.writeUInt32BE(ssrc, 8)
    return packet
  }
  one.askForPicture()
  await one.stats()
  for (const ssrc of [7, 7, 8, 7, 8]) await a.send(frame(ssrc), one.localPort)
  await Promise.all([a.until(2), b.until(5)])
  await one.stats()
  const wishes = a.arrived.map((packet) => {
    // A report without blocks, then PLI (RFC 4585 section 6.3.1).
    assert.deepEqual([...packet.subarray(0, 4)], [0x80, 201, 0, 1])
    assert.deepEqual([...packet.subarray(8, 12)], [0x81, 206, 0, 2])
    assert.equal(packet.length, 20)
    assert.equal(packet.readUInt32BE(4), packet.readUInt32BE(12))
    return packet.readUInt32BE(16)
  })
  assert.deepEqual(wishes, [7, 8])
})

test('a stream from elsewhere than the description says is followed; afterwards nobody takes it over', async () => {
  await using engine = await startEngine()
  await using a = await Wire.open()
  await using b = await Wire.open()
  await using thief = await Wire.open()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  one.configure(streamSettings(9))
  two.configure(streamSettings(b.port))
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
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  const one = engine.lendStream(a.leg) as MediaStream
  const two = engine.lendStream(b.leg) as MediaStream
  assert.equal(one.localPort, a.leg.localPort)
  one.configure(streamSettings(a.peer.port))
  two.configure(streamSettings(b.peer.port))
  one.join(two)
  await one.stats()
  await a.peer.send(udptl)
  await b.peer.send(udptl)
  for (const { peer } of [a, b]) {
    await until(() => peer.others.length > 0, 'the packet of the other side')
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
  await using engine = await startEngine()
  const one = await engine.openStream({ uuid: 'one', address: '127.0.0.1' })
  const two = await engine.openStream({ uuid: 'two', address: '127.0.0.1', near: one })
  assert.equal((await engine.figures()).portsInUse, 2)
  const silent = new Promise<number>((resolve) =>
    one.events.once('timeout', ({ seconds }) => resolve(seconds)),
  )
  one.configure(streamSettings(9, { timeoutSeconds: 1 }))
  one.join(two)
  assert.equal(await silent, 1)
  await Promise.all([one.close(), two.close()])
  const figures = await engine.figures()
  assert.deepEqual([figures.streams, figures.portsInUse], [0, 0])
})

test('a leg that closes ends the stream on its ports', async () => {
  await using engine = await startEngine()
  await using b = await Wire.open()
  const a = await phone(engine)
  const lent = engine.lendStream(a.leg) as MediaStream
  const other = await engine.openStream({ uuid: 'other', address: '127.0.0.1', near: lent })
  lent.configure(streamSettings(a.peer.port))
  other.configure(streamSettings(b.port))
  lent.join(other)
  await a.leg.close()
  await b.send(udptl, other.localPort)
  const dropped = async () => (await engine.figures()).dropped['stream alone'] !== undefined
  await until(dropped, 'the packet to be dropped')
  assert.equal((await engine.figures()).dropped['stream alone'], 1)
  assert.equal((await lent.close()).packetsIn, 0)
  await other.close()
  await a.peer[Symbol.asyncDispose]()
})
