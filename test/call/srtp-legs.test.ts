/** Legs with SRTP: relay, transcoding, sounds, digits, reports and changes of key, proved by what the peers can read. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaEngine, SrtpKey } from '../../src/media/engine.ts'
import { readReports } from '../../src/rtp/rtcp.ts'
import type { SrtpSuiteName } from '../../src/rtp/srtp-suite.ts'
import { digitsOf, pcma, phone, settings, settled, startEngine } from '../support/media.ts'
import type { RtpPeer } from '../support/rtp-peer.ts'
import { peerCipher, srtpKey, suiteNames } from '../support/srtp.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

const usual: SrtpSuiteName = 'AES_CM_128_HMAC_SHA1_80'

/** A leg whose party speaks SRTP. */
async function secure(
  engine: MediaEngine,
  suite: SrtpSuiteName = usual,
  more: Parameters<typeof phone>[1] = {},
  near?: Parameters<typeof phone>[2],
  mki?: Uint8Array,
) {
  const send = srtpKey(suite, 11, mki)
  const receive = srtpKey(suite, 99, mki)
  const made = await phone(engine, { ...more, crypto: { send, receive } }, near)
  made.peer.cipher = peerCipher(receive, send)
  return { ...made, send, receive }
}

async function ends(...peers: readonly RtpPeer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()))
}

async function drops(engine: MediaEngine): Promise<Record<string, number>> {
  return { ...(await engine.figures()).dropped }
}

for (const suite of suiteNames) {
  test(`sound passes between ${suite} and plain RTP, both ways`, async () => {
    await using engine = await startEngine()
    const a = await secure(engine, suite)
    const b = await phone(engine, {}, a.leg)
    a.leg.bridge(b.leg)
    await settled(a.leg, b.leg)
    await Promise.all([a.peer.tone(440, 30), b.peer.tone(620, 30)])
    await Promise.all([a.peer.until(30), b.peer.until(30)])
    assert.ok(purity(440, b.peer.heard()) > 0.99)
    assert.ok(purity(620, a.peer.heard()) > 0.99)
    assert.equal(a.peer.unreadable, 0)
    assert.deepEqual(await drops(engine), {})
    await ends(a.peer, b.peer)
  })
}

test('two legs with keys and suites of their own are relayed: opened, renumbered, sealed anew', async () => {
  await using engine = await startEngine()
  const a = await secure(engine, 'AEAD_AES_256_GCM')
  const b = await secure(engine, 'AES_CM_128_HMAC_SHA1_32', {}, a.leg, Uint8Array.of(0, 7))
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await Promise.all([a.peer.tone(440, 40), b.peer.tone(620, 40)])
  await Promise.all([a.peer.until(40), b.peer.until(40)])
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  assert.ok(purity(620, a.peer.heard()) > 0.99)
  assert.equal(a.peer.unreadable + b.peer.unreadable, 0)
  await ends(a.peer, b.peer)
})

