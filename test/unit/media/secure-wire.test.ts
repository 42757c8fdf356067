import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LegHost } from '../../../src/media/leg-host.ts'
import type { WebRtcNews } from '../../../src/media/protocol.ts'
import { SecureWire, type WireOwner } from '../../../src/media/secure-wire.ts'
import type { SocketPair } from '../../../src/media/sockets.ts'
import { StreamRelay } from '../../../src/media/stream-relay.ts'
import {
  attribute,
  messageType,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../../../src/net/stun-message.ts'
import { DtlsClient } from '../../../src/webrtc/dtls-client.ts'
import type { DtlsIdentity } from '../../../src/webrtc/dtls-identity.ts'
import type { DtlsSrtpKeys } from '../../../src/webrtc/dtls-srtp.ts'
import { fingerprintsOf, newIdentity } from '../../support/dtls.ts'
import { recordOf } from '../../support/records.ts'

const [ours, theirs, mallory] = [newIdentity(), newIdentity(), newIdentity()]
const lite = { ufrag: 'ours', password: 'p'.repeat(24), remoteUfrag: 'theirs' }

/** A wire whose owner notes what it is told. */
function newWire() {
  const news: WebRtcNews[] = []
  const drops: string[] = []
  const consents: boolean[] = []
  const sent: { packet: Buffer; to: string }[] = []
  let isSecured = false
  const owner: WireOwner = {
    uuid: 'x',
    identity: ours,
    webRtcPort: { leg: 1 },
    here: '192.0.2.10:4000',
    tell: (one) => void news.push(one),
    drop: (reason) => void drops.push(reason),
    settled: () => undefined,
    consent: (isGiven) => void consents.push(isGiven),
    secured: () => {
      isSecured = true
    },
  }
  const wire = new SecureWire(owner, {
    send: (packet, port, address) =>
      void sent.push({ packet: Buffer.from(packet), to: `${address}:${port}` }),
    close: () => undefined,
  })
  return { wire, news, drops, consents, sent, isSecured: () => isSecured }
}

type Wire = ReturnType<typeof newWire>

/** A client of DTLS at an address, which talks to the wire. */
function clientAt(w: Wire, at: string, identity: DtlsIdentity) {
  const [address = '', port] = at.split(':')
  let keys: DtlsSrtpKeys | undefined
  const session = new DtlsClient(
    { identity, fingerprints: fingerprintsOf(ours), isSourceProven: true },
    {
      send: (packet) => w.wire.packet(Buffer.from(packet), { address, port: Number(port) }),
      connected: (made) => {
        keys = made
      },
      failed: () => undefined,
      closed: () => undefined,
      drop: () => undefined,
    },
  )
  const take = () => {
    for (;;) {
      const at0 = w.sent.findIndex(({ to }) => to === at)
      if (at0 < 0) return
      session.receive(w.sent.splice(at0, 1)[0]?.packet ?? Buffer.alloc(0), 0)
    }
  }
  return { session, take, keys: () => keys }
}

function passive(w: Wire): void {
  const dtls = { role: 'passive', fingerprints: fingerprintsOf(theirs) } as const
  w.wire.configure(undefined, dtls, '192.0.2.1', 5000, performance.now())
}

test('without ICE a stranger ends no handshake: neither by an alert nor by a certificate of his own', () => {
  const w = newWire()
  passive(w)
  w.wire.packet(recordOf(21, Buffer.from([2, 40])), { address: '198.51.100.66', port: 6666 })
  const stranger = clientAt(w, '198.51.100.66:6666', mallory)
  stranger.session.start(0)
  for (let round = 0; round < 6; round++) stranger.take()
  assert.equal(stranger.keys(), undefined)
  assert.ok(w.drops.includes('DTLS stranger'))
  assert.deepEqual(w.news, [])
  const party = clientAt(w, '192.0.2.1:5000', theirs)
  party.session.start(0)
  for (let round = 0; round < 6; round++) party.take()
  assert.ok(party.keys() && w.isSecured())
})

test('strangers cost the server ten handshakes, and the party is still heard after them', () => {
  const w = newWire()
  passive(w)
  for (let at = 0; at < 30; at++) {
    const stranger = clientAt(w, `198.51.100.66:${7000 + at}`, mallory)
    stranger.session.start(0)
    for (let round = 0; round < 6; round++) stranger.take()
  }
  assert.equal(w.drops.filter((why) => why === 'DTLS stranger').length, 10)
  assert.ok(w.drops.includes('DTLS source'))
  const party = clientAt(w, '192.0.2.1:5000', theirs)
  party.session.start(0)
  for (let round = 0; round < 6; round++) party.take()
  assert.ok(party.keys() && w.isSecured())
})

test('without ICE a stranger who has begun and does not go on keeps nobody out', () => {
  const w = newWire()
  passive(w)
  const stranger = clientAt(w, '198.51.100.66:6666', mallory)
  stranger.session.start(0)
  stranger.take()
  w.sent.length = 0
  const party = clientAt(w, '192.0.2.1:5000', theirs)
  party.session.start(0)
  for (let round = 0; round < 6; round++) party.take()
  assert.ok(party.keys() && w.isSecured())
})

test('a certificate that was not announced, from where the party is, ends it', () => {
  const w = newWire()
  passive(w)
  const party = clientAt(w, '192.0.2.1:5000', mallory)
  party.session.start(0)
  for (let round = 0; round < 6; round++) party.take()
  assert.equal(w.news[0]?.tell, 'security failed')
})

function goodCheck(): Buffer {
  const parts = [
    stunAttribute(attribute.userName, Buffer.from('ours:theirs')),
    stunAttribute(attribute.useCandidate, Buffer.alloc(0)),
  ]
  const transaction = transactionOf(Buffer.alloc(12, 1))
  return writeStun(messageType.bindingRequest, transaction, parts, lite.password)
}

test('when ICE has lost the other side consent is gone, and comes back with it', () => {
  const w = newWire()
  w.wire.configure(lite, undefined, '192.0.2.1', 5000, performance.now())
  w.wire.packet(goodCheck(), { address: '192.0.2.1', port: 5000 })
  assert.deepEqual(w.consents, [true])
  const now = performance.now()
  w.wire.sweep(now + 29_000, null)
  assert.deepEqual(w.consents, [true])
  w.wire.sweep(now + 31_000, null)
  assert.deepEqual(w.consents, [true, false])
  w.wire.packet(goodCheck(), { address: '192.0.2.1', port: 5000 })
  assert.deepEqual(w.consents, [true, false, true])
})

test('programs of this machine are no candidates of somebody elsewhere', () => {
  const w = newWire()
  const candidates = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(
    (address) => ({ address, port: 5060, priority: 1, type: 'host' }) as const,
  )
  const checks = { remotePassword: 'x'.repeat(24), isControlling: true, candidates }
  w.wire.configure({ ...lite, checks }, undefined, '192.0.2.1', 5000, performance.now())
  w.wire.sweep(performance.now() + 1000, null)
  assert.deepEqual(w.sent, [])
  assert.ok(w.drops.includes('ICE candidates'))
})

/** A relay, and what it dropped and sent. */
function newRelay() {
  const drops: string[] = []
  const sent: string[] = []
  const socket = {
    send: (_packet: Uint8Array, port: number, address: string) =>
      void sent.push(`${address}:${port}`),
    close: () => undefined,
  }
  const pair = { address: '192.0.2.10', port: 4000, rtp: socket, rtcp: socket } as SocketPair
  const host = {
    identity: ours,
    tell: () => undefined,
    drop: (reason: string) => void drops.push(reason),
  } as unknown as LegHost
  return { relay: new StreamRelay(1, 'x', host, pair), drops, sent }
}

function soundPacket(sequence: number): Buffer {
  const packet = Buffer.alloc(172)
  packet[0] = 0x80
  packet.writeUInt16BE(sequence, 2)
  packet.writeUInt32BE(0x1234, 8)
  return packet
}

test('a stream is sent to nobody whom ICE has lost', () => {
  const { relay, drops, sent } = newRelay()
  const settings = { remoteAddress: '192.0.2.1', remotePort: 5000, latch: false, ice: lite }
  relay.configure(settings as Parameters<StreamRelay['configure']>[0])
  relay.rtp(goodCheck(), { address: '192.0.2.1', port: 5000 })
  sent.length = 0
  relay.send(soundPacket(1), false)
  assert.deepEqual(sent, ['192.0.2.1:5000'])
  relay.sweep(performance.now() + 31_000)
  relay.send(soundPacket(2), false)
  assert.equal(sent.length, 1)
  assert.ok(drops.includes('stream without address'))
})

test('a forged packet moves no stream that has keys, or waits for them', () => {
  const { relay, drops } = newRelay()
  const dtls = { role: 'passive', fingerprints: fingerprintsOf(theirs) } as const
  const settings = { remoteAddress: '192.0.2.1', remotePort: 5000, latch: true, dtls }
  relay.configure(settings as unknown as Parameters<StreamRelay['configure']>[0])
  for (let at = 0; at < 20; at++)
    relay.rtp(soundPacket(at), { address: '198.51.100.66', port: 6666 })
  assert.equal(relay.latch.address, '192.0.2.1')
  assert.equal(drops.filter((why) => why === 'before keys').length, 20)
})
