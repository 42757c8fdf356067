/** Legs with ICE and DTLS-SRTP: two of ours as each other's browser, sound proved at plain phones behind them; and what is refused. */
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import type { LegDtls, LegIce, LegSettings, MediaEngine, MediaLeg } from '../../src/media/engine.ts'
import { stunAttribute, transactionOf, writeStun } from '../../src/net/stun-message.ts'
import { DtlsClient } from '../../src/webrtc/dtls-client.ts'
import { fingerprintsOf, newIdentity } from '../support/dtls.ts'
import { hasThreads, next, phone, settings, settled, startEngine } from '../support/media.ts'
import { RtpPeer } from '../support/rtp-peer.ts'
import { purity } from '../support/tone.ts'
import { patienceMs, until } from '../support/until.ts'

function fingerprintOf(engine: MediaEngine): LegDtls['fingerprints'] {
  const [algorithm = '', value = ''] = engine.dtlsFingerprint.split(' ')
  return [{ algorithm, value }]
}

const one = { ufrag: 'aaaa', password: 'a'.repeat(24) }
const two = { ufrag: 'bbbb', password: 'b'.repeat(24) }

/** What full ICE needs to reach a leg. */
function checks(leg: MediaLeg, remotePassword: string, isControlling: boolean): LegIce['checks'] {
  const candidate = {
    address: '127.0.0.1',
    port: leg.localPort,
    priority: 2130706431,
    type: 'host',
  } as const
  return { remotePassword, isControlling, candidates: [candidate] }
}

interface Kind {
  readonly name: string
  readonly ice: (a: MediaLeg, b: MediaLeg) => readonly [LegIce | undefined, LegIce | undefined]
}

const kinds: readonly Kind[] = [
  {
    name: 'full ICE and lite',
    ice: (a) => [
      { ...one, remoteUfrag: 'bbbb' },
      { ...two, remoteUfrag: 'aaaa', checks: checks(a, one.password, true) },
    ],
  },
  {
    name: 'full ICE on both sides, both wanting to decide',
    ice: (a, b) => [
      { ...one, remoteUfrag: 'bbbb', checks: checks(b, two.password, true) },
      { ...two, remoteUfrag: 'aaaa', checks: checks(a, one.password, true) },
    ],
  },
  { name: 'no ICE, as phones have it', ice: () => [undefined, undefined] },
]

const ios = hasThreads ? (['io_uring', 'dgram'] as const) : (['auto'] as const)

for (const io of ios)
  for (const { name, ice } of kinds)
    test(`${io}, ${name}: keys by DTLS, and sound both ways`, async () => {
      await using engine = await startEngine({ io })
      const left = await phone(engine)
      const right = await phone(engine, {}, left.leg)
      const open = () => engine.openLeg({ uuid: 'w', address: '127.0.0.1', near: left.leg })
      const [a, b] = [await open(), await open()]
      const [iceA, iceB] = ice(a, b)
      const fingerprints = fingerprintOf(engine)
      const terms = (other: MediaLeg, role: 'active' | 'passive', of: LegIce | undefined) => {
        const dtls = { role, fingerprints }
        return settings(other.localPort, { rtcpMux: true, rtcpIntervalMs: 200, dtls, ice: of })
      }
      const both = Promise.all([next(a, 'secured'), next(b, 'secured')])
      a.configure(terms(b, 'passive', iceA))
      b.configure(terms(a, 'active', iceB))
      left.leg.bridge(a)
      right.leg.bridge(b)
      const [newsA, newsB] = await both
      assert.equal(newsA.suite, 'AES_CM_128_HMAC_SHA1_80')
      assert.equal(newsA.cipher, 'ECDHE-ECDSA-AES128-GCM-SHA256')
      assert.deepEqual([newsA.role, newsB.role], ['passive', 'active'])
      await Promise.all([left.peer.tone(440, 30), right.peer.tone(620, 30)])
      await Promise.all([left.peer.until(30), right.peer.until(30)])
      assert.ok(purity(440, right.peer.heard()) > 0.99)
      assert.ok(purity(620, left.peer.heard()) > 0.99)
      while ((await a.stats()).rtcpPackets === 0 || (await b.stats()).rtcpPackets === 0)
        await once(left.peer.socket, 'message', { signal: AbortSignal.timeout(50) }).catch(() => {})
      const { webrtc, suite, sendsTo } = (await a.describe()) ?? {}
      assert.equal(suite, 'AES_CM_128_HMAC_SHA1_80')
      assert.equal(sendsTo, `127.0.0.1:${b.localPort}`)
      assert.equal(webrtc?.dtls?.state, 'connected')
      assert.equal(webrtc.dtls.theirs, engine.dtlsFingerprint)
      assert.equal(webrtc.ice?.state, iceA ? 'connected' : undefined)
      assert.equal(webrtc.ice?.mode, iceA && (iceA.checks ? 'full' : 'lite'))
      // New terms with the same keys and secrets change nothing.
      a.configure(terms(b, 'passive', iceA))
      b.configure({ ...terms(a, 'active', iceB), remoteAddress: '0.0.0.0', remotePort: 9 })
      await left.peer.tone(700, 30)
      if (iceA) {
        await right.peer.until(60)
        assert.ok(purity(700, right.peer.heard('PCMU', undefined, 30)) > 0.98)
      }
      await settled(a, b)
      for (const leg of [a, b, left.leg, right.leg]) await leg.close()
      assert.equal((await engine.figures()).portsInUse, 0)
      for (const { peer } of [left, right]) await peer[Symbol.asyncDispose]()
    })