test('sound is transcoded, played, echoed and digits go as events, all of it sealed', async () => {
  await using engine = await startEngine()
  const a = await secure(engine)
  const b = await secure(engine, 'AEAD_AES_128_GCM', { send: pcma, receive: [pcma] }, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  await a.peer.tone(440, 30)
  await b.peer.until(28)
  assert.ok(purity(440, b.peer.heard('PCMA').subarray(400)) > 0.97)
  const digits = digitsOf(b.leg)
  a.leg.unbridge()
  const heard = a.peer.arrived.length
  const playback = a.leg.play({ paths: ['tone_stream://%(600,0,900)'] })
  assert.equal((await playback.ended).ended, 'done')
  await a.peer.until(heard + 28)
  assert.ok(cleanest(900, a.peer.heard('PCMU', 0, heard)) > 0.95)
  const before = a.peer.arrived.length
  a.leg.sendDtmf('5', 100)
  await a.peer.until(before + 5)
  const events = a.peer.arrived.slice(before).filter(({ payloadType }) => payloadType === 101)
  assert.equal(events[0]?.payload[0], 5)
  await b.peer.event(7, false, 400, 101, true)
  for (let i = 0; i < 3; i++) await b.peer.event(7, true, 800)
  await until(() => digits.length > 0, 'the digit')
  assert.deepEqual(
    digits.map(({ digit }) => digit),
    ['7'],
  )
  a.leg.echo(0)
  await settled(a.leg)
  const from = a.peer.arrived.length
  await a.peer.tone(700, 20)
  await a.peer.until(from + 20)
  assert.ok(cleanest(700, a.peer.heard('PCMU', 0, from)) > 0.95)
  assert.equal(a.peer.unreadable + b.peer.unreadable, 0)
  await ends(a.peer, b.peer)
})

test('reports go and come as SRTCP, on one port with the sound too', async () => {
  await using engine = await startEngine()
  const a = await secure(engine, usual, { rtcpIntervalMs: 200, rtcpMux: true })
  a.leg.echo(0)
  await settled(a.leg)
  await a.peer.tone(440, 25)
  await until(() => a.peer.others.length > 0, 'a report')
  const reports = readReports(a.peer.others[0]!)
  assert.ok(reports?.blocks.some(({ ssrc }) => ssrc === a.peer.ssrc))
  const report = Buffer.from(a.peer.others[0]!)
  await a.peer.send(report)
  await until(async () => (await a.leg.stats()).rtcpPackets === 1, 'our report to have come')
  // In the clear it is not believed.
  await a.peer.sendRaw(report)
  const refused = async () => (await drops(engine))['SRTCP not authentic'] === 1
  await until(refused, 'the report in the clear to be dropped')
  assert.equal((await a.leg.stats()).rtcpPackets, 1)
  await ends(a.peer)
})

test('a replayed and a changed packet are dropped, each under its own name, and the sound goes on', async () => {
  await using engine = await startEngine()
  const a = await secure(engine)
  const b = await phone(engine, {}, a.leg)
  a.leg.bridge(b.leg)
  await settled(a.leg, b.leg)
  const kept: Buffer[] = []
  const cipher = a.peer.cipher!
  a.peer.cipher = {
    open: (packet) => cipher.open(packet),
    seal: (packet) => {
      const sealed = Buffer.from(cipher.seal(packet))
      kept.push(Buffer.from(sealed))
      return sealed
    },
  }
  await a.peer.tone(440, 20, 'PCMU', 5)
  for (const packet of kept.slice(0, 3)) await a.peer.sendRaw(packet)
  const changed = Buffer.from(kept.at(-1)!)
  changed[3] = changed[3]! + 1
  changed[20] = changed[20]! ^ 1
  await a.peer.sendRaw(changed)
  // A stranger without the key, and one who only has a packet of ours.
  await a.peer.sendRaw(Buffer.from(kept[0]!.subarray(0, 60)))
  await a.peer.tone(440, 20, 'PCMU', 5)
  await b.peer.until(40)
  assert.equal(b.peer.arrived.length, 40)
  assert.ok(purity(440, b.peer.heard()) > 0.99)
  const dropped = await drops(engine)
  assert.equal(dropped['SRTP replayed'], 4)
  assert.equal(dropped['SRTP not authentic'], 1)
  await ends(a.peer, b.peer)
})

test('a forged packet from elsewhere does not move the stream, an authentic one does', async () => {
  await using engine = await startEngine()
  const a = await secure(engine)
  const other = await phone(engine)
  a.leg.echo(0)
  await settled(a.leg)
  other.peer.target = a.leg.localPort
  await other.peer.tone(440, 30, 'PCMU', 0)
  await settled(a.leg)
  assert.equal((await a.leg.stats()).latched, false)
  other.peer.cipher = peerCipher(a.receive, a.send)
  await other.peer.tone(440, 30, 'PCMU', 5)
  await other.peer.until(10)
  assert.equal((await a.leg.stats()).latched, true)
  assert.ok(((await drops(engine))['SRTP not authentic'] ?? 0) >= 20)
  await ends(a.peer, other.peer)
})

test('new keys take over without a gap: what was sent under the old ones still counts', async () => {
  await using engine = await startEngine()
  const a = await secure(engine)
  a.leg.echo(0)
  await settled(a.leg)
  await a.peer.tone(440, 10, 'PCMU', 5)
  await a.peer.until(10)
  const send: SrtpKey = srtpKey('AES_CM_256_HMAC_SHA1_80', 3)
  const receive: SrtpKey = srtpKey('AES_CM_256_HMAC_SHA1_80', 4)
  a.leg.configure(settings(a.peer.port, { crypto: { send, receive } }))
  await settled(a.leg)
  const renewed = peerCipher(receive, send)
  const old = a.peer.cipher!
  a.peer.cipher = { seal: (packet) => old.seal(packet), open: (packet) => renewed.open(packet) }
  await a.peer.tone(440, 10, 'PCMU', 5)
  await a.peer.until(20)
  a.peer.cipher = renewed
  await a.peer.tone(440, 10, 'PCMU', 5)
  await a.peer.until(30)
  assert.equal(a.peer.unreadable, 0)
  // The same keys again (hold, a refresh) start nothing anew, and no keys at all end the encryption.
  a.leg.configure(settings(a.peer.port, { crypto: { send, receive } }))
  await settled(a.leg)
  await a.peer.tone(440, 10, 'PCMU', 5)
  await a.peer.until(40)
  a.leg.configure(settings(a.peer.port))
  await settled(a.leg)
  a.peer.cipher = undefined
  await a.peer.tone(440, 10, 'PCMU', 5)
  await a.peer.until(50)
  assert.ok(purity(440, a.peer.heard()) > 0.98)
  assert.deepEqual(await drops(engine), {})
  await ends(a.peer)
})
