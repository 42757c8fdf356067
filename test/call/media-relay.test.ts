/** Two legs bridged: relay and transcoding, proved by the tone that arrives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codec, hasThreads, pcma, phone, settled, startEngine } from '../support/media.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

test('a plain bridge passes sound both ways, packet by packet', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await Promise.all([a.peer.tone(440, 40), b.peer.tone(620, 40)])
  await Promise.all([a.peer.until(40), b.peer.until(40)])
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  assert.ok(purity(620, a.peer.heard()) > 0.99)
  assert.equal(new Set(b.peer.arrived.map(({ ssrc }) => ssrc)).size, 1)
  assert.notEqual(b.peer.arrived[0]?.ssrc, a.peer.ssrc)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

for (const [name, other, rate] of [
  ['PCMA', pcma, 8000],
  ['G722', codec('G722', 9), 16000],
  ['L16', codec('L16', 97, { clockRate: 16000 }), 16000],
] as const) {
  test(`PCMU and ${name} are transcoded both ways`, async () => {
    await using engine = await startEngine()
    const a = await phone(engine)
    const b = await phone(engine, { send: other, receive: [other] }, a.leg)
    a.leg.bridge(b.leg)
    await settled(a.leg, b.leg)
    await a.peer.tone(440, 40)
    if (name !== 'L16') await b.peer.tone(620, 40, name)
    await b.peer.until(39)
    const heard = name === 'L16' ? swapped(b.peer.arrived) : b.peer.heard(name)
    // A codec or filter needs a moment to settle.
    assert.ok(purity(440, heard.subarray(rate / 20), rate) > 0.97, `${name} is clean`)
    if (name !== 'L16') {
      await a.peer.until(39)
      assert.ok(purity(620, a.peer.heard().subarray(400)) > 0.97, 'and back')
    }
    await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
  })
}

function swapped(arrived: readonly { readonly payload: Buffer }[]): Int16Array {
  const all = Buffer.concat(arrived.map(({ payload }) => payload))
  return Int16Array.from({ length: all.length / 2 }, (_, i) => all.readInt16BE(i * 2))
}

test('another packet time is made by gathering frames', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const longer = codec('PCMU', 0, { ptime: 60 })
  const b = await phone(engine, { send: longer, receive: [longer] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 30)
  await b.peer.until(10)
  assert.ok(b.peer.arrived.every(({ payload }) => payload.length === 480))
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  const steps = b.peer.arrived
    .slice(1)
    .map(({ timestamp }, i) => timestamp - b.peer.arrived[i]!.timestamp)
  assert.deepEqual(new Set(steps), new Set([480]))
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('the payload type is rewritten where the sides number a codec differently', async () => {
  await using engine = await startEngine()
  const left = codec('L16', 96, { clockRate: 8000 })
  const right = codec('L16', 110, { clockRate: 8000 })
  const a = await phone(engine, { send: left, receive: [left] })
  const b = await phone(engine, { send: right, receive: [right] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 10, 'L16', 20, 96)
  await b.peer.until(10)
  assert.ok(b.peer.arrived.every(({ payloadType }) => payloadType === 110))
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('a muted party is not heard, and is again when unmuted', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  a.leg.mute('read', true)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 20)
  await b.peer.until(20)
  assert.ok(purity(440, b.peer.heard()) < 0.01)
  a.leg.mute('read', false)
  await settled(a.leg)
  const before = b.peer.arrived.length
  await a.peer.tone(440, 20)
  await b.peer.until(before + 19)
  assert.ok(purity(440, b.peer.heard('PCMU', 0, before)) > 0.98)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('legs of different workers meet through a pipe', {
  skip: hasThreads ? false : 'needs worker threads: run it built',
}, async () => {
  await using engine = await startEngine({ workers: 2 })
  const a = await phone(engine)
  const b = await phone(engine)
  assert.notEqual(a.leg.worker, b.leg.worker)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await Promise.all([a.peer.tone(440, 40), b.peer.tone(620, 40)])
  await Promise.all([a.peer.until(38), b.peer.until(38)])
  assert.ok(cleanest(440, b.peer.heard()) > 0.97)
  assert.ok(cleanest(620, a.peer.heard()) > 0.97)
  a.leg.unbridge()
  await settled(a.leg, b.leg)
  await b.peer.drained()
  const before = b.peer.arrived.length
  await a.peer.tone(440, 10)
  await settled(a.leg, b.leg)
  await b.peer.drained()
  assert.equal(b.peer.arrived.length, before)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('echo sends back what arrives, at once or later', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  a.leg.echo(0)
  await settled(a.leg)
  await a.peer.tone(440, 20)
  await a.peer.until(20)
  assert.ok(purity(440, a.peer.heard()) > 0.99)
  a.leg.stopEcho()
  a.leg.echo(300)
  await settled(a.leg)
  await a.peer.drained()
  const before = a.peer.arrived.length
  const begin = performance.now()
  await a.peer.tone(620, 40)
  const isThere = (sample: number) => Math.abs(sample) > 1000
  const heard = () => a.peer.heard('PCMU', 0, before)
  await until(() => cleanest(620, heard()) > 0.9, 'the echo')
  const first = heard().findIndex(isThere)
  const packet = a.peer.arrived[before + Math.floor(first / 160)]!
  const at = packet.at - begin
  // A busy machine lets it come later, never earlier.
  assert.ok(at > 250, `the echo came after ${at} ms`)
  // What it is late by is what had been silent: 300 ms and what passed before the tone came.
  const silent = (packet.timestamp - a.peer.arrived[before]!.timestamp) / 8
  assert.ok(silent < 500 + a.peer.stoodStillMs, `${silent} ms of silence before it`)
  await a.peer[Symbol.asyncDispose]()
})
