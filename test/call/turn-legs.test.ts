/** Legs that reach the other side through a TURN server alone: sound both ways, and what becomes of the server's address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LegIce, MediaEngine, MediaLeg, TurnServer } from '../../src/media/engine.ts'
import { hasThreads, next, phone, settings, startEngine } from '../support/media.ts'
import { eventually } from '../support/programs.ts'
import { purity } from '../support/tone.ts'
import { TestTurnServer, turnAccount } from '../support/turn-server.ts'

const one = { ufrag: 'aaaa', password: 'a'.repeat(24), remoteUfrag: 'bbbb' }
const two = { ufrag: 'bbbb', password: 'b'.repeat(24), remoteUfrag: 'aaaa' }

/** Where the other leg is for ours: nobody gets an answer from there but the server. */
const elsewhere = '127.0.0.9'

function serverAt({ port }: TestTurnServer, name = 'turn:test'): TurnServer {
  return { name, address: '127.0.0.1', port, ...turnAccount }
}

function checks(address: string, port: number, remotePassword: string, isControlling: boolean) {
  const candidate = { address, port, priority: 1000, type: 'host' } as const
  return { remotePassword, isControlling, candidates: [candidate] }
}

function terms(engine: MediaEngine, port: number, role: 'active' | 'passive', ice: LegIce) {
  const [algorithm = '', value = ''] = engine.dtlsFingerprint.split(' ')
  const dtls = { role, fingerprints: [{ algorithm, value }] }
  return settings(port, { rtcpMux: true, rtcpIntervalMs: 200, dtls, ice })
}

const freed = (turn: TestTurnServer) =>
  eventually('the address to be given back', () => turn.allocations.size === 0)

const ios = hasThreads ? (['io_uring', 'dgram'] as const) : (['auto'] as const)

function engine(io: 'io_uring' | 'dgram' | 'auto' = 'auto') {
  return startEngine({ io })
}

for (const io of ios)
  for (const weDecide of [true, false])
    test(`${io}, ${weDecide ? 'we' : 'they'} decide: checks, keys and sound go through the server, and it is given back`, async () => {
      const translate: [string, string][] = []
      await using turn = await TestTurnServer.start({ translate })
      await using media = await engine(io)
      const left = await phone(media)
      const right = await phone(media, {}, left.leg)
      await using _left = left.peer
      await using _right = right.peer
      const open = () => media.openLeg({ uuid: 'w', address: '127.0.0.1', near: left.leg })
      const [a, b] = [await open(), await open()]
      translate.push([`${elsewhere}:${b.localPort}`, `127.0.0.1:${b.localPort}`])
      const outcome = await a.relayBy([serverAt(turn)], 20_000)
      assert.ok('relayed' in outcome, JSON.stringify(outcome))
      assert.deepEqual(outcome.mapped, { address: '127.0.0.1', port: a.localPort })
      const { relayed } = outcome
      const both = Promise.all([next(a, 'secured'), next(b, 'secured')])
      const iceA = { ...one, checks: checks(elsewhere, b.localPort, two.password, weDecide) }
      const iceB = { ...two, checks: checks('127.0.0.1', relayed.port, one.password, !weDecide) }
      a.configure(terms(media, b.localPort, 'passive', iceA))
      b.configure(terms(media, relayed.port, 'active', iceB))
      left.leg.bridge(a)
      right.leg.bridge(b)
      await both
      await Promise.all([left.peer.tone(440, 30), right.peer.tone(620, 30)])
      await Promise.all([left.peer.until(30), right.peer.until(30)])
      assert.ok(purity(440, right.peer.heard()) > 0.99)
      assert.ok(purity(620, left.peer.heard()) > 0.99)
      await eventually('reports of both', async () => {
        const [ofA, ofB] = await Promise.all([a.stats(), b.stats()])
        return ofA.rtcpPackets > 0 && ofB.rtcpPackets > 0
      })
      const { webrtc, sendsTo } = (await a.describe()) ?? {}
      const here = `127.0.0.1:${relayed.port}`
      assert.equal(sendsTo, `${elsewhere}:${b.localPort}`)
      assert.deepEqual(webrtc?.turn, {
        server: 'turn:test',
        state: 'allocated',
        relayed: here,
        isUsed: true,
        failures: [],
      })
      const pair = webrtc.ice?.pairs.find(({ isNominated }) => isNominated)
      assert.equal(pair?.local, here)
      // Sound goes by the channel: of what came before it, and of checks elsewhere, there is little.
      const { counts } = turn
      const count = (name: string) => counts[name] ?? 0
      assert.ok(count('channel out') > count('indication out'), JSON.stringify(counts))
      assert.ok(count('channel in') > count('indication in'), JSON.stringify(counts))
      for (const name of ['allocate', 'permission', 'channel']) assert.ok(count(name) > 0, name)
      await a.close()
      await freed(turn)
    })

