import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SrtpReceiver, SrtpSender, srtpTransform } from '../../../src/rtp/srtp.ts'
import { type SrtpSuiteName, srtpSuites } from '../../../src/rtp/srtp-suite.ts'
import { mutated, randomFrom } from '../../support/mutate.ts'

const signed = (Object.keys(srtpSuites) as SrtpSuiteName[]).filter(
  (name) => srtpSuites[name].tagLength >= 8,
)

function soundPacket(sequence: number): Buffer {
  const packet = Buffer.alloc(172 + 40)
  packet[0] = 0x80
  packet.writeUInt16BE(sequence, 2)
  packet.writeUInt32BE(0x1234, 8)
  return packet
}

test('wrong packets of SRTP and SRTCP open nothing, keep nothing, and those that are right still open', () => {
  const random = randomFrom(20260303)
  for (const suite of signed) {
    const { keyLength, saltLength } = srtpSuites[suite]
    const key = new Uint8Array(keyLength + saltLength).fill(9)
    const sender = new SrtpSender(srtpTransform(suite, key))
    const receiver = new SrtpReceiver(srtpTransform(suite, key))
    for (let round = 0; round < 150; round++) {
      const packet = soundPacket(round)
      const sealed = packet.subarray(0, sender.protect(packet, 172, packet))
      const report = Buffer.alloc(100)
      report.set([0x80, 201, 0, 1, 0, 0, 0x12, 0x34])
      const sealedReport = report.subarray(0, sender.protectRtcp(report, 8, report))
      for (let left = 0; left < 4; left++) {
        const wrong = mutated(sealed, random)
        if (!wrong.equals(sealed)) assert.ok(receiver.unprotect(wrong) < 0, wrong.toString('hex'))
        const wrongReport = mutated(sealedReport, random)
        if (!wrongReport.equals(sealedReport))
          assert.ok(receiver.unprotectRtcp(wrongReport) < 0, wrongReport.toString('hex'))
      }
      assert.equal(receiver.unprotect(Buffer.from(sealed)), 172)
      assert.equal(receiver.unprotectRtcp(Buffer.from(sealedReport)), 8)
      assert.ok(receiver.unprotect(Buffer.from(sealed)) < 0, 'a second time')
    }
    assert.equal(receiver.opened, 300)
  }
})
