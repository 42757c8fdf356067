/** Streams that share a leg's port, its ICE and its keys (RFC 9143): whose a packet is, and what is left when either goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LegIce, MediaEngine, MediaLeg, StreamSettings } from '../../src/media/engine.ts'
import { newIdentity } from '../support/dtls.ts'
import { hasThreads, next, phone, settings, startEngine } from '../support/media.ts'
import { eventually } from '../support/programs.ts'
import { purity } from '../support/tone.ts'
import { WebPeer } from '../support/web-peer.ts'
import { rtp, streamSettings, Wire } from '../support/wire.ts'

/** What a stream within a leg is told: addresses are the leg's. */
function within(types: readonly number[], sources: readonly number[] = []): StreamSettings {
  return streamSettings(0, { rtcpMux: true, latch: false, bundled: { types, sources } })
}

const pictures = 0xaaaa0001
const answers = 0xbbbb0001

function pli(media: number): Buffer {
  const packet = Buffer.from('81ce00020000000100000000', 'hex')
  packet.writeUInt32BE(media, 8)
  return packet
}

function receiverReport(about: number): Buffer {
  const packet = Buffer.alloc(32)
  packet.set([0x81, 201, 0, 7, 0, 0, 0x10, 0])
  packet.writeUInt32BE(about, 8)
  return packet
}

/** A leg whose party sends a picture on the same port, joined with a stream that has a port of its own. */
async function pair(engine: MediaEngine) {
  const a = await phone(engine, { rtcpMux: true, latch: false })
  const side = await engine.openStream({ uuid: 'side', address: '127.0.0.1', within: a.leg })
  const other = await engine.openStream({ uuid: 'other', address: '127.0.0.1', near: a.leg })
  const far = await Wire.open()
  other.configure(streamSettings(far.port, { rtcpMux: true }))
  return { ...a, side, other, far }
}

async function countOf(engine: MediaEngine, reason: string): Promise<number> {
  return (await engine.figures()).dropped[reason] ?? 0
}

test('RTP is told by its payload type: sound stays with the leg, pictures pass untouched to a port of their own', async () => {
  await using engine = await startEngine()
  const { leg, peer, side, other, far } = await pair(engine)
  assert.equal(side.isBundled, true)
  assert.equal(side.localPort, leg.localPort)
  assert.equal((await engine.figures()).portsInUse, 2)
  const b = await phone(engine, {}, leg)
  leg.bridge(b.leg)
  side.configure(within([96]))
  assert.equal(side.join(other), true)
  await side.stats()
  const there = rtp(96, 7, 'a picture', pictures)
  const back = rtp(96, 9, 'its answer', answers)
  const talk = peer.tone(440, 30)
  await peer.sendRaw(there)
  await far.until(1)
  await far.send(back, other.localPort)
  await talk
  await b.peer.until(30)
  assert.deepEqual(far.arrived, [there])
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  await eventually('the answer', () => peer.arrived.length === 1)
  assert.equal(peer.arrived[0]?.ssrc, answers)
  const { packetsIn, packetsOut, isBundled, remote } = await side.stats()
  assert.deepEqual([packetsIn, packetsOut, isBundled], [1, 1, true])
  assert.equal(remote, `127.0.0.1:${peer.port}`)
  // What nobody knows is dropped and counted, as it is without a bundle.
  await peer.sendRaw(rtp(97, 1, 'nobody', 5))
  await eventually('a dropped packet', async () => (await countOf(engine, 'payload type')) === 1)
  assert.equal((await leg.describe())?.strangeType, 97)
  assert.equal((await leg.stats()).in.packets, 30)
  await far[Symbol.asyncDispose]()
  for (const one of [peer, b.peer]) await one[Symbol.asyncDispose]()
})

test('RTCP is told by the SSRCs that it names, both ways', async () => {
  await using engine = await startEngine()
  const { leg, peer, side, other, far } = await pair(engine)
  side.configure(within([96]))
  side.join(other)
  await side.stats()
  await peer.sendRaw(rtp(96, 7, 'a picture', pictures))
  await far.until(1)
  // Of what the party is sent: it came from the far side.
  await far.send(rtp(96, 9, 'its answer', answers), other.localPort)
  await eventually('the answer', () => peer.arrived.length === 1)
  await peer.sendRaw(Buffer.concat([receiverReport(answers), pli(answers)]))
  await far.until(2)
  assert.deepEqual(far.arrived[1], Buffer.concat([receiverReport(answers), pli(answers)]))
  await far.send(pli(pictures), other.localPort)
  await eventually('the feedback', () => peer.others.length === 1)
  assert.deepEqual(peer.others[0], pli(pictures))
  // Of the sound: nothing of it leaves the leg.
  await peer.sendRaw(receiverReport(0x1000))
  await eventually('a report', async () => (await leg.stats()).rtcpPackets === 1)
  assert.equal(far.arrived.length, 2)
  assert.equal((await side.stats()).packetsIn, 2)
  await far[Symbol.asyncDispose]()
  await peer[Symbol.asyncDispose]()
})