test('where the other side is reached directly the server carries nothing, and is given back all the same', async () => {
  await using turn = await TestTurnServer.start()
  await using media = await engine()
  const left = await phone(media)
  const right = await phone(media, {}, left.leg)
  await using _left = left.peer
  await using _right = right.peer
  const open = () => media.openLeg({ uuid: 'w', address: '127.0.0.1', near: left.leg })
  const [a, b] = [await open(), await open()]
  await a.relayBy([serverAt(turn)], 20_000)
  const both = Promise.all([next(a, 'secured'), next(b, 'secured')])
  const iceA = { ...one, checks: checks('127.0.0.1', b.localPort, two.password, true) }
  const iceB = { ...two, checks: checks('127.0.0.1', a.localPort, one.password, false) }
  a.configure(terms(media, b.localPort, 'passive', iceA))
  b.configure(terms(media, a.localPort, 'active', iceB))
  left.leg.bridge(a)
  right.leg.bridge(b)
  await both
  await left.peer.tone(440, 30)
  await right.peer.until(30)
  assert.equal((await a.describe())?.webrtc?.turn?.isUsed, false)
  assert.equal(turn.counts['channel out'], undefined)
  await a.close()
  await freed(turn)
})

test('servers are asked one after the other: a silent one and one without ports cost no call', async () => {
  await using silent = await TestTurnServer.start({ isSilent: true })
  await using full = await TestTurnServer.start({ refuse: 508 })
  await using good = await TestTurnServer.start()
  await using media = await engine()
  const leg = await media.openLeg({ uuid: 'w', address: '127.0.0.1' })
  const servers = [serverAt(silent, 'turn:a'), serverAt(full, 'turn:b'), serverAt(good, 'turn:c')]
  const outcome = await leg.relayBy(servers, 20_000)
  assert.ok('relayed' in outcome && outcome.server === 'turn:c', JSON.stringify(outcome))
  assert.equal((await media.figures()).dropped['TURN failed'], 2)
  await leg.close()
  await freed(good)
})

test('a server that refuses is named with its reason; one that is silent takes no longer than it may', async () => {
  await using full = await TestTurnServer.start({ refuse: 486 })
  await using silent = await TestTurnServer.start({ isSilent: true })
  await using media = await engine()
  const open = () => media.openLeg({ uuid: 'w', address: '127.0.0.1' })
  const [one, other]: readonly MediaLeg[] = [await open(), await open()]
  assert.deepEqual(await one?.relayBy([serverAt(full)], 20_000), {
    failure: 'turn:test: the quota of allocations of this user is reached (486 Refused)',
  })
  assert.deepEqual(await other?.relayBy([serverAt(silent)], 300), {
    failure: 'turn:test: no answer within 300 ms',
  })
  assert.equal((await other?.describe())?.webrtc, undefined)
  await Promise.all([one?.close(), other?.close()])
})

test('a leg that is closed while a server is asked answers so, and leaves nothing there', async () => {
  await using turn = await TestTurnServer.start()
  await using media = await engine()
  const leg = await media.openLeg({ uuid: 'w', address: '127.0.0.1' })
  const asked = leg.relayBy([serverAt(turn)], 2000)
  await leg.close()
  assert.ok('failure' in (await asked))
  assert.deepEqual(await leg.relayBy([serverAt(turn)], 2000), { failure: 'the leg was closed' })
  await freed(turn)
})
