import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { fingerprintOf } from '../../../src/net/certificate.ts'
import {
  readClientHello,
  readServerHello,
  writeServerHello,
} from '../../../src/webrtc/dtls-hello.ts'
import { type DtlsIdentity, dtlsIdentity } from '../../../src/webrtc/dtls-identity.ts'
import { checkFingerprint } from '../../../src/webrtc/dtls-messages.ts'
import { carry, type DtlsPair, dtlsPair, fingerprintsOf, newIdentity } from '../../support/dtls.ts'
import { handshakeOf, recordOf, recordsOf } from '../../support/records.ts'

const [alice, bob] = [newIdentity(), newIdentity()]

function assertKeys({ client, server }: DtlsPair): void {
  assert.equal(client.failure, '')
  assert.equal(server.failure, '')
  assert.ok(client.keys)
  assert.deepEqual(client.keys, server.keys)
  assert.notDeepEqual(client.keys.client, client.keys.server)
}

test('both sides end with the same keys of SRTP, and know the certificate of the other', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  carry(pair)
  assertKeys(pair)
  assert.equal(pair.client.keys?.suite, 'AES_CM_128_HMAC_SHA1_80')
  assert.equal(pair.client.keys?.client.length, 30)
  assert.equal(pair.client.session.theirFingerprint, bob.fingerprint)
  assert.equal(pair.server.session.theirFingerprint, alice.fingerprint)
  assert.equal(pair.client.session.suite?.name, 'ECDHE-ECDSA-AES128-GCM-SHA256')
  assert.deepEqual([pair.client.drops, pair.server.drops], [{}, {}])
})

test('an RSA certificate, as FreeSWITCH makes it, does as well on either side', (t) => {
  let rsa: DtlsIdentity
  try {
    const text = execFileSync(
      'openssl',
      'req -x509 -newkey rsa:2048 -nodes -keyout - -subj /CN=rsa -days 2'.split(' '),
      { stdio: ['ignore', 'pipe', 'ignore'] },
    ).toString()
    rsa = dtlsIdentity({ certificate: text, key: text })
  } catch (thrown) {
    return t.skip(`no openssl: ${String(thrown)}`)
  }
  for (const [one, other] of [
    [rsa, bob],
    [alice, rsa],
    [rsa, rsa],
  ] as const) {
    const pair = dtlsPair(one, other)
    pair.client.session.start(0)
    carry(pair)
    assertKeys(pair)
  }
})

test('a server that does not know the source asks for a cookie first and keeps nothing (RFC 6347 section 4.2.1)', () => {
  const pair = dtlsPair(alice, bob, { isSourceProven: false })
  pair.server.session.source = '192.0.2.1:4000'
  pair.client.session.start(0)
  const [hello] = pair.client.sent
  assert.ok(hello)
  for (let i = 0; i < 1000; i++) pair.server.session.receive(hello, i)
  assert.equal(pair.server.session.state, 'waiting')
  assert.equal(pair.server.sent.length, 1000)
  // Each answer is no longer than the question: nothing to flood others with.
  for (const answer of pair.server.sent) assert.ok(answer.length < hello.length)
  pair.server.sent.splice(1)
  carry(pair)
  assertKeys(pair)
})

test('a cookie counts only from where it was sent to', () => {
  const pair = dtlsPair(alice, bob, { isSourceProven: false })
  pair.server.session.source = '192.0.2.1:4000'
  pair.client.session.start(0)
  for (const packet of pair.client.sent.splice(0)) pair.server.session.receive(packet, 0)
  for (const packet of pair.server.sent.splice(0)) pair.client.session.receive(packet, 0)
  pair.server.session.source = '192.0.2.66:4000'
  for (const packet of pair.client.sent.splice(0)) pair.server.session.receive(packet, 0)
  assert.equal(pair.server.session.state, 'waiting')
  assert.equal(pair.server.drops['DTLS cookie'], 1)
})

test('whatever single packet is lost, the handshake comes to its end', () => {
  for (const [from, count] of [
    ['client', 2],
    ['server', 2],
  ] as const)
    for (let lost = 0; lost < count; lost++) {
      const pair = dtlsPair(alice, bob)
      pair.client.session.start(0)
      let seen = 0
      carry(pair, 40, (packet, side) => (side === from && seen++ === lost ? [] : [packet]))
      assertKeys(pair)
    }
})

