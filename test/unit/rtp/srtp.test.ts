/** SRTP as a stream of packets: counting, replay, refusals, and another implementation as the judge. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RtpHeader, SrtcpSession, SrtpSession } from 'werift-rtp'
import { headerLength, writeHeader } from '../../../src/rtp/packet.ts'
import { ReplayWindow } from '../../../src/rtp/replay-window.ts'
import { SrtpReceiver, SrtpSender, srtpRefusal, srtpTransform } from '../../../src/rtp/srtp.ts'
import { type SrtpSuiteName, srtpSuites } from '../../../src/rtp/srtp-suite.ts'

const names = Object.keys(srtpSuites) as SrtpSuiteName[]
const plainLength = headerLength + 160

function master(suite: SrtpSuiteName): Uint8Array {
  const { keyLength, saltLength } = srtpSuites[suite]
  return Uint8Array.from({ length: keyLength + saltLength }, (_, i) => (i * 37 + 5) & 0xff)
}

function pair(
  suite: SrtpSuiteName = 'AES_CM_128_HMAC_SHA1_80',
  mki?: Uint8Array,
): [SrtpSender, SrtpReceiver] {
  return [
    new SrtpSender(srtpTransform(suite, master(suite), mki)),
    new SrtpReceiver(srtpTransform(suite, master(suite), mki)),
  ]
}

function packetOf(sequence: number, ssrc = 0x12345678): Uint8Array {
  const packet = new Uint8Array(plainLength)
  writeHeader(packet, false, 0, sequence, sequence * 160, ssrc)
  for (let i = headerLength; i < plainLength; i++) packet[i] = i * sequence
  return packet
}

/** The sealed packet by itself. */
function sealed(sender: SrtpSender, sequence: number, ssrc?: number): Uint8Array {
  const into = new Uint8Array(plainLength + sender.overhead)
  assert.equal(
    sender.protect(packetOf(sequence, ssrc), plainLength, into),
    into.length,
    `packet ${sequence}`,
  )
  return into
}

const report = Buffer.from(
  '81c90007123456789abcdef001000002000300040000000500000006000700ff',
  'hex',
)

for (const suite of names) {
  test(`what ${suite} seals it opens, RTP and RTCP, with an MKI too`, () => {
    for (const mki of [undefined, Uint8Array.of(1, 2, 3, 4)]) {
      const [sender, receiver] = pair(suite, mki)
      for (const sequence of [1, 2, 3]) {
        const packet = sealed(sender, sequence)
        assert.equal(
          packet.length,
          plainLength + srtpSuites[suite].tagLength + (mki ? mki.length : 0),
        )
        assert.notDeepEqual(
          packet.subarray(headerLength, plainLength),
          packetOf(sequence).slice(12),
        )
        assert.equal(receiver.unprotect(packet), plainLength)
        assert.deepEqual(packet.subarray(0, plainLength), packetOf(sequence))
      }
      for (let i = 0; i < 3; i++) {
        const into = new Uint8Array(200)
        const length = sender.protectRtcp(report, report.length, into)
        assert.equal(length, report.length + sender.rtcpOverhead)
        assert.equal(receiver.unprotectRtcp(into, length), report.length)
        assert.deepEqual(Buffer.from(into.subarray(0, report.length)), report)
      }
      assert.equal(receiver.opened, 6)
    }
  })

  if (suite === 'AES_CM_128_NULL_AUTH') continue
  test(`a changed bit anywhere in a packet of ${suite} is found, and the packet left as it was`, () => {
    const [sender, receiver] = pair(suite)
    sealed(sender, 6)
    const packet = sealed(sender, 7)
    for (const at of [1, 2, 5, headerLength, plainLength - 1, plainLength, packet.length - 1]) {
      packet[at]! ^= 0x10
      const before = packet.slice()
      assert.equal(receiver.unprotect(packet), srtpRefusal.unauthentic, `octet ${at}`)
      assert.deepEqual(packet, before)
      packet[at]! ^= 0x10
    }
    assert.equal(receiver.unauthentic, 7)
    assert.equal(receiver.unprotect(packet), plainLength)
  })
}

test('a tag of 32 bits is for RTP alone: RTCP keeps 80 (RFC 4568 6.2.2)', () => {
  const [sender] = pair('AES_CM_128_HMAC_SHA1_32')
  assert.equal(sender.overhead, 4)
  assert.equal(sender.rtcpOverhead, 14)
})

