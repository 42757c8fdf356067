/** Legs and their ports: latching, time-outs, figures, and what remains when all is closed or a worker dies. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { test } from 'node:test'
import { SwitchError } from '../../src/base/errors.ts'
import { readReports, writeReports } from '../../src/rtp/rtcp.ts'
import { hasThreads, next, phone, settings, settled, startEngine } from '../support/media.ts'
import { freePorts } from '../support/ports.ts'
import { eventually } from '../support/programs.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { purity } from '../support/tone.ts'
import { patienceMs, until } from '../support/until.ts'

test('a leg follows its party to where the sound really comes from', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const hidden = await RtpPeer.open()
  hidden.target = a.leg.localPort
  a.leg.echo(0)
  await settled(a.leg)
  const latched = next(a.leg, 'latched')
  await hidden.tone(440, 30, 'PCMU', 5)
  assert.deepEqual(await latched, { address: '127.0.0.1', port: hidden.port })
  await hidden.until(20)
  assert.ok(purity(440, hidden.heard()) > 0.99)
  const stats = await a.leg.stats()
  assert.equal(stats.latched, true)
  assert.equal(stats.remote, `127.0.0.1:${hidden.port}`)
  await Promise.all([a.peer[Symbol.asyncDispose](), hidden[Symbol.asyncDispose]()])
})

test('nobody takes a stream over that comes from where the SDP says', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const thief = await RtpPeer.open()
  thief.target = a.leg.localPort
  a.leg.echo(0)
  await settled(a.leg)
  await a.peer.tone(440, 3)
  await thief.tone(620, 30, 'PCMU', 2)
  await a.peer.tone(440, 10)
  await a.peer.until(13)
  await settled(a.leg)
  assert.equal(thief.arrived.length, 0)
  assert.equal((await a.leg.stats()).in.packets, 13)
  assert.equal((await engine.figures()).dropped['source'], 30)
  await Promise.all([a.peer[Symbol.asyncDispose](), thief[Symbol.asyncDispose]()])
})

test('junk and unknown payload types move no leg, break nothing and are counted', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const other = await RtpPeer.open()
  other.target = a.leg.localPort
  await settled(a.leg)
  for (let i = 0; i < 30; i++) await other.send(Buffer.from(`junk ${i} that is no RTP at all`))
  for (let i = 0; i < 30; i++) await other.packet(new Uint8Array(160), 77, 160)
  // Headers that claim more than is there.
  for (const first of [0x8f, 0x90, 0xb0, 0xa0]) {
    const packet = Buffer.alloc(16, 0xff)
    packet[0] = first
    packet[1] = 101
    await a.peer.send(packet)
    packet[1] = 0
    await a.peer.send(packet)
  }
  await a.peer.tone(440, 3)
  // A busy worker may be asked before it has read what came.
  const dropped = async () => (await engine.figures()).dropped
  await until(async () => (await dropped())['payload type'] === 30, 'all to be read')
  assert.equal((await dropped())['not RTP'], 30)
  assert.equal((await a.leg.stats()).latched, false)
  await Promise.all([a.peer[Symbol.asyncDispose](), other[Symbol.asyncDispose]()])
})

test('no packet for the configured time is told once, and again after a stream that broke off', async () => {
  await using engine = await startEngine()
  const a = await phone(engine, { timeoutSeconds: 0.3 })
  let told = 0
  a.leg.events.on('timeout', () => told++)
  assert.deepEqual(await next(a.leg, 'timeout'), { seconds: 0.3 })
  const again = next(a.leg, 'timeout')
  await a.peer.tone(440, 3, 'PCMU', 0)
  await again
  assert.equal(told, 2)
  await a.peer[Symbol.asyncDispose]()
})

test('figures tell of loss, order, copies and jitter that were put in', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  await settled(a.leg)
  assert.equal((await a.leg.stats()).mos, null)
  const packets: Buffer[] = []
  const send = a.peer.send
  a.peer.send = async (packet) => void packets.push(Buffer.from(packet))
  await a.peer.tone(440, 60, 'PCMU', 0)
  a.peer.send = send
  // 10, 20 and 30 are lost, 40 comes behind 41, 50 twice.
  const order = packets.map((_, i) => i).filter((i) => ![10, 20, 30].includes(i))
  order.splice(order.indexOf(40), 2, 41, 40)
  order.splice(order.indexOf(50), 0, 50)
  for (const index of order) await a.peer.send(packets[index]!)
  // A busy worker may be asked before it has read what came.
  await until(async () => (await a.leg.stats()).in.packets >= 57, 'all packets')
  const stats = await a.leg.stats()
  assert.equal(stats.lost, 3)
  assert.equal(stats.reordered, 1)
  assert.equal(stats.duplicates, 1)
  assert.equal(stats.in.packets, 57)
  assert.equal(stats.in.skipPackets, 4)
  // They were sent at once though their timestamps are 20 ms apart: that is jitter.
  assert.ok(stats.jitterMs !== null && stats.jitterMs > 10)
  assert.ok(stats.mos !== null && stats.mos < 4.4)
  assert.ok(stats.lastPacketAt !== null && Math.abs(stats.lastPacketAt - Date.now()) < patienceMs)
  assert.deepEqual(await a.leg.close(), await a.leg.close())
  await a.peer[Symbol.asyncDispose]()
})

for (const rtcpMux of [false, true]) {
  test(`reports go out and come in ${rtcpMux ? 'on the same port' : 'on the port above'}`, async () => {
    await using engine = await startEngine()
    const peer = await RtpPeer.open()
    const reports = rtcpMux ? peer : await RtpPeer.open()
    const leg = await engine.openLeg({ uuid: 'reporter', address: '127.0.0.1' })
    peer.target = leg.localPort
    reports.target = leg.localPort + (rtcpMux ? 0 : 1)
    leg.configure(
      settings(peer.port, { rtcpMux, remoteRtcpPort: reports.port, rtcpIntervalMs: 100 }),
    )
    leg.echo(0)
    await settled(leg)
    const began = performance.now()
    await peer.tone(440, 20)
    const withTime = await eventually('a sender report about what was sent', () =>
      reports.others
        .map((packet) => readReports(packet))
        .findLast((report) => report?.senderTime !== undefined && report.blocks.length > 0),
    )
    assert.equal(withTime.blocks[0]?.ssrc, peer.ssrc)
    assert.equal(withTime.senderSsrc, peer.arrived[0]?.ssrc)
    await reports.send(
      writeReports(
        peer.ssrc,
        'peer',
        undefined,
        {
          ssrc: withTime.senderSsrc,
          fraction: 64,
          lost: 5,
          highest: 0,
          jitter: 80,
          lastReport: withTime.senderTime ?? 0,
          delay: 0,
        },
        false,
      ),
    )
    await until(async () => (await leg.stats()).rtcpPackets === 1, 'our report to have come')
    const stats = await leg.stats()
    assert.equal(stats.farLossFraction, 0.25)
    assert.equal(stats.farJitterMs, 10)
    assert.ok(stats.roundTripMs !== null && stats.roundTripMs < performance.now() - began)
    await peer[Symbol.asyncDispose]()
    if (!rtcpMux) await reports[Symbol.asyncDispose]()
  })
}

test('ports come back when legs close, also from a range that is used up', async () => {
  await using engine = await startEngine({ workers: 2, ports: 6 })
  const open = () => engine.openLeg({ uuid: 'x', address: '127.0.0.1' })
  const legs = [await open(), await open(), await open()]
  const ports = legs.map(({ localPort }) => localPort).sort((one, other) => one - other)
  const [lowest = 0] = ports
  assert.deepEqual(ports, [lowest, lowest + 2, lowest + 4])
  assert.equal((await engine.figures()).portsFree, 0)
  await assert.rejects(
    open(),
    (thrown) => thrown instanceof SwitchError && thrown.code === 'MEDIA_NO_PORTS',
  )
  await legs[0]?.close()
  const again = await open()
  assert.equal(again.localPort, legs[0]?.localPort)
  for (const leg of [...legs.slice(1), again]) await leg.close()
  assert.equal((await engine.figures()).portsInUse, 0)
})

test('two workers share a small range, and a leg opens near another wherever that is', async () => {
  await using engine = await startEngine({ workers: 2, ports: 12 })
  const first = await engine.openLeg({ uuid: 'first', address: '127.0.0.1' })
  const legs = [first]
  for (let i = 0; i < 5; i++)
    legs.push(await engine.openLeg({ uuid: `near-${i}`, address: '127.0.0.1', near: first }))
  assert.equal(new Set(legs.map(({ localPort }) => localPort)).size, 6)
  assert.equal(new Set(legs.map(({ worker }) => worker)).size, 1)
})

test('a port that another program has is stepped over', async () => {
  const firstPort = await freePorts(4)
  const other = createSocket('udp4').unref()
  await new Promise<void>((resolve) => other.bind(firstPort + 1, '127.0.0.1', resolve))
  await using engine = await startEngine({ firstPort, ports: 4 })
  const leg = await engine.openLeg({ uuid: 'x', address: '127.0.0.1' })
  assert.equal(leg.localPort, firstPort + 2)
  await new Promise<void>((resolve) => other.close(() => resolve()))
})

test('a long run of ports that another program has is stepped over too', async (t) => {
  const pairs = 120
  const firstPort = await freePorts(pairs * 2 + 2)
  const others = await Promise.all(
    Array.from({ length: pairs }, async (_none, index) => {
      const other = createSocket('udp4')
      await new Promise<void>((resolve) => other.bind(firstPort + index * 2, '127.0.0.1', resolve))
      return other
    }),
  )
  t.after(() => {
    for (const other of others) other.close()
  })
  await using engine = await startEngine({ firstPort, ports: pairs * 2 + 2 })
  const leg = await engine.openLeg({ uuid: 'x', address: '127.0.0.1' })
  assert.equal(leg.localPort, firstPort + pairs * 2)
})

test('legs open on the wildcard and on IPv6, not on nonsense', async () => {
  await using engine = await startEngine()
  const any = await engine.openLeg({ uuid: 'any', address: '0.0.0.0' })
  assert.ok(any.localPort > 0)
  const six = await engine.openLeg({ uuid: 'six', address: '::1' })
  six.configure({ ...settings(six.localPort), remoteAddress: '::1' })
  six.play({ paths: ['tone_stream://%(200,0,440)'] })
  await next(six, 'first packet')
  await assert.rejects(engine.openLeg({ uuid: 'bad', address: 'example.org' }), /no IP address/)
})

test('a dead worker closes its legs and another takes its place', {
  skip: hasThreads ? false : 'needs worker threads: run it built',
}, async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const playback = a.leg.play({ paths: ['tone_stream://%(60000,0,440)'] })
  await playback.started
  const closed = next(a.leg, 'closed')
  await engine.killWorker(0)
  await closed
  assert.equal((await playback.ended).ended, 'closed')
  await a.leg.close()
  await a.peer[Symbol.asyncDispose]()
  assert.equal((await engine.figures()).portsInUse, 0)
  // The successor may be held back a moment; its ports are those of the dead one.
  const b = await eventually('a worker in its place', () => phone(engine).catch(() => undefined))
  b.leg.echo(0)
  await settled(b.leg)
  await b.peer.tone(440, 10)
  await b.peer.until(10)
  await b.peer[Symbol.asyncDispose]()
})
