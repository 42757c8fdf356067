/** Sound of any rate and any cut leaves a leg in whole packets of its packet time. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:dgram'
import { test } from 'node:test'
import { findCodec } from '../../../src/codecs/index.ts'
import { Encoder } from '../../../src/media/encoder.ts'
import type { LegCodec } from '../../../src/media/engine.ts'
import { Sender } from '../../../src/media/sender.ts'
import { headerLength, timestampOf } from '../../../src/rtp/packet.ts'
import { purity, toneFrom } from '../../support/tone.ts'

/** Packets that an encoder for `name` sends. */
function encoderOf(name: string, ptime: number, more: Partial<LegCodec> = {}) {
  const packets: Buffer[] = []
  const socket = { send: (packet: Buffer) => packets.push(Buffer.from(packet)) }
  const sender = new Sender(socket as unknown as Socket)
  sender.port = 4000
  const { clockRate } = findCodec(name, more.clockRate)!
  const encoder = Encoder.open(
    { name, clockRate, channels: 1, payloadType: 96, fmtp: '', ptime, ...more },
    sender,
  )
  assert.ok(encoder)
  return { encoder, packets }
}

/** All that the packets sound like. */
function heard(name: string, packets: readonly Buffer[], clockRate?: number): Int16Array {
  const coder = findCodec(name, clockRate)!.open('')
  const all: number[] = []
  const room = new Int16Array(5760)
  for (const packet of packets)
    all.push(...room.subarray(0, coder.decode(packet.subarray(headerLength), room)))
  return Int16Array.from(all)
}

for (const [from, to] of [
  [20, 30],
  [20, 40],
  [20, 60],
  [20, 10],
  [30, 20],
  [60, 40],
] as const) {
  test(`packets of ${from} ms go on as packets of ${to} ms without a break`, () => {
    for (const name of ['PCMU', 'G722', 'opus']) {
      const { encoder, packets } = encoderOf(name, to)
      const rate = findCodec(name)!.sampleRate
      const samples = (rate * from) / 1000
      const source = {}
      for (let i = 0; i < 1200 / from; i++)
        encoder.write(toneFrom(i * samples, 440, rate, samples), rate, source, i * from)
      assert.equal(packets.length, 1200 / to)
      const step = (findCodec(name)!.clockRate * to) / 1000
      for (const [i, packet] of packets.entries())
        if (i > 0) assert.equal((timestampOf(packet) - timestampOf(packets[i - 1]!)) >>> 0, step)
      assert.ok(purity(440, heard(name, packets).subarray(rate / 10), rate) > 0.98, name)
    }
  })
}

test('a pause in the middle of a packet takes as long as it takes', () => {
  const { encoder, packets } = encoderOf('PCMU', 30)
  const source = {}
  const frame = toneFrom(0, 440, 8000, 160)
  encoder.write(frame, 8000, source, 0)
  encoder.pause(5, source, 20)
  assert.equal(packets.length, 0, 'there is still room in the packet')
  encoder.pause(45, source, 25)
  assert.equal(packets.length, 1)
  assert.ok(packets[0]!.subarray(headerLength + 160).every((octet) => octet === 0xff))
  encoder.write(frame, 8000, source, 70)
  encoder.write(frame, 8000, source, 90)
  // 20 ms of sound and 50 ms of silence: 40 of these are in no packet.
  assert.equal((timestampOf(packets[1]!) - timestampOf(packets[0]!)) >>> 0, 560)
})

test('Opus takes sound at the rate that it has, and others are resampled', () => {
  for (const rate of [8000, 12000, 16000, 24000, 32000, 44100, 48000]) {
    const { encoder, packets } = encoderOf('opus', 20, { channels: 2 })
    const samples = rate / 50
    const source = {}
    for (let i = 0; i < 60; i++)
      encoder.write(toneFrom(i * samples, 1000, rate, samples), rate, source, i * 20)
    assert.ok(packets.length >= 59)
    const sound = heard('opus', packets).subarray(9600)
    assert.ok(purity(1000, sound, 48000) > 0.98, `${rate}: ${purity(1000, sound, 48000)}`)
    // RFC 6716 section 3.1: configurations below 4 are narrowband.
    assert.equal(packets[30]![headerLength]! >> 3 < 4, rate === 8000)
  }
})

test('a source of another rate begins anew in the same stream', () => {
  const { encoder, packets } = encoderOf('opus', 20)
  const [prompt, peer] = [{}, {}]
  for (let i = 0; i < 20; i++) {
    const rate = i < 10 ? 48000 : 8000
    const samples = rate / 50
    encoder.write(toneFrom(i * samples, 500, rate, samples), rate, i < 10 ? prompt : peer, i * 20)
  }
  assert.equal(packets.length, 20)
  const sound = heard('opus', packets)
  for (const from of [4800, 14400])
    assert.ok(purity(500, sound.subarray(from, from + 4800), 48000) > 0.9)
})

test('what the other side can make use of is the rate that sound is asked for at', () => {
  assert.equal(encoderOf('opus', 20, { fmtp: 'maxplaybackrate=16000' }).encoder.rate, 16000)
  assert.equal(encoderOf('opus', 20).encoder.rate, 48000)
  assert.equal(encoderOf('G722', 20).encoder.rate, 16000)
})
