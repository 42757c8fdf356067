/** The outgoing stream goes on without a break whatever it is made from. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:dgram'
import { test } from 'node:test'
import { Sender } from '../../../src/media/sender.ts'
import {
  markerOf,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
  writeHeader,
} from '../../../src/rtp/packet.ts'

interface Out {
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly ssrc: number
  readonly type: number
}

function setUp() {
  const out: Out[] = []
  const socket = {
    send(packet: Buffer) {
      out.push({
        sequence: sequenceOf(packet),
        timestamp: timestampOf(packet),
        marker: markerOf(packet),
        ssrc: ssrcOf(packet),
        type: payloadTypeOf(packet),
      })
    },
  } as unknown as Socket
  const sender = new Sender(socket)
  sender.address = '127.0.0.1'
  sender.port = 9
  return { out, sender }
}

function incoming(sequence: number, timestamp: number, ssrc = 7): Buffer {
  const packet = Buffer.alloc(172)
  writeHeader(packet, false, 0, sequence & 0xffff, timestamp >>> 0, ssrc)
  return packet
}

const source = {}
const gaps = (out: readonly Out[], key: 'sequence' | 'timestamp', mask: number) =>
  out.slice(1).map((packet, index) => (packet[key] - out[index]![key]) & mask)

test('relayed packets keep their gaps and get our SSRC and payload type', () => {
  const { out, sender } = setUp()
  for (const i of [0, 1, 3, 2, 4])
    sender.relay(incoming(65534 + i, 5000 + i * 160), source, 7, 96, false, i * 20)
  assert.deepEqual(gaps(out, 'sequence', 0xffff), [1, 2, 0xffff, 2])
  assert.deepEqual(gaps(out, 'timestamp', 0xfffff), [160, 320, 0xfffff - 159, 320])
  assert.ok(out.every(({ ssrc, type }) => ssrc === sender.ssrc && type === 96))
  assert.deepEqual(
    out.map(({ marker }) => marker),
    [true, false, false, false, false],
  )
})

test('bridge, play and bridge again are one stream', () => {
  const { out, sender } = setUp()
  for (let i = 0; i < 3; i++) sender.relay(incoming(9 + i, i * 160), source, 7, 0, false, i * 20)
  const player = {}
  const frame = Buffer.alloc(172)
  for (let i = 3; i < 6; i++) sender.frame(frame, player, 0, 160, i * 20)
  for (let i = 6; i < 9; i++)
    sender.relay(incoming(40000 + i, 777777 + i * 160), source, 7, 0, false, i * 20)
  assert.deepEqual(new Set(gaps(out, 'sequence', 0xffff)), new Set([1]))
  assert.deepEqual(new Set(gaps(out, 'timestamp', 0xffffffff)), new Set([160]))
  assert.deepEqual(
    out.flatMap(({ marker }, index) => (marker ? [index] : [])),
    [0, 3, 6],
  )
})

test('a pause between two sources is a pause in the timestamps', () => {
  const { out, sender } = setUp()
  sender.frame(Buffer.alloc(172), {}, 0, 160, 0)
  sender.frame(Buffer.alloc(172), {}, 0, 160, 1000)
  assert.deepEqual(gaps(out, 'timestamp', 0xffffffff), [8000])
})

test('another SSRC begins a talkspurt behind the last packet', () => {
  const { out, sender } = setUp()
  sender.relay(incoming(1, 100, 7), source, 7, 0, false, 0)
  sender.relay(incoming(30000, 999999, 8), source, 8, 0, true, 20)
  assert.deepEqual(gaps(out, 'sequence', 0xffff), [1])
  assert.deepEqual(gaps(out, 'timestamp', 0xffffffff), [160])
  assert.equal(out[1]?.marker, true)
})

test('a timestamp that jumps by minutes is put right, a pause of minutes is kept', () => {
  const { out, sender } = setUp()
  sender.relay(incoming(1, 1000), source, 7, 0, false, 0)
  sender.relay(incoming(2, 5_000_000), source, 7, 0, false, 20)
  sender.relay(incoming(3, 5_000_160), source, 7, 0, false, 40)
  assert.deepEqual(gaps(out, 'timestamp', 0xffffffff), [160, 160])
  sender.relay(incoming(4, 5_000_160 + 480_000), source, 7, 0, false, 60_040)
  assert.equal(gaps(out, 'timestamp', 0xffffffff)[2], 480_000)
})

test('a packet from before the source changed has no place any more', () => {
  const { out, sender } = setUp()
  sender.relay(incoming(50, 1000), source, 7, 0, false, 0)
  assert.equal(sender.relay(incoming(48, 680), source, 7, 0, false, 5), false)
  assert.equal(out.length, 1)
})