/** A check as a browser makes it. */
function checkOf(password: string, nominates: boolean): Buffer {
  const parts = [
    stunAttribute(0x0006, Buffer.from('aaaa:bbbb')),
    stunAttribute(0x802a, Buffer.alloc(8, 9)),
  ]
  if (nominates) parts.push(stunAttribute(0x0025, Buffer.alloc(0)))
  return writeStun(1, transactionOf(Buffer.alloc(12, 3)), parts, password)
}

/** A browser of the test's own on one socket. */
class Browser implements AsyncDisposable {
  readonly socket: Socket
  readonly arrived: Buffer[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('message', (packet) => this.arrived.push(packet))
  }

  static async open(): Promise<Browser> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new Browser(socket)
  }

  get port(): number {
    return this.socket.address().port
  }

  check(leg: MediaLeg, password = one.password, nominates = true): void {
    this.send(leg, checkOf(password, nominates))
  }

  send(leg: MediaLeg, packet: Buffer): void {
    this.socket.send(packet, leg.localPort, '127.0.0.1')
  }

  async until(holds: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs)
    while (!holds()) await once(this.socket, 'message', { signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((done) => this.socket.close(() => done()))
  }
}

const browserIdentity = newIdentity()

function browserTerms(browser: Browser, more: Partial<LegSettings> = {}): LegSettings {
  return settings(browser.port, {
    rtcpMux: true,
    ice: { ...one, remoteUfrag: 'bbbb' },
    dtls: { role: 'passive', fingerprints: fingerprintsOf(browserIdentity) },
    ...more,
  })
}

async function dropsOf(engine: MediaEngine): Promise<Record<string, number>> {
  return { ...(await engine.figures()).dropped }
}

/** Resolves once the engine has counted that often. */
async function counted(engine: MediaEngine, reason: string, count: number): Promise<void> {
  await until(
    async () => ((await dropsOf(engine))[reason] ?? 0) >= count,
    `${count} of ${reason}`,
    () => dropsOf(engine),
  )
}

function client(browser: Browser, leg: MediaLeg, announced: LegDtls['fingerprints']) {
  const outcome: { keys?: unknown; failure?: string } = {}
  const session = new DtlsClient(
    { identity: browserIdentity, fingerprints: announced, isSourceProven: true },
    {
      send: (packet) => browser.send(leg, packet),
      connected: (keys) => {
        outcome.keys = keys
      },
      failed: (reason) => {
        outcome.failure = reason
      },
      closed: () => undefined,
      drop: () => undefined,
    },
  )
  browser.socket.on('message', (packet) => {
    if ((packet[0] ?? 0) >= 20 && (packet[0] ?? 0) < 64) session.receive(packet, performance.now())
  })
  return { session, outcome }
}

test('a check with a wrong password is answered 401, counted, and moves nothing', async () => {
  await using engine = await startEngine()
  await using browser = await Browser.open()
  await using stranger = await Browser.open()
  const leg = await engine.openLeg({ uuid: 'x', address: '127.0.0.1' })
  leg.configure(browserTerms(browser))
  await settled(leg)
  stranger.check(leg, 'c'.repeat(24))
  await stranger.until(() => stranger.arrived.length > 0)
  assert.equal(stranger.arrived[0]?.readUInt16BE(0), 0x0111)
  stranger.send(leg, Buffer.from('000100002112a4420000', 'hex'))
  const hello = client(stranger, leg, [])
  hello.session.start(0)
  await counted(engine, 'DTLS source', 1)
  const { webrtc } = (await leg.describe()) ?? {}
  assert.equal(webrtc?.ice?.state, 'new')
  assert.equal(webrtc.ice.checksRefused, 1)
  assert.equal(webrtc.dtls?.state, 'waiting')
  // Who knows the password is heard as ever.
  const settledOn = next(leg, 'ice')
  browser.check(leg)
  assert.equal((await settledOn).state, 'checking')
  await browser.until(() => browser.arrived.length > 0)
  const { session, outcome } = client(browser, leg, fingerprintOf(engine))
  const secured = next(leg, 'secured')
  session.start(performance.now())
  await secured
  await browser.until(() => outcome.keys !== undefined)
  await leg.close()
})

