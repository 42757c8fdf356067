/** Every codec on a leg, bridged with PCMU: the tone has to come through both ways; what is only passed on has to come unchanged. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findCodec } from '../../src/codecs/index.ts'
import type { LegSettings, MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import { codec, hasThreads, pcma, phone, settings, settled, startEngine } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'
import { purity } from '../support/tone.ts'

interface Party extends AsyncDisposable {
  readonly leg: MediaLeg
  readonly peer: RtpPeer
}

/** A leg and its phone, which goes when the test ends, however it ends. */
async function party(
  engine: MediaEngine,
  more: Partial<LegSettings> = {},
  near?: MediaLeg,
): Promise<Party> {
  const made = await phone(engine, more, near)
  return { ...made, [Symbol.asyncDispose]: () => made.peer[Symbol.asyncDispose]() }
}

const opus = codec('opus', 111, { clockRate: 48000, fmtp: 'useinbandfec=1;minptime=10' })

for (const [other, rate, floor] of [
  [opus, 48000, 0.97],
  [codec('GSM', 3), 8000, 0.9],
  [codec('G726-16', 112), 8000, 0.9],
  [codec('G726-32', 112), 8000, 0.97],
  [codec('AAL2-G726-40', 112), 8000, 0.97],
] as const) {
  test(`PCMU and ${other.name} are transcoded both ways`, async () => {
    await using engine = await startEngine()
    await using a = await party(engine)
    await using b = await party(engine, { send: other, receive: [other] }, a.leg)
    a.leg.bridge(b.leg)
    await settled(a.leg, b.leg)
    const { name, payloadType } = other
    await Promise.all([a.peer.tone(440, 50), b.peer.tone(620, 50, name, 20, payloadType)])
    await Promise.all([a.peer.until(49), b.peer.until(49)])
    const heard = b.peer.heard(name, payloadType)
    assert.ok(purity(440, heard.subarray(rate / 5), rate) > floor, 'there')
    assert.ok(purity(620, a.peer.heard().subarray(1600)) > floor, 'and back')
  })
}

test('between PCMU and PCMA each octet is looked up: numbers, gaps and lengths stay as they came', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  await using b = await party(engine, { send: pcma, receive: [pcma] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  const all = Uint8Array.from({ length: 256 }, (_, i) => i)
  await a.peer.packet(all, 0, 160)
  a.peer.sequence += 2
  a.peer.timestamp += 320
  await a.peer.packet(all.subarray(0, 80), 0, 160)
  await b.peer.until(2)
  const pcm = new Int16Array(256)
  const expected = new Uint8Array(256)
  findCodec('PCMU')!.open('').decode(all, pcm)
  findCodec('PCMA')!.open('').encode(pcm, expected)
  const [first, second] = b.peer.arrived
  assert.deepEqual(new Uint8Array(first!.payload), expected)
  assert.deepEqual(new Uint8Array(second!.payload), expected.subarray(0, 80))
  assert.deepEqual([first!.payloadType, second!.payloadType], [8, 8])
  assert.equal((second!.sequence - first!.sequence) & 0xffff, 3)
  assert.equal((second!.timestamp - first!.timestamp) >>> 0, 480)
})

test('a codec that gets another number keeps coming, under that number', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  await using b = await party(engine, { send: opus, receive: [opus] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 5)
  await b.peer.until(4)
  assert.equal(b.peer.arrived.at(-1)?.payloadType, 111)
  const renumbered = { ...opus, payloadType: 102 }
  b.leg.configure(settings(b.peer.port, { send: renumbered, receive: [renumbered] }))
  await settled(b.leg)
  const before = b.peer.arrived.length
  await a.peer.tone(440, 50)
  await b.peer.until(before + 49)
  assert.equal(b.peer.arrived.at(-1)?.payloadType, 102)
  assert.ok(purity(440, b.peer.heard('opus', 102).subarray(48000 / 5), 48000) > 0.97)
})

test('a lost packet of Opus is filled from what the next one carries', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  await using b = await party(engine, { send: opus, receive: [opus] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  for (let i = 0; i < 10; i++) {
    await b.peer.tone(620, 5, 'opus', 20, 111)
    // The sixth is never sent: its number and time pass.
    b.peer.sequence = (b.peer.sequence + 1) & 0xffff
    b.peer.timestamp += 960
  }
  await b.peer.tone(620, 1, 'opus', 20, 111)
  await a.peer.until(60)
  assert.ok(a.peer.heard().length >= 60 * 160)
})

test('G729 passes between two that speak it, and comes to nothing between it and PCMU', async () => {
  await using engine = await startEngine()
  const g729 = codec('G729', 18)
  await using a = await party(engine, { send: g729, receive: [g729] })
  await using b = await party(engine, { send: g729, receive: [g729] }, a.leg)
  await using c = await party(engine)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg, c.leg)
  const said = Array.from({ length: 5 }, (_, i) => new Uint8Array(20).fill(i + 1))
  for (const payload of said) await a.peer.packet(payload, 18, 160)
  await b.peer.until(5)
  assert.deepEqual(
    b.peer.arrived.map(({ payload }) => new Uint8Array(payload)),
    said,
  )
  a.leg.bridge(c.leg)
  await settled(a.leg, c.leg)
  for (const payload of said) await a.peer.packet(payload, 18, 160)
  await c.peer.tone(440, 5, 'PCMU', 0)
  await settled(a.leg, c.leg)
  assert.deepEqual([a.peer.arrived.length, c.peer.arrived.length], [0, 0])
})

test('two threads that code Opus at once do not disturb each other', async (t) => {
  if (!hasThreads) return t.skip('run from the sources there is one thread')
  await using engine = await startEngine({ workers: 2 })
  const calls = await Promise.all(
    [440, 620, 710, 330].map(async (tone) => {
      const a = await party(engine)
      const b = await party(engine, { send: opus, receive: [opus] }, a.leg)
      a.leg.bridge(b.leg)
      await settled(a.leg, b.leg)
      return { a, b, tone }
    }),
  )
  await Promise.all(calls.map(({ a, tone }) => a.peer.tone(tone, 60)))
  await Promise.all(calls.map(({ b }) => b.peer.until(59)))
  for (const { a, b, tone } of calls) {
    const heard = b.peer.heard('opus', 111).subarray(9600)
    await a[Symbol.asyncDispose]()
    await b[Symbol.asyncDispose]()
    assert.ok(purity(tone, heard, 48000) > 0.97, `${tone}`)
  }
})