test('where two streams have the same payload type the SSRC decides; a source of nobody is counted', async () => {
  await using engine = await startEngine()
  const { leg, peer, side, other, far } = await pair(engine)
  const screen = await engine.openStream({ uuid: 'screen', address: '127.0.0.1', within: leg })
  const farScreen = await engine.openStream({ uuid: 'far', address: '127.0.0.1', near: leg })
  const wall = await Wire.open()
  farScreen.configure(streamSettings(wall.port))
  side.configure(within([96], [pictures]))
  screen.configure(within([96], [0xcccc0001]))
  side.join(other)
  screen.join(farScreen)
  await screen.stats()
  const [camera, slides] = [rtp(96, 1, 'face', pictures), rtp(96, 1, 'slide', 0xcccc0001)]
  await peer.sendRaw(camera)
  await peer.sendRaw(slides)
  await peer.sendRaw(rtp(96, 1, 'whose', 3))
  await Promise.all([far.until(1), wall.until(1)])
  assert.deepEqual([far.arrived, wall.arrived], [[camera], [slides]])
  await eventually('a dropped packet', async () => (await countOf(engine, 'bundle source')) === 1)
  // With one of them gone the type alone tells again.
  await screen.close()
  await peer.sendRaw(rtp(96, 2, 'whose', 3))
  await far.until(2)
  for (const wire of [far, wall, peer]) await wire[Symbol.asyncDispose]()
})

test('where signalling names no SSRC the packet names its stream (MID), which then is known by its SSRC', async () => {
  await using engine = await startEngine()
  const { leg, peer, side, other, far } = await pair(engine)
  const screen = await engine.openStream({ uuid: 'screen', address: '127.0.0.1', within: leg })
  const named = (name: string) => ({ types: [96], sources: [], mid: { extension: 4, name } })
  side.configure(streamSettings(0, { rtcpMux: true, bundled: named('camera') }))
  screen.configure(streamSettings(0, { rtcpMux: true, bundled: named('screen') }))
  side.join(other)
  await screen.stats()
  const camera = Buffer.concat([
    rtp(96, 1, '', 7),
    Buffer.from('bede0002' + '4563616d65726100', 'hex'),
  ])
  camera[0] = 0x90
  await peer.sendRaw(rtp(96, 0, 'too early', 7))
  await eventually('a dropped packet', async () => (await countOf(engine, 'bundle source')) === 1)
  await peer.sendRaw(camera)
  const later = rtp(96, 2, 'no name any more', 7)
  await peer.sendRaw(later)
  await far.until(2)
  assert.deepEqual(far.arrived, [camera, later])
  // What goes to the party names its stream, too.
  await far.send(rtp(96, 3, 'back', answers), other.localPort)
  await eventually('the answer', () => peer.arrived.length === 1)
  const [back] = peer.arrived
  const name = Buffer.from('bede0002' + '4563616d65726100', 'hex')
  assert.deepEqual(back?.payload, Buffer.concat([name, Buffer.from('back')]))
  for (const wire of [far, peer]) await wire[Symbol.asyncDispose]()
})

test('a stream with ports of its own moves into a leg: what it is joined with and its figures stay, its ports are free', async () => {
  await using engine = await startEngine()
  const { leg, peer, other, far } = await pair(engine)
  const moving = await engine.openStream({ uuid: 'moving', address: '127.0.0.1', near: leg })
  moving.configure(streamSettings(peer.port))
  moving.join(other)
  const ownPort = moving.localPort
  assert.notEqual(ownPort, leg.localPort)
  assert.equal((await engine.figures()).portsInUse, 3)
  const before = rtp(96, 1, 'before', pictures)
  peer.target = ownPort
  await peer.sendRaw(before)
  await far.until(1)
  assert.equal(moving.share(leg), true)
  assert.equal(moving.localPort, leg.localPort)
  moving.configure(within([96]))
  assert.equal((await engine.figures()).portsInUse, 2)
  peer.target = leg.localPort
  const after = rtp(96, 2, 'after', pictures)
  await peer.sendRaw(after)
  await far.until(2)
  assert.deepEqual(far.arrived, [before, after])
  assert.equal((await moving.stats()).packetsIn, 2)
  // Nothing is left of the way that it had.
  peer.target = ownPort
  await peer.sendRaw(rtp(96, 3, 'late', pictures))
  await eventually('a dropped packet', async () => (await countOf(engine, 'no leg')) === 1)
  await far[Symbol.asyncDispose]()
  await peer[Symbol.asyncDispose]()
})