for (const [suite, profile] of [
  ['AES_CM_128_HMAC_SHA1_80', 1],
  ['AEAD_AES_128_GCM', 7],
] as const) {
  test(`another implementation of ${suite} reads ours, and we read theirs`, () => {
    const key = Buffer.from(master(suite))
    const masterKey = key.subarray(0, 16)
    const salt = key.subarray(16)
    const keys = {
      localMasterKey: masterKey,
      localMasterSalt: salt,
      remoteMasterKey: masterKey,
      remoteMasterSalt: salt,
    }
    const other = new SrtpSession({ keys, profile })
    const [sender, receiver] = pair(suite)
    for (const sequence of [65534, 65535, 0, 1, 2]) {
      const ours = Buffer.from(sealed(sender, sequence))
      const read = other.decrypt(ours)
      assert.deepEqual(new Uint8Array(read), packetOf(sequence))
      const plain = Buffer.from(packetOf(sequence))
      const theirs = other.encrypt(plain.subarray(12), RtpHeader.deSerialize(plain))
      assert.equal(receiver.unprotect(theirs), plainLength)
      assert.deepEqual(new Uint8Array(theirs.subarray(0, plainLength)), packetOf(sequence))
    }
    const control = new SrtcpSession({ keys, profile })
    const into = Buffer.alloc(100)
    for (let i = 0; i < 3; i++) {
      const length = sender.protectRtcp(report, report.length, into)
      assert.deepEqual(control.decrypt(Buffer.from(into.subarray(0, length))), report)
      const theirs = control.encrypt(report)
      assert.equal(receiver.unprotectRtcp(theirs), report.length)
      assert.deepEqual(Buffer.from(theirs.subarray(0, report.length)), report)
    }
  })
}

test('header extension and CSRC list stay in the clear and are signed', () => {
  const [sender, receiver] = pair()
  const plain = packetOf(9)
  plain[0] = 0x91 // one CSRC, and an extension of one word behind it
  plain.set([0xbe, 0xde, 0, 1, 0x10, 0xff, 0, 0], 16)
  const packet = new Uint8Array(plainLength + 10)
  sender.protect(plain, plainLength, packet)
  assert.deepEqual(packet.subarray(0, 24), plain.subarray(0, 24))
  assert.notDeepEqual(packet.subarray(24, 40), plain.subarray(24, 40))
  packet[21]! ^= 1
  assert.equal(receiver.unprotect(packet), srtpRefusal.unauthentic)
  packet[21]! ^= 1
  assert.equal(receiver.unprotect(packet), plainLength)
  assert.deepEqual(packet.subarray(0, plainLength), plain)
})

test('the rollover counter follows wraps, loss and reordering (RFC 3711 3.3.1)', () => {
  const [sender, receiver] = pair()
  const packets: Uint8Array[] = []
  // A random walk over three wraps: every tenth packet swapped with its neighbour, every seventh lost.
  for (let i = 0; i < 200_000; i += 37) packets.push(sealed(sender, (60_000 + i) & 0xffff))
  for (let i = 10; i + 1 < packets.length; i += 10) {
    const [a, b] = [packets[i]!, packets[i + 1]!]
    packets[i] = b
    packets[i + 1] = a
  }
  packets.forEach((packet, i) => {
    if (i % 7 !== 3) assert.equal(receiver.unprotect(packet), plainLength, `packet ${i}`)
  })
})

test('a stream that starts just below the wrap is understood in whatever order its first packets come', () => {
  for (const order of [
    [65534, 65535, 0, 1],
    [65535, 65534, 1, 0],
    [0, 65534, 65535, 1],
    [1, 0, 2, 65535],
  ]) {
    const [sender, receiver] = pair()
    const packets = new Map([65534, 65535, 0, 1, 2].map((n) => [n, sealed(sender, n)]))
    for (const sequence of order) {
      assert.equal(receiver.unprotect(packets.get(sequence)!), plainLength, `${order}: ${sequence}`)
    }
  }
})

test('a packet is taken once (RFC 3711 3.3.2)', () => {
  const [sender, receiver] = pair()
  const packet = sealed(sender, 100)
  assert.equal(receiver.unprotect(packet.slice()), plainLength)
  assert.equal(receiver.unprotect(packet.slice()), srtpRefusal.replayed)
  const later = sealed(sender, 5000)
  const between = sealed(sender, 4990)
  assert.equal(receiver.unprotect(later), plainLength)
  assert.equal(receiver.unprotect(between.slice()), plainLength)
  assert.equal(receiver.unprotect(between.slice()), srtpRefusal.replayed)
  assert.equal(receiver.unprotect(packet.slice()), srtpRefusal.replayed, 'too old to tell')
  assert.equal(receiver.replayed, 3)
})

test('a forged packet moves neither window nor rollover counter', () => {
  const [sender, receiver] = pair()
  assert.equal(receiver.unprotect(sealed(sender, 100)), plainLength)
  const forged = packetOf(30_000)
  assert.equal(receiver.unprotect(forged), srtpRefusal.unauthentic)
  assert.equal(receiver.unprotect(sealed(sender, 101)), plainLength)
})

test('the window tells 64 packets apart at the least, over any jump', () => {
  const window = new ReplayWindow()
  const seen = new Set<number>()
  let highest = -1
  let random = 12345
  for (let i = 0; i < 20_000; i++) {
    random = (random * 1103515245 + 12345) & 0x7fffffff
    const index = Math.max(0, highest + (random % 97) - 60 + (random % 1000 === 0 ? 3000 : 0))
    if (highest - index <= 64) assert.equal(window.isReplayed(index), seen.has(index))
    if (window.isReplayed(index)) continue
    window.note(index)
    seen.add(index)
    highest = Math.max(highest, index)
  }
})