test('every third packet lost, every one twice, or pieces in another order: the keys are there in the end', () => {
  const spoils: ((packet: Buffer, count: number) => Buffer[])[] = [
    (packet, count) => (count % 3 === 1 ? [] : [packet]),
    (packet) => [packet, packet],
    (packet) => recordsOf(packet).reverse(),
  ]
  for (const spoil of spoils) {
    const pair = dtlsPair(alice, bob)
    pair.client.session.start(0)
    let count = 0
    carry(pair, 250, (packet) => spoil(packet, count++))
    assertKeys(pair)
  }
})

test('a certificate that was not announced ends it on both sides, with a sentence', () => {
  const mallory = newIdentity()
  const pair = dtlsPair(alice, bob, { announced: fingerprintsOf(mallory) })
  pair.client.session.start(0)
  carry(pair)
  assert.match(
    pair.client.failure,
    /^their certificate has another fingerprint than was announced: it is sha-256 (..:){31}..$/,
  )
  assert.equal(pair.server.failure, 'the other side refused the handshake: bad_certificate (42)')
  assert.equal(pair.server.keys, undefined)
})

test('a fingerprint of a hash that we do not know, or none, is no way in', () => {
  for (const announced of [[], [{ algorithm: 'md5', value: 'AB:CD' }]]) {
    const pair = dtlsPair(alice, bob, { announced })
    pair.client.session.start(0)
    carry(pair)
    assert.match(pair.client.failure, /^no fingerprint was announced/)
  }
})

test('an octet changed on the way never gives keys, or is passed over', () => {
  // Each octet of the server's first flight, one at a time.
  const length = (() => {
    const pair = dtlsPair(alice, bob)
    pair.client.session.start(0)
    for (const packet of pair.client.sent.splice(0)) pair.server.session.receive(packet, 0)
    return pair.server.sent[0]?.length ?? 0
  })()
  assert.ok(length > 500)
  for (let at = 0; at < length; at += 7) {
    const pair = dtlsPair(alice, bob)
    pair.client.session.start(0)
    let isFirst = true
    carry(pair, 3, (packet, from) => {
      if (from === 'client' || !isFirst) return [packet]
      isFirst = false
      packet[at] = (packet[at] ?? 0) ^ 0x55
      return [packet]
    })
    const { client, server } = pair
    if (client.keys) assert.deepEqual(client.keys, server.keys)
    else assert.ok(client.failure !== '' || client.session.state === 'handshake', `octet ${at}`)
  }
})

test('packets cut short at any place are counted and change nothing', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  carry(pair, 1, (packet, from) => {
    const end = from === 'client' ? pair.server : pair.client
    for (let length = 0; length < packet.length; length += 5) {
      const cut = packet.subarray(0, length)
      // Whole records at its beginning would count: only a first one cut short is of interest.
      if (length < 13 || 13 + packet.readUInt16BE(11) > length) end.session.receive(cut, 0)
    }
    return [packet]
  })
  assertKeys(pair)
  assert.ok((pair.client.drops['DTLS malformed'] ?? 0) > 0)
  assert.ok((pair.server.drops['DTLS malformed'] ?? 0) > 0)
})

test('a flood of old ClientHellos gets our flight again ten times a second at the most', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  const [hello] = pair.client.sent
  assert.ok(hello)
  carry(pair)
  assertKeys(pair)
  for (let ms = 0; ms < 1000; ms++) pair.server.session.receive(hello, 5000 + ms)
  assert.ok(pair.server.sent.length <= 20, `${pair.server.sent.length} packets`)
  assert.equal(pair.server.session.state, 'connected')
})

test('records that come again, or under no key of ours, are refused; an alert in the clear ends nothing', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  carry(pair)
  pair.server.session.receive(Buffer.from('15fefd00000000000000070002022e', 'hex'), 10)
  assert.equal(pair.server.session.state, 'connected')
  assert.equal(pair.server.drops['DTLS in the clear'], 1)
  pair.server.session.receive(
    Buffer.from(`15fefd00010000000000090020${'00'.repeat(32)}`, 'hex'),
    10,
  )
  assert.equal(pair.server.drops['DTLS not authentic'], 1)
  pair.client.session.close()
  const [goodbye] = pair.client.sent
  assert.ok(goodbye)
  pair.server.session.receive(goodbye, 11)
  assert.ok(pair.server.isClosed)
  pair.server.session.receive(goodbye, 12)
  assert.equal(pair.server.drops['DTLS over'], 1)
})

test('who gets no answer says so after 30 seconds', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  carry(pair, 310, () => [])
  assert.equal(pair.client.failure, 'no answer to the handshake within 30 seconds')
  assert.ok(pair.client.session.retransmissions >= 6)
})

const fatal = Buffer.from([2, 40])

