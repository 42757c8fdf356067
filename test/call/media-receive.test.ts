/** What a leg makes of parties that do not send an even stream of what was agreed: noise, silence, other lengths, ICE. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { findCodec } from '../../src/codecs/index.ts'
import type { LegSettings, MediaLeg } from '../../src/media/engine.ts'
import { readBindingResponse } from '../../src/net/stun-client.ts'
import { levelOf } from '../support/levels.ts'
import { codec, next, pcmu, phone, settings, settled, startEngine } from '../support/media.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

const g722 = codec('G722', 9)
type Engine = Awaited<ReturnType<typeof startEngine>>

async function party(engine: Engine, more: Partial<LegSettings> = {}, near?: MediaLeg) {
  const made = await phone(engine, more, near)
  return { ...made, [Symbol.asyncDispose]: () => made.peer[Symbol.asyncDispose]() }
}

/** Packets of silence in PCMU, 20 ms apart. */
async function silence(peer: RtpPeer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await peer.packet(new Uint8Array(160).fill(255), 0, 160)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('comfort noise that a party describes passes to one that takes it', async () => {
  await using engine = await startEngine()
  await using a = await party(engine, { comfortNoise: 13 })
  await using b = await party(engine, { comfortNoise: 13 }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 5)
  await a.peer.packet(Uint8Array.of(45), 13, 160)
  await b.peer.until(6)
  const last = b.peer.arrived.at(-1)!
  assert.equal(last.payloadType, 13)
  assert.deepEqual([...last.payload], [45])
  assert.equal((await b.leg.stats()).out.cngPackets, 1)
  assert.equal((await a.leg.stats()).in.cngPackets, 1)
})

test('it is made where the other party takes none, until the party speaks again', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  await using b = await party(engine, { send: g722, receive: [g722] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 10)
  await a.peer.packet(Uint8Array.of(40), 13, 160)
  // Ten of the tone, then the noise that fades in.
  await b.peer.until(35)
  const noise = b.peer.heard('G722', undefined, 15)
  // 40 dB below the overload of 32767.
  const level = levelOf(noise)
  assert.ok(level > 200 && level < 500, `level ${level}`)
  a.peer.timestamp += 160 * 20
  await a.peer.tone(440, 20)
  const share = () => purity(440, b.peer.heard('G722').slice(-8 * 320), 16000)
  await until(() => share() > 0.95, 'the tone alone', share)
  const steps = b.peer.arrived
    .slice(1)
    .map(({ timestamp }, i) => (timestamp - b.peer.arrived[i]!.timestamp) | 0)
  assert.ok(
    steps.every((step) => step > 0),
    `time never goes backwards: ${steps}`,
  )
})

test('silence is described instead of sent, and speech begins with the marker', async () => {
  await using engine = await startEngine()
  await using a = await party(engine, {
    send: g722,
    receive: [g722],
    comfortNoise: 13,
    suppressesSilence: true,
  })
  await using b = await party(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await b.peer.tone(440, 20)
  await silence(b.peer, 60)
  await until(async () => (await b.leg.stats()).in.packets === 80, 'all to be read')
  await a.peer.drained()
  const sound = () => a.peer.arrived.filter(({ payloadType }) => payloadType === 9)
  const noise = () => a.peer.arrived.filter(({ payloadType }) => payloadType === 13)
  const quiet = sound().length
  assert.ok(quiet < 66, `${quiet} packets of sound`)
  assert.ok(noise().length >= 1 && noise().length <= 3, `${noise().length} of noise`)
  await b.peer.tone(440, 10)
  await a.peer.until(quiet + noise().length + 8)
  assert.ok(sound()[quiet]?.marker)
})

test('a party whose packets are longer than it said gets such, and the other what was agreed', async () => {
  await using engine = await startEngine()
  await using a = await party(engine, { fixesTiming: true })
  await using b = await party(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  const coder = findCodec('PCMU')!.open('')
  const octets = new Uint8Array(240)
  for (let i = 0; i < 20; i++) {
    coder.encode(new Int16Array(240).fill(1000), octets)
    await a.peer.packet(octets, 0, 240)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  await until(async () => (await a.leg.stats()).in.packets === 20, 'all to be read')
  await b.peer.tone(440, 15)
  await a.peer.until(8)
  assert.ok(a.peer.arrived.slice(-5).every(({ payload }) => payload.length === 240))
  assert.ok(b.peer.arrived.slice(-10).every(({ payload }) => payload.length === 160))
})

test('ICE: checks are answered on the media port, and the nominated address gets the sound', async () => {
  await using engine = await startEngine()
  const ice = { ufrag: 'ours', password: 'a password of twenty-two', remoteUfrag: 'them' }
  await using a = await party(engine, { ice, latch: false })
  const elsewhere = await RtpPeer.open()
  elsewhere.target = a.leg.localPort
  await settled(a.leg)
  const check = (password: string, nominates: boolean): Buffer => {
    const name = Buffer.from('ours:them\0\0\0')
    const attributes = [
      Buffer.from([0, 6, 0, 9]),
      name,
      Buffer.from('802a00080102030405060708', 'hex'),
    ]
    if (nominates) attributes.push(Buffer.from('00250000', 'hex'))
    const head = Buffer.from('000100002112a442000102030405060708090a0b', 'hex')
    const text = Buffer.concat([head, ...attributes])
    text.writeUInt16BE(text.length - 20 + 24, 2)
    const integrity = createHmac('sha1', password).update(text).digest()
    return Buffer.concat([text, Buffer.from('00080014', 'hex'), integrity])
  }
  await elsewhere.send(check('wrong', true))
  const request = check(ice.password, true)
  const latched = next(a.leg, 'latched')
  await elsewhere.send(request)
  assert.deepEqual(await latched, { address: '127.0.0.1', port: elsewhere.port })
  await until(() => elsewhere.others.length >= 2, 'both answers')
  const [refused, good] = elsewhere.others
  assert.equal(refused!.readUInt16BE(0), 0x0111)
  assert.deepEqual(readBindingResponse(good!, request), {
    address: '127.0.0.1',
    port: elsewhere.port,
  })
  a.leg.play({ paths: ['tone_stream://%(500,0,440)'] })
  await elsewhere.until(10)
  assert.equal(a.peer.arrived.length, 0)
  await elsewhere[Symbol.asyncDispose]()
})

test('a changed SSRC and a jump of the timestamps leave no hole in what the other hears', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  await using b = await party(engine, { send: g722, receive: [g722] }, a.leg)
  a.leg.jitterBuffer({ order: '60', inBridge: true, conceals: true })
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  const began = performance.now()
  await a.peer.tone(440, 30)
  a.peer.ssrc = 0x2000
  a.peer.sequence = 60_000
  a.peer.timestamp = 4_000_000_000
  await a.peer.tone(440, 30)
  a.peer.timestamp = (a.peer.timestamp + 8000 * 500) >>> 0
  await a.peer.tone(440, 30)
  await until(async () => (await a.leg.stats()).in.packets === 90, 'all to be read')
  await b.peer.until(45)
  await b.peer.drained()
  const { arrived } = b.peer
  const last = arrived.at(-1)!
  const spread = (last.timestamp - arrived[0]!.timestamp) / 8
  const lasted = performance.now() - began
  assert.ok(spread < lasted + 800, `${spread} ms of timestamps in ${lasted}`)
  const heard = b.peer.heard('G722')
  let quiet = 0
  for (let at = 0; at + 320 <= heard.length; at += 320)
    if (levelOf(heard, at, at + 320) < 500) quiet++
  const most = 12 + a.peer.stoodStillMs / 20
  assert.ok(quiet <= most, `${quiet} silent frames`)
})

test('without a packet for the time that was set the owner is told, in parts of a second, too', async () => {
  await using engine = await startEngine()
  await using a = await party(engine)
  a.leg.configure(settings(a.peer.port, { send: pcmu, timeoutSeconds: 0.4 }))
  assert.deepEqual(await next(a.leg, 'timeout'), { seconds: 0.4 })
})
