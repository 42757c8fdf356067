/** Pairs by TCP beside those by UDP: which one is taken, and what becomes of it when a connection ends (RFC 6544). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attribute,
  messageType,
  readStun,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../../../src/net/stun-message.ts'
import { IceAgent } from '../../../src/webrtc/ice-agent.ts'
import type { IceSettings, IceWay } from '../../../src/webrtc/ice-terms.ts'

const ours = { ufrag: 'ours', password: 'o'.repeat(24), remoteUfrag: 'theirs' }
const theirPassword = 't'.repeat(24)
const there = '192.0.2.7'
const full = (isControlling: boolean): IceSettings => ({
  ...ours,
  checks: {
    remotePassword: theirPassword,
    isControlling,
    candidates: [{ address: there, port: 4000, priority: 2 ** 30, type: 'host' }],
  },
})

function agentWith(settings: IceSettings) {
  const sent: { packet: Buffer; port: number; way: IceWay }[] = []
  const selected: string[] = []
  const agent = new IceAgent(
    settings,
    {
      send: (packet, port, _address, way) => void sent.push({ packet, port, way }),
      selected: (_address, port, way) => void selected.push(`${way} ${port}`),
      state: () => undefined,
      drop: () => undefined,
    },
    0,
  )
  /** A check of theirs. */
  const check = (way: IceWay, port: number, now: number, nominates = false, priority = 2 ** 31) => {
    const worth = Buffer.alloc(4)
    worth.writeUInt32BE(priority)
    const controls = settings.checks?.isControlling !== true
    const role = controls ? attribute.iceControlling : attribute.iceControlled
    const parts = [
      stunAttribute(attribute.userName, Buffer.from('ours:theirs')),
      stunAttribute(attribute.priority, worth),
      stunAttribute(role, Buffer.alloc(8)),
      ...(nominates ? [stunAttribute(attribute.useCandidate, Buffer.alloc(0))] : []),
    ]
    const transaction = transactionOf(Buffer.alloc(12, port & 0xff))
    const packet = writeStun(messageType.bindingRequest, transaction, parts, ours.password)
    agent.receive(packet, there, port, now, way)
  }
  /** Answers to the checks of ours that went by a way. */
  const answer = (way: IceWay, now: number) => {
    for (const { packet, port, way: by } of sent.splice(0)) {
      const message = readStun(packet)
      if (by !== way || message?.type !== messageType.bindingRequest) continue
      const { transaction } = message
      const response = writeStun(messageType.bindingSuccess, transaction, [], theirPassword)
      agent.receive(response, there, port, now, way)
    }
  }
  return { agent, sent, selected, check, answer }
}

test('the lite side answers by TCP what asks by TCP, and believes a pair that the other side settles on', () => {
  const { agent, sent, selected, check } = agentWith(ours)
  check('tcp', 50_000, 10)
  assert.deepEqual(
    sent.map(({ port, way }) => `${way} ${port}`),
    ['tcp 50000'],
  )
  assert.deepEqual(selected, [])
  check('tcp', 50_000, 20, true)
  assert.deepEqual(selected, ['tcp 50000'])
  assert.equal(agent.state, 'connected')
})

test('a pair by TCP is worth less than one by UDP, whatever the other side says of it', () => {
  const { agent, check } = agentWith(ours)
  check('tcp', 50_000, 10, false, 2 ** 31)
  check('direct', 4000, 20, false, 2 ** 30 * 1.8)
  assert.deepEqual(
    agent.pairs.map(({ way }) => way),
    ['direct', 'tcp'],
  )
})

test('the same address and port by UDP and by TCP are two pairs', () => {
  const { agent, check } = agentWith(ours)
  check('tcp', 4000, 10)
  check('direct', 4000, 20)
  assert.equal(agent.pairs.length, 2)
})

