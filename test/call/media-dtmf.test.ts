/** Digits through the engine: received, sent, passed over a bridge; none lost, none doubled. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaLeg } from '../../src/media/engine.ts'
import { EventReceiver, eventOf } from '../../src/rtp/telephone-event.ts'
import { amplitudeAt } from '../support/levels.ts'
import { digitsOf, next, pcma, phone, settled, startEngine } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'

const twenty = '1234567890*#ABCD1155'

/** Resolves when so many digits were told. */
async function told(leg: MediaLeg, digits: readonly unknown[], count: number): Promise<void> {
  while (digits.length < count) await next(leg, 'dtmf')
}

/** What a phone makes of the events that it got. */
function receivedBy(peer: RtpPeer): { digit: string; duration: number }[] {
  const receiver = new EventReceiver()
  return peer.arrived
    .filter(({ payloadType }) => payloadType === 101)
    .flatMap(({ payload, timestamp, at }) => [...receiver.packet(payload, 0, timestamp, 8000, at)])
}

test('twenty digits on a bad line arrive once each, in order', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const digits = digitsOf(a.leg)
  await settled(a.leg)
  for (const [index, digit] of [...twenty].entries()) {
    const begin = a.peer.sequence
    const packets: Buffer[] = []
    const send = a.peer.send
    a.peer.send = async (packet) => void packets.push(Buffer.from(packet))
    for (let step = 1; step <= 5; step++)
      await a.peer.event(eventOf(digit), false, step * 160, 101, step === 1)
    for (let end = 0; end < 3; end++) await a.peer.event(eventOf(digit), true, 800)
    a.peer.send = send
    assert.equal((a.peer.sequence - begin) & 0xffff, 8)
    // By turns: two end packets lost, all lost, the order of neighbours changed, everything twice.
    const trouble = index % 4
    const line =
      trouble === 0
        ? packets.slice(0, 6)
        : trouble === 1
          ? packets.slice(0, 5)
          : trouble === 2
            ? packets.map((_, i) => packets[i ^ 1]!)
            : packets.flatMap((packet) => [packet, packet])
    for (const packet of line) await a.peer.send(packet)
    a.peer.timestamp += 1600
  }
  await told(a.leg, digits, twenty.length)
  await settled(a.leg)
  assert.equal(digits.map(({ digit }) => digit).join(''), twenty)
  assert.ok(digits.every(({ duration, source }) => duration === 800 && source === 'RTP'))
  await a.peer[Symbol.asyncDispose]()
})

test('a queue of digits with a pause goes out as events', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  await settled(a.leg)
  a.leg.sendDtmf('15w#', 100)
  while (receivedBy(a.peer).length < 3) await a.peer.until(a.peer.arrived.length + 1)
  const digits = receivedBy(a.peer)
  assert.deepEqual(
    digits,
    ['1', '5', '#'].map((digit) => ({ digit, duration: 800 })),
  )
  const timestamps = new Set(a.peer.arrived.map(({ timestamp }) => timestamp))
  assert.equal(timestamps.size, 3, 'the timestamp stands still within a digit')
  const markers = a.peer.arrived.filter(({ marker }) => marker)
  assert.equal(markers.length, 3, 'the first packet of each digit has the marker')
  const [, second, third] = markers
  // By the sender's clock, which makes up for three ticks at once at the most: what is read late was not sent late.
  const pause = (third!.timestamp - second!.timestamp) / 8
  assert.ok(pause > 500, `w waits half a second: ${pause} ms`)
  await a.peer[Symbol.asyncDispose]()
})

test('where no events were agreed the digit is a tone in the sound', async () => {
  await using engine = await startEngine()
  const a = await phone(engine, { eventSend: undefined })
  await settled(a.leg)
  a.leg.sendDtmf('5', 200)
  await a.peer.until(10)
  const heard = a.peer.heard().subarray(0, 1600)
  assert.ok(amplitudeAt(heard, 770, 8000) > 3000)
  assert.ok(amplitudeAt(heard, 1336, 8000) > 3000)
  await a.peer[Symbol.asyncDispose]()
})

for (const [name, more] of [
  ['a relayed', {}],
  ['a transcoded', { send: pcma, receive: [pcma] }],
] as const) {
  test(`digits pass over ${name} bridge among the sound`, async () => {
    await using engine = await startEngine()
    const a = await phone(engine)
    const b = await phone(engine, more, a.leg)
    const digits = digitsOf(a.leg)
    a.leg.bridge(b.leg)
    await settled(a.leg, b.leg)
    for (const digit of '42#') {
      await a.peer.tone(440, 5)
      for (let step = 1; step <= 4; step++)
        await a.peer.event(eventOf(digit), false, step * 160, 101, step === 1)
      for (let end = 0; end < 3; end++) await a.peer.event(eventOf(digit), true, 640)
      a.peer.timestamp += 800
    }
    await a.peer.tone(440, 5)
    await told(a.leg, digits, 3)
    await b.peer.until(15 + 21 + 4)
    assert.deepEqual(
      receivedBy(b.peer),
      ['4', '2', '#'].map((digit) => ({ digit, duration: 640 })),
    )
    const sequences = b.peer.arrived.map(({ sequence }) => sequence)
    assert.equal(new Set(sequences).size, sequences.length, 'no number twice')
    await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
  })
}

test('digits that are not to pass are told and swallowed', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, {}, a.leg)
  const digits = digitsOf(a.leg)
  a.leg.bridge(b.leg)
  a.leg.passDtmf(false)
  await settled(a.leg, b.leg)
  for (let end = 0; end < 3; end++) await a.peer.event(7, true, 800)
  await told(a.leg, digits, 1)
  await a.peer.tone(440, 5)
  await b.peer.until(5)
  assert.equal(receivedBy(b.peer).length, 0)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('a digit becomes tones where the other side agreed to no events', async () => {
  await using engine = await startEngine()
  const a = await phone(engine)
  const b = await phone(engine, { eventSend: undefined, eventReceive: undefined }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  for (let end = 0; end < 3; end++) await a.peer.event(9, true, 1600)
  await b.peer.until(10)
  const heard = b.peer.heard().subarray(0, 1500)
  assert.ok(amplitudeAt(heard, 1477, 8000) > 3000)
  await Promise.all([a.peer[Symbol.asyncDispose](), b.peer[Symbol.asyncDispose]()])
})

test('digits sent into a loop come out of its other end, and go on over its bridge', async () => {
  await using engine = await startEngine()
  const [left, right] = engine.openLoop('left', 'right')
  const b = await phone(engine, {}, left)
  const digits = digitsOf(right)
  right.bridge(b.leg)
  await settled(left, right, b.leg)
  left.sendDtmf('19', 100)
  await told(right, digits, 2)
  assert.deepEqual(
    digits.map(({ digit, duration }) => [digit, duration]),
    [
      ['1', 800],
      ['9', 800],
    ],
  )
  while (receivedBy(b.peer).length < 2) await b.peer.until(b.peer.arrived.length + 1)
  assert.deepEqual(
    receivedBy(b.peer).map(({ digit }) => digit),
    ['1', '9'],
  )
  await b.peer[Symbol.asyncDispose]()
})
