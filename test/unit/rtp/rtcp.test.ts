/** RTCP as others read it and as we read others: werift-rtp is the judge. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  RtcpPacketConverter,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
} from 'werift-rtp'
import { compactNtp, readReports, writeReports } from '../../../src/rtp/rtcp.ts'

const block = {
  ssrc: 0xcafe,
  fraction: 64,
  lost: 7,
  highest: 0x10005,
  jitter: 33,
  lastReport: 0x12345678,
  delay: 0x8000,
}

test('a sender report with block and CNAME reads back as written', () => {
  const time = 1_700_000_000_500
  const packet = writeReports(
    0xbeef,
    'leg@127.0.0.1',
    { time, timestamp: 4000, packets: 10, octets: 1600 },
    block,
    false,
  )
  const [report, description] = RtcpPacketConverter.deSerialize(Buffer.from(packet))
  assert.ok(report instanceof RtcpSrPacket)
  assert.equal(report.ssrc, 0xbeef)
  assert.equal(report.senderInfo.packetCount, 10)
  assert.equal(report.senderInfo.octetCount, 1600)
  assert.equal(report.senderInfo.rtpTimestamp, 4000)
  assert.equal(Number(report.senderInfo.ntpTimestamp >> 32n), 1_700_000_000 + 2208988800)
  assert.equal(report.reports[0]?.fractionLost, 64)
  assert.equal(report.reports[0]?.packetsLost, 7)
  assert.equal(report.reports[0]?.highestSequence, 0x10005)
  assert.equal(report.reports[0]?.jitter, 33)
  assert.ok(description instanceof RtcpSourceDescriptionPacket)
  assert.equal(description.chunks[0]?.items[0]?.text, 'leg@127.0.0.1')
})

test('a receiver report of another writer gives its blocks', () => {
  const written = new RtcpRrPacket({
    ssrc: 5,
    reports: [
      new RtcpReceiverInfo({
        ssrc: 0xcafe,
        fractionLost: 12,
        packetsLost: 3,
        highestSequence: 99,
        jitter: 8,
        lsr: 1,
        dlsr: 2,
      }),
    ],
  }).serialize()
  assert.deepEqual(readReports(written), {
    senderTime: undefined,
    sender: undefined,
    voip: undefined,
    senderSsrc: 5,
    blocks: [
      { ssrc: 0xcafe, fraction: 12, lost: 3, highest: 99, jitter: 8, lastReport: 1, delay: 2 },
    ],
    bye: false,
  })
})

test('our own packets read back, the time of the sender report in the middle 32 bits', () => {
  const time = 1_700_000_123_250
  const info = { time, timestamp: 1, packets: 1, octets: 1 }
  const reports = readReports(writeReports(1, 'x', info, block, true))
  assert.ok(reports)
  assert.ok(Math.abs((reports.senderTime ?? 0) - compactNtp(time)) <= 1)
  assert.deepEqual(reports.blocks, [block])
  assert.equal(reports.bye, true)
})

test('nonsense is no report, and throws nothing (RFC 3550 A.2)', () => {
  const good = writeReports(1, 'name', undefined, block, true)
  for (let length = 0; length < good.length; length++) readReports(good.subarray(0, length))
  assert.equal(readReports(good.subarray(0, good.length - 1)), undefined)
  assert.equal(readReports(Buffer.from('not a report at all, really')), undefined)
  assert.equal(readReports(Uint8Array.of(0x81, 201, 0xff, 0xff, 0, 0, 0, 0)), undefined)
})

/** An extended report (RFC 3611): a block of another kind, then VoIP metrics. */
function extended(mosListening: number): Buffer {
  const packet = Buffer.alloc(8 + 12 + 36)
  packet.set([0x80, 207])
  packet.writeUInt16BE(packet.length / 4 - 1, 2)
  packet.writeUInt32BE(5, 4)
  packet.set([4, 0, 0, 2], 8)
  packet.set([7, 0, 0, 8], 20)
  packet.writeUInt32BE(0xcafe, 24)
  packet.set([26, 13], 28)
  packet.set([mosListening, 127], 46)
  packet.writeUInt16BE(60, 50)
  return packet
}

test('VoIP metrics of an extended report are read behind the report that it goes with', () => {
  const first = writeReports(5, 'phone', undefined, block, false)
  const reports = readReports(Buffer.concat([first, extended(41)]))
  assert.deepEqual(reports?.voip, {
    ssrc: 0xcafe,
    loss: 26 / 256,
    discarded: 13 / 256,
    mosListening: 4.1,
    mosConversation: null,
    buffer: 60,
  })
  assert.equal(readReports(Buffer.concat([first, extended(127)]))?.voip?.mosListening, null)
  const cut = extended(41)
  cut.writeUInt16BE(200, 22)
  assert.equal(readReports(Buffer.concat([first, cut]))?.voip, undefined)
})