test('whoever decides waits for UDP a little, then settles on TCP', () => {
  const { agent, selected, check, answer } = agentWith(full(true))
  check('tcp', 50_000, 10)
  answer('tcp', 20)
  assert.deepEqual(selected, [])
  for (let now = 100; now <= 1000; now += 100) {
    agent.sweep(now)
    answer('tcp', now)
  }
  assert.deepEqual(selected, ['tcp 50000'])
})

test('over TCP a check is not sent again: the transport sees to that (RFC 8489 section 6.2.2)', () => {
  const { agent, sent, check } = agentWith(full(false))
  check('tcp', 50_000, 10)
  for (let now = 100; now < 10_000; now += 100) agent.sweep(now)
  const asked = (way: IceWay) =>
    sent.filter((one) => one.way === way && readStun(one.packet)?.type === 1).length
  assert.equal(asked('tcp'), 1)
  assert.ok(asked('direct') > 3)
})

test('when the connection in use ends, another pair that works takes its place at once', () => {
  const { agent, selected, check } = agentWith(ours)
  check('direct', 4000, 10)
  check('tcp', 50_000, 20, true)
  agent.ended(there, 50_000, 30)
  assert.deepEqual(selected, ['tcp 50000', 'direct 4000'])
  assert.deepEqual(
    agent.pairs.map(({ way, isNominated }) => `${way} ${isNominated}`),
    ['direct true'],
  )
})

test('whoever decides names the pair that takes its place', () => {
  const { agent, sent, selected, check, answer } = agentWith(full(true))
  check('tcp', 50_000, 10)
  answer('tcp', 20)
  for (let now = 100; now <= 500; now += 100) {
    agent.sweep(now)
    answer('tcp', now)
  }
  for (let now = 600; now <= 2000; now += 100) {
    agent.sweep(now)
    answer('direct', now)
  }
  agent.ended(there, 50_000, 2100)
  assert.deepEqual(selected, ['tcp 50000', 'direct 4000'])
  const names = sent.map(({ packet }) => readStun(packet)?.values.has(attribute.useCandidate))
  assert.deepEqual(names, [true])
})

test('where nothing else works consent runs out as it does by UDP, unless they connect again', () => {
  for (const isBack of [false, true]) {
    const { agent, selected, check } = agentWith(ours)
    check('tcp', 50_000, 20, true)
    agent.ended(there, 50_000, 1000)
    assert.equal(agent.isReady, false)
    assert.equal(agent.isKnown(there, 50_000), false)
    agent.sweep(29_000)
    assert.equal(agent.state, 'connected')
    if (isBack) check('tcp', 50_001, 29_500, true)
    agent.sweep(31_000)
    assert.equal(agent.state, isBack ? 'connected' : 'disconnected')
    assert.equal(agent.isReady, isBack)
    assert.equal(selected.at(-1), isBack ? 'tcp 50001' : 'tcp 50000')
  }
})

test('whoever decides settles on the connection that takes the place of a broken one', () => {
  const { agent, selected, check, answer } = agentWith(full(true))
  check('tcp', 50_000, 10)
  answer('tcp', 20)
  for (let now = 100; now <= 500; now += 100) {
    agent.sweep(now)
    answer('tcp', now)
  }
  agent.ended(there, 50_000, 600)
  check('tcp', 50_001, 700)
  for (let now = 800; now <= 1400; now += 100) {
    answer('tcp', now)
    agent.sweep(now)
  }
  assert.deepEqual(selected, ['tcp 50000', 'tcp 50001'])
})

test('a connection that ends and is not in use takes its pair with it, and no more', () => {
  const { agent, selected, check } = agentWith(ours)
  check('direct', 4000, 10, true)
  for (let port = 50_000; port < 50_100; port++) {
    check('tcp', port, 20)
    agent.ended(there, port, 30)
  }
  agent.ended(there, 4000, 40)
  assert.deepEqual(selected, ['direct 4000'])
  assert.equal(agent.pairs.length, 1)
})