test('an alert ends no handshake that nobody has begun', () => {
  for (const description of [40, 0]) {
    const { server } = dtlsPair(alice, bob, { isSourceProven: false })
    server.session.receive(recordOf(21, Buffer.from([2, description])), 0)
    assert.equal(server.session.state, 'waiting')
    assert.equal(server.drops['DTLS alert before the handshake'], 1)
  }
})

/** Both hellos went; what the client sends next has not arrived. */
function halfWay(): { pair: DtlsPair; flight: Buffer[] } {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  for (const packet of pair.client.sent.splice(0)) pair.server.session.receive(packet, 0)
  for (const packet of pair.server.sent.splice(0)) pair.client.session.receive(packet, 0)
  return { pair, flight: pair.client.sent.splice(0).flatMap(recordsOf) }
}

test('Finished counts only under the key, and nothing else does there (RFC 5246 section 7.4.9)', () => {
  // Certificate, ClientKeyExchange and CertificateVerify of the client are 1, 2 and 3; Finished is 4.
  for (const piece of [
    handshakeOf(20, 4, Buffer.alloc(12, 7)),
    handshakeOf(20, 4, Buffer.alloc(6, 7), 12),
    handshakeOf(11, 4, Buffer.alloc(6, 7), 12),
  ]) {
    const { pair, flight } = halfWay()
    pair.server.session.receive(recordOf(22, piece), 0)
    for (const record of flight) pair.server.session.receive(record, 0)
    carry(pair)
    assertKeys(pair)
  }
})

test('once their cipher has begun no alert in the clear ends the handshake', () => {
  const { pair, flight } = halfWay()
  const finished = flight.pop()
  assert.ok(finished)
  for (const record of flight) pair.server.session.receive(record, 0)
  pair.server.session.receive(recordOf(21, fatal), 0)
  assert.equal(pair.server.drops['DTLS in the clear'], 1)
  pair.server.session.receive(recordOf(22, handshakeOf(20, 4, Buffer.alloc(12))), 0)
  pair.server.session.receive(finished, 0)
  carry(pair)
  assertKeys(pair)
})

test('a flight that is repeated has its change of cipher again, which is no fault', () => {
  const { pair, flight } = halfWay()
  for (const record of flight) pair.server.session.receive(record, 0)
  assert.equal(pair.server.session.state, 'connected')
  for (const record of flight.slice(0, -1)) pair.server.session.receive(record, 1000)
  assert.deepEqual(pair.server.drops, {})
  carry(pair)
  assertKeys(pair)
})

test('a client that has its keys answers no flight that is repeated: both would go on for ever', () => {
  const { pair, flight } = halfWay()
  for (const record of flight) pair.server.session.receive(record, 0)
  carry(pair)
  assertKeys(pair)
  pair.client.sent.splice(0)
  pair.server.session.receive(flight[0]!, 1_000_000)
  const repeated = pair.server.sent.splice(0)
  assert.ok(repeated.length > 0)
  for (const packet of repeated) pair.client.session.receive(packet, 1_000_000)
  assert.equal(pair.client.sent.length, 0)
  assert.equal(pair.client.session.state, 'connected')
})

test('no message may be left out, and none comes twice', () => {
  for (const left of [0, 1, 2, 3, 4]) {
    const { pair, flight } = halfWay()
    flight.forEach((record, at) => {
      if (at !== left) pair.server.session.receive(record, 0)
    })
    assert.equal(pair.server.keys, undefined, `without record ${left}`)
  }
  // Without CertificateVerify, which is renumbered so that none is missed.
  const { pair, flight } = halfWay()
  const [certificate, exchange] = flight
  assert.ok(certificate && exchange)
  for (const record of [certificate, exchange]) pair.server.session.receive(record, 0)
  pair.server.session.receive(recordOf(20, Buffer.from([1])), 0)
  pair.server.session.receive(recordOf(22, handshakeOf(20, 3, Buffer.alloc(12))), 0)
  assert.equal(pair.server.keys, undefined)
})

test('a server that asks for certificates without end is left', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  for (const packet of pair.client.sent.splice(0)) pair.server.session.receive(packet, 0)
  const flight = pair.server.sent.splice(0).flatMap(recordsOf)
  const request = flight[3]
  assert.ok(request)
  for (const record of flight.slice(0, 4)) pair.client.session.receive(record, 0)
  assert.equal(pair.client.session.state, 'handshake')
  const body = request.subarray(13 + 12)
  pair.client.session.receive(recordOf(22, handshakeOf(13, 4, Buffer.from(body))), 0)
  assert.equal(pair.client.failure, 'CertificateRequest comes out of order')
})

