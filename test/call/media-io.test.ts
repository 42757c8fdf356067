/** Both ways of a worker to the network do the same: io_uring and dgram. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { hasThreads, next, phone, settings, settled, startEngine } from '../support/media.ts'

const skip = hasThreads ? false : 'needs worker threads: run it built'

for (const io of ['io_uring', 'dgram'] as const) {
  test(`${io}: a burst of two thousand packets is relayed whole and in order`, {
    skip,
  }, async () => {
    await using engine = await startEngine({ io })
    const a = await phone(engine)
    const b = await phone(engine, {}, a.leg)
    b.peer.socket.setRecvBufferSize(4 << 20)
    a.leg.bridge(b.leg)
    await settled(a.leg, b.leg)
    // In runs that any socket's buffer holds.
    for (let run = 0; run < 20; run++) {
      await a.peer.tone(440, 100, 'PCMU', 0)
      await b.peer.until((run + 1) * 100)
    }
    const numbers = b.peer.arrived.map((packet) => packet.sequence)
    for (let i = 1; i < numbers.length; i++)
      assert.equal(numbers[i], (numbers[i - 1]! + 1) & 0xffff)
    assert.equal(b.peer.arrived[0]!.fromPort, b.leg.localPort)
    await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
  })

  test(`${io}: a leg on IPv6 hears and answers its party`, { skip }, async () => {
    await using engine = await startEngine({ io })
    const peer = createSocket({ type: 'udp6', ipv6Only: true }).unref()
    peer.bind(0, '::1')
    await once(peer, 'listening')
    const leg = await engine.openLeg({ uuid: 'six', address: '::1' })
    leg.configure({ ...settings(peer.address().port), remoteAddress: '::1' })
    leg.echo(0)
    await settled(leg)
    const packet = Buffer.alloc(172)
    packet[0] = 0x80
    const answered = once(peer, 'message')
    peer.send(packet, leg.localPort, '::1')
    const [answer, from] = (await answered) as [Buffer, { address: string; port: number }]
    assert.equal(answer.length, 172)
    assert.deepEqual([from.address, from.port], ['::1', leg.localPort])
    peer.close()
  })

  test(`${io}: a datagram longer than any packet is dropped and counted, those behind it are heard`, {
    skip,
  }, async () => {
    await using engine = await startEngine({ io })
    const a = await phone(engine)
    a.leg.echo(0)
    await settled(a.leg)
    await a.peer.sendRaw(Buffer.alloc(9000, 0x11))
    const heard = next(a.leg, 'first packet')
    await a.peer.tone(440, 5, 'PCMU', 0)
    await heard
    await a.peer.until(5)
    const { dropped } = await engine.figures()
    assert.equal((dropped['too long'] ?? 0) + (dropped['not RTP'] ?? 0), 1)
    await a.peer[Symbol.asyncDispose]()
  })

  test(`${io}: what the core asks is done at once while no packet comes, and under load`, {
    skip,
  }, async () => {
    await using engine = await startEngine({ io })
    const a = await phone(engine)
    a.leg.echo(0)
    await settled(a.leg)
    const times: number[] = []
    let isOver = false
    const load = (async () => {
      while (!isOver) await a.peer.tone(440, 20, 'PCMU', 1)
    })()
    for (let i = 0; i < 60; i++) {
      const begin = performance.now()
      await a.leg.stats()
      times.push(performance.now() - begin)
    }
    isOver = true
    await load
    times.sort((left, right) => left - right)
    // Far below what a missed wake-up would take; three of four may have been held up by a busy machine.
    assert.ok(times[15]! < 200, `the quicker answers took ${times[15]} ms`)
    await a.peer[Symbol.asyncDispose]()
  })

  test(`${io}: a port that a closed worker had is free again`, { skip }, async () => {
    for (let round = 0; round < 3; round++) {
      await using engine = await startEngine({ io, ports: 4 })
      const legs = [await phone(engine), await phone(engine)]
      for (const { peer } of legs) await peer[Symbol.asyncDispose]()
    }
  })
}
