/** The RTP header in place (RFC 3550 5.1). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  isRtcp,
  isRtp,
  markerOf,
  payloadEnd,
  payloadStart,
  payloadTypeOf,
  sequenceGap,
  sequenceOf,
  ssrcOf,
  timestampGap,
  timestampOf,
  writeHeader,
} from '../../../src/rtp/packet.ts'

test('a header reads back as written', () => {
  const packet = new Uint8Array(20)
  writeHeader(packet, true, 101, 65535, 0xfffffff0, 0x89abcdef)
  assert.ok(isRtp(packet))
  assert.equal(markerOf(packet), true)
  assert.equal(payloadTypeOf(packet), 101)
  assert.equal(sequenceOf(packet), 65535)
  assert.equal(timestampOf(packet), 0xfffffff0)
  assert.equal(ssrcOf(packet), 0x89abcdef)
  assert.equal(payloadStart(packet), 12)
})

test('CSRC list and extension stand before the payload (RFC 3550 5.3.1)', () => {
  const packet = new Uint8Array(40)
  packet[0] = 0x80 | 0x10 | 2
  packet[23] = 1 // the extension's length in words: 12 + 8 is its head
  assert.equal(payloadStart(packet), 12 + 8 + 4 + 4)
  packet[23] = 50
  assert.equal(payloadStart(packet), -1)
})

test('padding is cut off, nonsense padding refused', () => {
  const packet = new Uint8Array(20)
  packet[0] = 0xa0
  packet[19] = 4
  assert.equal(payloadEnd(packet, 12), 16)
  packet[19] = 9
  assert.equal(payloadEnd(packet, 12), -1)
  packet[19] = 0
  assert.equal(payloadEnd(packet, 12), -1)
})

test('what is too short or of another version is no RTP', () => {
  assert.equal(isRtp(new Uint8Array(11).fill(0x80)), false)
  assert.equal(isRtp(new Uint8Array(12)), false)
})

test('packet types 192 to 223 are RTCP on a shared port (RFC 5761 4)', () => {
  const packet = new Uint8Array(8)
  packet[0] = 0x80
  packet[1] = 200
  assert.equal(isRtcp(packet), true)
  packet[1] = 0x80 | 8
  assert.equal(isRtcp(packet), false)
})

test('gaps wrap', () => {
  assert.equal(sequenceGap(2, 65534), 4)
  assert.equal(sequenceGap(65534, 2), -4)
  assert.equal(timestampGap(100, 0xffffff9c), 200)
})