test("a stream of another worker keeps its own port: the leg's is out of its reach", {
  skip: !hasThreads && 'there is one worker only',
}, async () => {
  await using engine = await startEngine({ workers: 2 })
  const [leg, far] = [
    await engine.openLeg({ uuid: 'leg', address: '127.0.0.1' }),
    await engine.openLeg({ uuid: 'far', address: '127.0.0.1' }),
  ]
  assert.notEqual(leg.worker, far.worker)
  const stream = await engine.openStream({ uuid: 'stream', address: '127.0.0.1', near: far })
  const { localPort } = stream
  assert.deepEqual(
    [stream.canShare(far), stream.canShare(leg), stream.share(leg)],
    [true, false, false],
  )
  assert.deepEqual([stream.localPort, stream.isBundled], [localPort, false])
  assert.equal((await engine.figures()).portsInUse, 3)
})

test('either may close first, and nothing is left', async () => {
  await using engine = await startEngine()
  const { leg, peer, side, other, far } = await pair(engine)
  side.configure(within([96]))
  side.join(other)
  const second = await engine.openStream({ uuid: 'second', address: '127.0.0.1', within: leg })
  second.configure(within([98]))
  await second.close()
  await peer.sendRaw(rtp(98, 1, 'gone', 4))
  await eventually('a dropped packet', async () => (await countOf(engine, 'payload type')) === 1)
  await leg.close()
  await far.send(rtp(96, 1, 'to nobody', answers), other.localPort)
  await eventually(
    'a dropped packet',
    async () => (await countOf(engine, 'stream without address')) === 1,
  )
  assert.equal(side.canShare(leg), false)
  await assert.rejects(engine.openStream({ uuid: 'late', address: '127.0.0.1', within: leg }), {
    code: 'MEDIA_NO_LEG',
  })
  assert.equal((await side.close()).isBundled, true)
  await other.close()
  const { legs, streams, portsInUse } = await engine.figures()
  assert.deepEqual([legs, streams, portsInUse], [0, 0, 0])
  await far[Symbol.asyncDispose]()
  await peer[Symbol.asyncDispose]()
})

function iceOf(peer: WebPeer, ufrag: string, password: string): LegIce {
  return { ufrag, password, remoteUfrag: peer.here.ufrag }
}

/** A browser's transport and the leg for it, connected, with a stream for its pictures. */
async function browser(engine: MediaEngine, name: string, near?: MediaLeg) {
  const peer = await WebPeer.open(newIdentity())
  const leg = await engine.openLeg({ uuid: name, address: '127.0.0.1', near })
  const [algorithm = '', value = ''] = engine.dtlsFingerprint.split(' ')
  const password = `password-of-${name}-0123456789`
  const fingerprints = peer.here.fingerprints
  leg.configure(
    settings(peer.here.port, {
      rtcpMux: true,
      latch: false,
      ice: iceOf(peer, name, password),
      dtls: { role: 'passive', fingerprints },
    }),
  )
  const side = await engine.openStream({ uuid: name, address: '127.0.0.1', within: leg })
  side.configure(within([96]))
  const arrived: Buffer[] = []
  peer.packet = (packet) => arrived.push(Buffer.from(packet))
  const secured = next(leg, 'secured')
  const there = [{ algorithm, value }]
  await peer.connect({ port: leg.localPort, ufrag: name, password, fingerprints: there })
  await secured
  return { peer, leg, side, arrived }
}

test('two browsers: sound and pictures under the keys of one handshake each, on one port each', async () => {
  await using engine = await startEngine()
  const a = await browser(engine, 'anna')
  const b = await browser(engine, 'bert', a.leg)
  assert.equal((await engine.figures()).portsInUse, 2)
  a.leg.bridge(b.leg)
  a.side.join(b.side)
  await b.side.stats()
  const seen = (list: readonly Buffer[], type: number) =>
    list.filter((packet) => (packet[1]! & 0x7f) === type)
  // Both wrap their numbers meanwhile: each source has a rollover counter of its own.
  for (let i = 0; i < 12; i++) {
    a.peer.send(rtp(96, (65_530 + i) & 0xffff, `picture ${i}`, pictures))
    a.peer.send(Buffer.concat([rtp(0, i, '', 0x77), Buffer.alloc(160, 0xd5)]))
  }
  await eventually(
    'all that was sent',
    () => seen(b.arrived, 96).length === 12 && seen(b.arrived, 0).length === 12,
  )
  assert.deepEqual(seen(b.arrived, 96)[11], rtp(96, 5, 'picture 11', pictures))
  b.peer.send(pli(pictures))
  await eventually('the feedback', () => a.arrived.length === 1)
  assert.deepEqual(a.arrived[0], pli(pictures))
  const { crypto, packetsIn } = await a.side.stats()
  assert.equal(packetsIn, 12)
  assert.deepEqual([crypto?.unauthentic, crypto?.replayed], [0, 0])
  assert.equal((await a.leg.stats()).in.packets, 12)
  a.peer.close()
  b.peer.close()
})
