import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framed, longestFrame, TcpFrames } from '../../../src/webrtc/tcp-frames.ts'
import { randomFrom } from '../../support/mutate.ts'

/** What comes of chunks; undefined: the connection is of no use any more. */
function read(chunks: readonly Buffer[], frames = new TcpFrames()): string[] | undefined {
  const packets: string[] = []
  for (const chunk of chunks) {
    const take = (packet: Buffer) => packets.push(packet.toString('hex')) > 0
    if (!frames.push(chunk, take)) return undefined
  }
  return packets
}

const packets = ['01', '0203', '04'.repeat(300), '05'.repeat(longestFrame), '06'.repeat(20)]
const stream = Buffer.concat(packets.map((hex) => framed(Buffer.from(hex, 'hex'))))

test('a packet goes behind its length in two octets (RFC 4571 section 2)', () => {
  assert.equal(framed(Buffer.from([9, 8, 7])).toString('hex'), '0003090807')
})

test('packets are found again however the stream is cut', () => {
  assert.deepEqual(read([stream]), packets)
  for (let at = 0; at < 700; at++)
    assert.deepEqual(read([stream.subarray(0, at), stream.subarray(at)]), packets)
  assert.deepEqual(read(Array.from(stream, (_, at) => stream.subarray(at, at + 1))), packets)
})

test('an empty frame is no packet: it only keeps the connection open', () => {
  const empty = Buffer.alloc(2)
  assert.deepEqual(read([empty, empty.subarray(1), empty.subarray(1), stream]), packets)
  assert.deepEqual(read([Buffer.concat([empty, stream, empty])]), packets)
})

test('a length that no packet has ends the connection, whole or cut', () => {
  const long = Buffer.alloc(2 + longestFrame + 1)
  long.writeUInt16BE(longestFrame + 1, 0)
  assert.equal(read([long]), undefined)
  assert.equal(read([long.subarray(0, 2)]), undefined)
  assert.equal(read([long.subarray(0, 1), long.subarray(1, 2)]), undefined)
})

test('whoever takes a packet may end it: what comes behind is left', () => {
  const taken: number[] = []
  const take = (packet: Buffer) => taken.push(packet.length) < 2
  assert.equal(new TcpFrames().push(stream, take), true)
  assert.deepEqual(taken, [1, 2])
})

test('nonsense in any pieces never throws, and never gives a packet that is too long', () => {
  const random = randomFrom(4571)
  for (let round = 0; round < 300; round++) {
    const frames = new TcpFrames()
    for (let i = 0; i < 40; i++) {
      const chunk = Buffer.from(Array.from({ length: random(400) }, () => random(256)))
      // Most lengths are such as there may be, or the first would be the last.
      if (random(3) > 0 && chunk.length > 0) chunk[0] = random(2)
      const isGood = frames.push(chunk, (packet) => {
        assert.ok(packet.length > 0 && packet.length <= longestFrame)
        return true
      })
      if (!isGood) break
    }
  }
})
