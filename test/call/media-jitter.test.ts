/** Packets that are lost, late and out of order: what the other party hears is even and whole all the same. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JitterHabits } from '../../src/media/engine.ts'
import { Impairment, type Trouble } from '../support/impairment.ts'
import { levelOf } from '../support/levels.ts'
import { codec as codecOf, engineOn, pcmu, phone, settings, settled } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'
import { purity } from '../support/tone.ts'

const g722 = codecOf('G722', 9)
const buffered: JitterHabits = { order: '60:200', inBridge: true, conceals: true }

interface Line extends AsyncDisposable {
  readonly engine: Awaited<ReturnType<typeof engineOn>>
  readonly a: Awaited<ReturnType<typeof phone>>
  readonly b: Awaited<ReturnType<typeof phone>>
  readonly line: Impairment
}

/** A party behind a bad line, bridged with one that has another codec or the same. */
async function bridged(port: number, trouble: Trouble, codec = g722): Promise<Line> {
  const engine = await engineOn(port, port + 99)
  const a = await phone(engine)
  const b = await phone(engine, { send: codec, receive: [codec] }, a.leg)
  const line = await Impairment.open(a.leg.localPort, trouble)
  a.peer.target = line.port
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  return {
    engine,
    a,
    b,
    line,
    [Symbol.asyncDispose]: async () => {
      for (const one of [line, a.peer, b.peer, engine]) await one[Symbol.asyncDispose]()
    },
  }
}

/** The share of packets that came within `ms` of when an even stream would bring them. */
function evenness(peer: RtpPeer, ms: number, from = 10): number {
  const packets = peer.arrived.slice(from)
  const [first] = packets
  if (!first) return 0
  const offsets = packets.map(
    ({ at, timestamp }) => at - first.at - (timestamp - first.timestamp) / 8,
  )
  const middle = offsets.slice().sort((one, other) => one - other)[offsets.length >> 1] ?? 0
  return offsets.filter((offset) => Math.abs(offset - middle) <= ms).length / offsets.length
}

test('a lost packet of G.711 is made up where it is transcoded', async () => {
  await using set = await bridged(28000, { loss: 0.1, seed: 5 })
  await set.a.peer.tone(440, 150)
  await set.b.peer.until(140)
  assert.ok(set.line.lost >= 8, `${set.line.lost} lost`)
  const heard = set.b.peer.heard('G722')
  assert.ok(purity(440, heard, 16000) > 0.97, `${purity(440, heard, 16000)}`)
  for (let at = 320; at + 320 < heard.length; at += 320)
    assert.ok(levelOf(heard, at, at + 320) > 3000, `a gap at ${at / 16} ms`)
  const stats = await set.a.leg.stats()
  assert.equal(stats.lost, set.line.lost)
})

test('a jitter buffer gives back evenly and in order what came unevenly', async () => {
  await using set = await bridged(28100, { jitter: 50, reorder: 0.05, duplicate: 0.05, seed: 7 })
  set.a.leg.jitterBuffer(buffered)
  await settled(set.a.leg)
  await set.a.peer.tone(440, 200)
  await set.b.peer.until(180, 6000)
  assert.ok(set.line.reordered > 3 && set.line.duplicated > 3)
  const heard = set.b.peer.heard('G722').subarray(3200)
  assert.ok(purity(440, heard, 16000) > 0.97, `${purity(440, heard, 16000)}`)
  assert.ok(evenness(set.b.peer, 15) > 0.9, `${evenness(set.b.peer, 15)}`)
})

test('in a bridge of one codec it passes the packets on as they are, evenly', async () => {
  await using set = await bridged(28200, { jitter: 50, reorder: 0.05, seed: 9 }, pcmu)
  set.a.leg.configure(settings(set.a.peer.port, { jitter: buffered }))
  await settled(set.a.leg)
  await set.a.peer.tone(440, 150)
  await set.b.peer.until(140, 6000)
  const { arrived } = set.b.peer
  const numbers = arrived.map(({ sequence }) => sequence)
  assert.deepEqual(
    numbers,
    numbers.slice().sort((one, other) => one - other),
    'in order',
  )
  assert.ok(purity(440, set.b.peer.heard().subarray(1600)) > 0.97)
  assert.ok(evenness(set.b.peer, 15) > 0.9, `${evenness(set.b.peer, 15)}`)
})

test('without rtp_jitter_buffer_during_bridge it rests in a bridge', async () => {
  await using set = await bridged(28300, {})
  set.a.leg.jitterBuffer({ ...buffered, order: '400', inBridge: false })
  await settled(set.a.leg)
  const begin = performance.now()
  await set.a.peer.tone(440, 5)
  await set.b.peer.until(5)
  assert.ok(performance.now() - begin < 390, 'nothing is held back')
})

test('paused it holds nothing back, resumed it does again, stopped it is gone', async () => {
  await using set = await bridged(28400, {})
  const order = (text: string) => set.a.leg.jitterBuffer({ ...buffered, order: text })
  const delay = async (): Promise<number> => {
    const before = set.b.peer.arrived.length
    const begin = performance.now()
    const talking = set.a.peer.tone(440, 10)
    await set.b.peer.until(before + 1)
    const took = performance.now() - begin
    await talking
    await set.b.peer.until(before + 5)
    await new Promise((resolve) => setTimeout(resolve, 300))
    return took
  }
  const took: number[] = []
  for (const text of ['200', 'pause', 'resume', 'stop']) {
    order(text)
    await settled(set.a.leg)
    took.push(await delay())
  }
  assert.deepEqual(
    took.map((ms) => ms > 150),
    [true, false, true, false],
    took.join(),
  )
})

test('what it does can be read in a file', async () => {
  await using set = await bridged(28500, {})
  const path = join(tmpdir(), `jitter-${process.pid}.log`)
  set.a.leg.jitterBuffer(buffered)
  set.a.leg.jitterBuffer({ ...buffered, order: `debug:${path}` })
  await set.a.peer.tone(440, 10)
  await set.b.peer.until(8)
  set.a.leg.jitterBuffer({ ...buffered, order: 'debug:off' })
  await settled(set.a.leg)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const text = await readFile(path, 'utf8')
  await rm(path)
  assert.match(text, /in 100 5000 resync/)
  assert.match(text, /out 101 5160 depth \d+\.\d of 60 ms/)
})

test('an order that is none is told and changes nothing', async () => {
  await using set = await bridged(28600, {})
  set.a.leg.jitterBuffer({ ...buffered, order: 'sixty' })
  await set.a.peer.tone(440, 5)
  await set.b.peer.until(5)
})