test('several sources under one key keep their own counts', () => {
  const [sender, receiver] = pair()
  for (const sequence of [65535, 0, 1]) {
    assert.equal(receiver.unprotect(sealed(sender, sequence, 1)), plainLength)
    assert.equal(receiver.unprotect(sealed(sender, sequence + 7, 2)), plainLength)
  }
})

test('a sender never uses a piece of its key stream twice', () => {
  const [sender] = pair()
  const into = new Uint8Array(200)
  assert.equal(sender.protect(packetOf(5), plainLength, into), 182)
  assert.equal(sender.protect(packetOf(5), plainLength, into), srtpRefusal.replayed)
})

test('what is too short or no RTP is refused with a reason, and nothing throws', () => {
  const [sender, receiver] = pair()
  assert.equal(receiver.unprotect(new Uint8Array(0)), srtpRefusal.short)
  assert.equal(receiver.unprotect(new Uint8Array(21).fill(0x80)), srtpRefusal.short)
  assert.equal(receiver.unprotect(new Uint8Array(100)), srtpRefusal.short)
  assert.equal(receiver.unprotect(packetOf(1), 5000), srtpRefusal.short)
  assert.equal(receiver.unprotectRtcp(new Uint8Array(21).fill(0x80)), srtpRefusal.short)
  const extended = packetOf(1)
  extended[0] = 0x90
  extended[14] = 0xff
  assert.equal(receiver.unprotect(extended), srtpRefusal.short)
  assert.equal(receiver.short, 6)
  assert.equal(
    sender.protect(packetOf(1), plainLength, new Uint8Array(plainLength)),
    srtpRefusal.room,
  )
  assert.equal(sender.protect(packetOf(1), 11, new Uint8Array(99)), srtpRefusal.short)
  assert.equal(sender.protectRtcp(report, report.length, new Uint8Array(40)), srtpRefusal.room)
})

test('RTCP is counted by its own index, and taken once', () => {
  const [sender, receiver] = pair()
  const packets = [0, 1, 2].map(() => {
    const into = new Uint8Array(report.length + sender.rtcpOverhead)
    sender.protectRtcp(report, report.length, into)
    return into
  })
  assert.deepEqual(
    packets.map((packet) => Buffer.from(packet).readUInt32BE(report.length)),
    [0x80000000, 0x80000001, 0x80000002],
  )
  assert.equal(receiver.unprotectRtcp(packets[2]!.slice()), report.length)
  assert.equal(receiver.unprotectRtcp(packets[0]!.slice()), report.length)
  assert.equal(receiver.unprotectRtcp(packets[2]!.slice()), srtpRefusal.replayed)
  packets[1]![20]! ^= 1
  assert.equal(receiver.unprotectRtcp(packets[1]!), srtpRefusal.unauthentic)
})

test('another key or another MKI is another stream', () => {
  const [sender] = pair('AES_CM_128_HMAC_SHA1_80', Uint8Array.of(1))
  const packet = sealed(sender, 1)
  const [, receiver] = pair('AES_CM_128_HMAC_SHA1_80', Uint8Array.of(2))
  assert.equal(receiver.unprotect(packet.slice()), srtpRefusal.unauthentic)
  const stranger = new SrtpReceiver(
    srtpTransform('AES_CM_128_HMAC_SHA1_80', new Uint8Array(30).fill(1), Uint8Array.of(1)),
  )
  assert.equal(stranger.unprotect(packet.slice()), srtpRefusal.unauthentic)
})

test('a key of the wrong length is refused by name and lengths', () => {
  assert.throws(() => srtpTransform('AEAD_AES_256_GCM', new Uint8Array(30)), {
    code: 'SRTP_BAD_KEY',
    message: 'AEAD_AES_256_GCM takes a key of 32 and a salt of 12 octets, not 30 together',
  })
})

test('after a change of key the rollover counter may begin anew or go on (RFC 3711 3.3.1)', () => {
  const suite = 'AES_CM_128_HMAC_SHA1_80'
  const [sender, old] = pair(suite)
  for (const sequence of [65534, 65535, 0, 1]) old.unprotect(sealed(sender, sequence))
  const key = master(suite).map((octet) => octet ^ 0xff)
  for (const roc of [0, 1]) {
    const receiver = new SrtpReceiver(srtpTransform(suite, key), old)
    const packet = new Uint8Array(plainLength + 10)
    packet.set(packetOf(20_000))
    srtpTransform(suite, key).seal(packet, headerLength, plainLength, 0x12345678, roc, 20_000)
    assert.equal(receiver.unprotect(packet), plainLength, `rollover counter ${roc}`)
  }
})