test('what a handshake may keep of pieces is bounded', () => {
  const { client, server } = dtlsPair(alice, bob)
  client.session.start(0)
  for (const packet of client.sent.splice(0)) server.session.receive(packet, 0)
  for (let sequence = 1; sequence <= 8; sequence++) {
    const piece = handshakeOf(11, sequence, Buffer.alloc(1), 32 * 1024)
    server.session.receive(recordOf(22, piece), 0)
  }
  assert.equal(server.drops['DTLS malformed'], 7)
  const huge = handshakeOf(11, 1, Buffer.alloc(1), 0xffffff)
  server.session.receive(recordOf(22, huge), 0)
  assert.equal(server.drops['DTLS malformed'], 8)
})

test('a new handshake on a connection that stands is passed over (RFC 5746 section 4)', () => {
  const pair = dtlsPair(alice, bob)
  pair.client.session.start(0)
  const [hello] = pair.client.sent
  assert.ok(hello)
  carry(pair)
  for (let sequence = 5; sequence < 9; sequence++) {
    const body = Buffer.from(hello.subarray(25))
    pair.server.session.receive(recordOf(22, handshakeOf(1, sequence, body)), 10)
  }
  assert.equal(pair.server.session.state, 'connected')
  assert.deepEqual(pair.server.sent, [])
})

test('of several fingerprints those of the strongest hash decide (RFC 8122 section 5)', () => {
  const certificate = new X509Certificate(bob.certificate)
  const of = (algorithm: string, owner = certificate) => ({
    algorithm,
    value: fingerprintOf(owner, algorithm.toLowerCase()) ?? '',
  })
  const other = new X509Certificate(alice.certificate)
  for (const algorithm of ['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512', 'SHA-256'])
    checkFingerprint(certificate, [of(algorithm)])
  checkFingerprint(certificate, [of('sha-256', other), of('sha-256')])
  checkFingerprint(certificate, [of('sha-256'), { algorithm: 'sha3-256', value: 'AB' }])
  const lower = of('sha-256')
  checkFingerprint(certificate, [{ ...lower, value: lower.value.toLowerCase() }])
  assert.throws(() => checkFingerprint(certificate, [of('sha-1'), of('sha-256', other)]))
  assert.throws(() => checkFingerprint(certificate, [of('sha-512', other), of('sha-256')]))
})

function extensionOf(type: number, value: string): Buffer {
  const octets = Buffer.from(value, 'hex')
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(octets.length, 2)
  return Buffer.concat([head, octets])
}

function serverHello(extensions: Buffer, compression = 0): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(extensions.length, 0)
  const head = Buffer.from(`fefd${'00'.repeat(32)}00c02b0${compression}`, 'hex')
  return Buffer.concat([head, length, extensions])
}

test('a ServerHello with what we did not offer is refused: MKI, compression, a renegotiation', () => {
  const srtp = extensionOf(14, '0002000100')
  assert.equal(readServerHello(serverHello(srtp)).profile, 1)
  const first = Buffer.concat([srtp, extensionOf(0xff01, '00')])
  assert.equal(readServerHello(serverHello(first)).profile, 1)
  for (const hello of [
    serverHello(extensionOf(14, '0002000101aa')),
    serverHello(extensionOf(14, '000400010002' + '00')),
    serverHello(extensionOf(14, '000200010000')),
    serverHello(srtp, 1),
    serverHello(Buffer.concat([srtp, extensionOf(0xff01, `0c${'11'.repeat(12)}`)])),
  ])
    assert.throws(() => readServerHello(hello), { code: 'DTLS_FAILED' })
})

test('a ClientHello that renegotiates is refused; forms of points are named to those who name them', () => {
  const hello = (extensions: Buffer) => {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(extensions.length, 0)
    return Buffer.concat([
      Buffer.from(`fefd${'00'.repeat(32)}00000002c02b0100`, 'hex'),
      length,
      extensions,
    ])
  }
  const renegotiation = extensionOf(0xff01, `0c${'11'.repeat(12)}`)
  assert.throws(() => readClientHello(hello(renegotiation)), { code: 'DTLS_FAILED' })
  const plain = readClientHello(hello(extensionOf(14, '0002000101aa')))
  assert.deepEqual(plain.profiles, [1])
  const random = Buffer.alloc(32)
  const has = (body: Buffer) => body.includes(Buffer.from('000b00020100', 'hex'))
  assert.equal(has(writeServerHello(random, 0xc02b, 1, plain)), false)
  const withForms = readClientHello(hello(extensionOf(11, '0100')))
  assert.equal(has(writeServerHello(random, 0xc02b, 1, withForms)), true)
})