test('a browser that has settled on one place is heard from each that it has checked, and from no other', async () => {
  await using engine = await startEngine()
  const { leg: near, peer: ear } = await phone(engine)
  const { leg, peer: settledOn } = await phone(
    engine,
    { rtcpMux: true, ice: { ...one, remoteUfrag: 'bbbb' } },
    near,
  )
  await using checked = await RtpPeer.open()
  await using stranger = await RtpPeer.open()
  leg.bridge(near)
  await settled(leg, near)
  for (const peer of [settledOn, checked, stranger]) peer.target = leg.localPort
  for (const peer of [settledOn, checked]) {
    await peer.sendRaw(checkOf(one.password, peer === settledOn))
    await until(() => peer.others.length > 0, 'the answer to the check')
  }
  await settledOn.tone(440, 10)
  // As browsers do for up to a second, until the check that tells of it: the same stream from another place.
  Object.assign(checked, { sequence: settledOn.sequence, timestamp: settledOn.timestamp })
  await checked.tone(620, 30)
  await ear.until(40)
  assert.ok(purity(620, ear.heard('PCMU', undefined, 10)) > 0.98)
  // What goes there goes where it has settled.
  assert.equal((await leg.describe())?.sendsTo, `127.0.0.1:${settledOn.port}`)
  await stranger.tone(700, 30, 'PCMU', 0)
  await counted(engine, 'source', 30)
  for (const each of [ear, settledOn]) await each[Symbol.asyncDispose]()
})

test('a certificate that was not announced: no keys, a sentence, and the port is free again', async () => {
  await using engine = await startEngine()
  await using browser = await Browser.open()
  const leg = await engine.openLeg({ uuid: 'x', address: '127.0.0.1' })
  const dtls = { role: 'passive', fingerprints: fingerprintsOf(newIdentity()) } as const
  leg.configure(browserTerms(browser, { dtls }))
  await settled(leg)
  browser.check(leg)
  await browser.until(() => browser.arrived.length > 0)
  const { session, outcome } = client(browser, leg, fingerprintOf(engine))
  const failed = next(leg, 'security failed')
  session.start(performance.now())
  const { reason } = await failed
  assert.match(reason, /^their certificate has another fingerprint than was announced/)
  await browser.until(() => outcome.failure !== undefined)
  assert.match(outcome.failure ?? '', /bad_certificate/)
  const { webrtc, suite } = (await leg.describe()) ?? {}
  assert.equal(webrtc?.dtls?.failure, reason)
  assert.equal(suite, undefined)
  // Sound in the clear is not taken instead.
  browser.send(
    leg,
    Buffer.concat([Buffer.from('8000000100000000000000aa', 'hex'), Buffer.alloc(160)]),
  )
  await counted(engine, 'before keys', 1)
  assert.equal((await dropsOf(engine))['DTLS failed'], 1)
  await leg.close()
  assert.equal((await engine.figures()).portsInUse, 0)
})

test('floods of cut and repeated records and wrong checks: all counted, and a call beside them goes on', async () => {
  await using engine = await startEngine()
  await using browser = await Browser.open()
  const left = await phone(engine)
  const right = await phone(engine, {}, left.leg)
  left.leg.bridge(right.leg)
  const leg = await engine.openLeg({ uuid: 'x', address: '127.0.0.1', near: left.leg })
  leg.configure(browserTerms(browser))
  await settled(leg)
  browser.check(leg)
  await browser.until(() => browser.arrived.length > 0)
  const hellos: Buffer[] = []
  const spy = new DtlsClient(
    { identity: browserIdentity, fingerprints: [], isSourceProven: true },
    {
      send: (packet) => void hellos.push(packet),
      connected: () => undefined,
      failed: () => undefined,
      closed: () => undefined,
      drop: () => undefined,
    },
  )
  spy.start(0)
  const [hello = Buffer.alloc(0)] = hellos
  const began = performance.now()
  const talk = left.peer.tone(440, 50)
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 20; i++) browser.send(leg, hello)
    for (let i = 0; i < 10; i++) browser.send(leg, hello.subarray(0, 5 + i * 9))
    for (let i = 0; i < 10; i++) browser.check(leg, 'd'.repeat(24))
    await new Promise((done) => setTimeout(done, 10))
  }
  await talk
  await right.peer.until(50)
  assert.ok(purity(440, right.peer.heard()) > 0.99)
  await counted(engine, 'DTLS malformed', 100)
  await counted(engine, 'STUN refused', 100)
  const { webrtc } = (await leg.describe()) ?? {}
  assert.equal(webrtc?.dtls?.state, 'handshake')
  // The first ClientHello made it one handshake; the others got its answer again a few times.
  const records = browser.arrived.filter((packet) => packet[0] === 22).length
  const most = 40 + ((performance.now() - began) / 100) * 3
  assert.ok(records > 0 && records < most, `${records} answers`)
  await leg.close()
  assert.equal((await engine.figures()).portsInUse, 2)
  for (const { peer } of [left, right]) await peer[Symbol.asyncDispose]()
})
