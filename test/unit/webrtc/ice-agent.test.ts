import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attribute,
  errorCode,
  messageType,
  stunAttribute,
  transactionOf,
  writeStun,
} from '../../../src/net/stun-message.ts'
import { IceAgent } from '../../../src/webrtc/ice-agent.ts'
import type { IceSettings, IceState, IceWay } from '../../../src/webrtc/ice-terms.ts'

interface Sent {
  readonly packet: Buffer
  readonly to: string
}

/** An agent at an address, and what became of it. */
class End {
  readonly agent: IceAgent
  readonly at: string
  readonly sent: Sent[] = []
  readonly selected: string[] = []
  readonly states: IceState[] = []
  readonly drops: string[] = []

  constructor(at: string, settings: IceSettings) {
    this.at = at
    this.agent = new IceAgent(
      settings,
      {
        send: (packet, port, address) => this.sent.push({ packet, to: `${address}:${port}` }),
        selected: (address, port) => this.selected.push(`${address}:${port}`),
        state: (state) => this.states.push(state),
        drop: (reason) => this.drops.push(reason),
      },
      0,
    )
  }
}

const one = { ufrag: 'oneone', password: '1'.repeat(24) }
const two = { ufrag: 'twotwo', password: '2'.repeat(24) }
const [atOne, atTwo] = ['192.0.2.1:1100', '192.0.2.2:2000']

function candidate(at: string, priority = 100) {
  const [address = '', port] = at.split(':')
  return { address, port: Number(port), priority, type: 'host' } as const
}

/** Carries what is sent, for so many ticks of 100 ms; `way` says from where a packet is seen to come, undefined loses it. */
function carry(
  ends: readonly End[],
  ticks: number,
  way: (from: string, to: string) => string | undefined = (from) => from,
): void {
  for (let tick = 1; tick <= ticks; tick++) {
    const now = tick * 100
    for (const { agent } of ends) agent.sweep(now)
    while (ends.some(({ sent }) => sent.length > 0))
      for (const end of ends)
        for (const { packet, to } of end.sent.splice(0)) {
          const seen = way(end.at, to)
          const there = ends.find(({ at }) => at === to)
          if (!there || seen === undefined) continue
          const [address = '', port] = seen.split(':')
          there.agent.receive(packet, address, Number(port), now)
        }
  }
}

function pair(more: { readonly bothDecide?: boolean; readonly isLite?: boolean } = {}) {
  const left = new End(atOne, {
    ...one,
    remoteUfrag: two.ufrag,
    checks: {
      remotePassword: two.password,
      isControlling: true,
      candidates: [candidate('192.0.2.66:6000', 300), candidate(atTwo, 200)],
    },
  })
  const right = new End(atTwo, {
    ...two,
    remoteUfrag: one.ufrag,
    ...(!more.isLite && {
      checks: {
        remotePassword: one.password,
        isControlling: more.bothDecide ?? false,
        candidates: [candidate(atOne)],
      },
    }),
  })
  return { left, right }
}

for (const [name, more] of Object.entries({
  'one decides, the other follows': {},
  'both would decide': { bothDecide: true },
  'the other is lite': { isLite: true },
}))
  test(`two agents settle on the pair that works: ${name}`, () => {
    const { left, right } = pair(more)
    carry([left, right], 10)
    assert.deepEqual([left.selected, right.selected], [[atTwo], [atOne]])
    assert.deepEqual(left.states, ['checking', 'connected'])
    assert.equal(right.states.at(-1), 'connected')
    assert.notEqual(left.agent.isControlling, right.agent.isControlling)
    assert.equal(left.agent.pairs.find(({ isNominated }) => isNominated)?.address, '192.0.2.2')
  })

test('an address that nobody spoke of, as NAT makes it, is learned from its checks', () => {
  const { left, right } = pair()
  const nat = '198.51.100.1:7777'
  const through = (from: string) => (from === atOne ? nat : from)
  // What the right one sends to the address it sees comes to the left one behind it.
  const ends = [left, right]
  for (let tick = 1; tick <= 10; tick++) {
    for (const { agent } of ends) agent.sweep(tick * 100)
    while (ends.some(({ sent }) => sent.length > 0))
      for (const end of ends)
        for (const { packet, to } of end.sent.splice(0)) {
          if (end === right && to !== nat) continue
          if (end === left && to !== atTwo) continue
          const [address = '', port] = through(end.at).split(':')
          const there = end === left ? right : left
          there.agent.receive(packet, address, Number(port), tick * 100)
        }
  }
  assert.deepEqual(right.selected, [nat])
  assert.deepEqual(left.selected, [atTwo])
  assert.equal(right.agent.selected?.type, 'prflx')
  assert.ok(right.agent.isKnown('198.51.100.1', 7777))
  assert.ok(!right.agent.isKnown('198.51.100.1', 7778))
})

test('without any answer it has failed after 30 seconds, and its checks were few', () => {
  const { left } = pair()
  carry([left], 310)
  assert.equal(left.agent.state, 'failed')
  assert.ok(left.agent.checksSent <= 14, `${left.agent.checksSent} checks`)
})

test('a lite agent is new until a check comes, and never sends one', () => {
  const { right } = pair({ isLite: true })
  carry([right], 20)
  assert.equal(right.agent.state, 'new')
  assert.equal(right.agent.checksSent, 0)
  carry([right], 310)
  assert.equal(right.agent.state, 'failed')
})

test('a pair in use that is silent for 30 seconds counts as lost, and comes back with the next answer', () => {
  const { left, right } = pair()
  carry([left, right], 10)
  carry([left], 320, () => undefined)
  assert.equal(left.agent.state, 'disconnected')
  carry([left, right], 10)
  const { agent } = left
  for (let now = 33_000; agent.state !== 'connected' && now < 60_000; now += 100) {
    agent.sweep(now)
    for (const { packet, to } of left.sent.splice(0))
      if (to === atTwo) right.agent.receive(packet, '192.0.2.1', 1100, now)
    for (const { packet } of right.sent.splice(0)) agent.receive(packet, '192.0.2.2', 2000, now)
  }
  assert.equal(agent.state, 'connected')
})

test('answers that nobody asked for, or of another password, change nothing', () => {
  const { left, right } = pair()
  const strange = new End('192.0.2.2:2000', { ...two, password: '3'.repeat(24) })
  carry([left, strange], 5)
  assert.deepEqual(left.selected, [])
  assert.ok(left.drops.includes('bad STUN') || strange.drops.includes('STUN refused'))
  carry([left, right], 10)
  assert.deepEqual(left.selected, [atTwo])
})

test('a check that was repeated is answered twice, and neither answer counts as refused', () => {
  const { left, right } = pair()
  for (let now = 100; now <= 1500; now += 100) {
    for (const { agent } of [left, right]) agent.sweep(now)
    for (const { packet, to } of left.sent.splice(0))
      if (to === atTwo)
        for (let times = 0; times < 2; times++) right.agent.receive(packet, '192.0.2.1', 1100, now)
    for (const { packet } of right.sent.splice(0))
      left.agent.receive(packet, '192.0.2.2', 2000, now)
  }
  assert.equal(left.agent.state, 'connected')
  assert.ok(!left.drops.includes('bad STUN'), left.drops.join())
})

test('answers that come late, when their checks are long over, do not count as refused', () => {
  const { left, right } = pair()
  const answers: Buffer[] = []
  for (let now = 100; now <= 20_000; now += 100) {
    for (const { agent } of [left, right]) agent.sweep(now)
    for (const { packet, to } of left.sent.splice(0))
      if (to === atTwo) right.agent.receive(packet, '192.0.2.1', 1100, now)
    for (const { packet } of right.sent.splice(0)) {
      answers.push(packet)
      left.agent.receive(packet, '192.0.2.2', 2000, now)
    }
  }
  assert.equal(left.agent.state, 'connected')
  for (const packet of answers) left.agent.receive(packet, '192.0.2.2', 2000, 20_100)
  assert.ok(!left.drops.includes('bad STUN'), left.drops.join())
})

test('an agent keeps 32 addresses of the other side, and counts what more it is told', () => {
  const { left } = pair()
  const candidates = Array.from({ length: 50 }, (_, i) => candidate(`192.0.2.${i + 1}:5000`))
  left.agent.configure(
    {
      ...one,
      remoteUfrag: two.ufrag,
      checks: { remotePassword: two.password, isControlling: true, candidates },
    },
    10,
  )
  assert.equal(left.agent.pairs.length, 32)
  assert.ok(left.drops.every((why) => why === 'ICE candidates'))
})

test('checks of theirs are no consent: who answers none of ours is lost (RFC 7675 section 5.1)', () => {
  const { left, right } = pair()
  carry([left, right], 10)
  assert.equal(left.agent.state, 'connected')
  // From now on the right one hears nothing, and goes on asking.
  carry([left, right], 400, (from) => (from === atTwo ? from : undefined))
  assert.equal(left.agent.state, 'disconnected')
})

test('a lite agent goes by checks, by indications and by what is heard of the pair in use', () => {
  const { left, right } = pair({ isLite: true })
  carry([left, right], 10)
  const { agent } = right
  assert.equal(agent.state, 'connected')
  agent.sweep(40_000, 39_000)
  assert.equal(agent.state, 'connected')
  const indication = writeStun(messageType.bindingIndication, transactionOf(Buffer.alloc(12)), [])
  agent.receive(indication, '192.0.2.1', 1100, 60_000)
  agent.sweep(80_000, 39_000)
  assert.equal(agent.state, 'connected')
  // From elsewhere it is nothing.
  agent.receive(indication, '192.0.2.9', 1100, 85_000)
  agent.sweep(91_000, 39_000)
  assert.equal(agent.state, 'disconnected')
})

test('a restart does not keep a pair that is silent', () => {
  const { left, right } = pair()
  carry([left, right], 10)
  const settings = { ...one, remoteUfrag: 'another' }
  const checks = { remotePassword: two.password, isControlling: true, candidates: [] }
  left.agent.configure({ ...settings, checks }, 2000)
  assert.ok(left.agent.isRestarting)
  left.agent.sweep(32_000)
  assert.equal(left.agent.state, 'disconnected')
})

test('an old name opens nothing after a restart', () => {
  const { left, right } = pair({ isLite: true })
  carry([left, right], 10)
  const fresh = { ufrag: 'fresh1', password: '4'.repeat(24), remoteUfrag: 'newone' }
  right.agent.configure(fresh, 1100)
  left.agent.sweep(9000)
  assert.ok(left.sent.length > 0)
  for (const { packet } of left.sent.splice(0)) right.agent.receive(packet, '192.0.2.66', 6, 9000)
  assert.deepEqual(right.selected, [atOne])
  assert.ok(right.drops.includes('STUN refused'))
})

/** The left one's checks under way, and an answer to each of them that says 487. */
function conflicts(left: End, password: string | undefined): void {
  for (const { packet, to } of left.sent.splice(0)) {
    const [address = '', port] = to.split(':')
    const error = [errorCode(487, 'Role Conflict')]
    const answer = writeStun(messageType.bindingError, packet.subarray(4, 20), error, password)
    left.agent.receive(answer, address, Number(port), 100)
  }
}

test('several answers of a role conflict change the part once, and only when they are signed', () => {
  const forged = pair().left
  forged.agent.sweep(100)
  conflicts(forged, undefined)
  assert.equal(forged.agent.isControlling, true)
  const { left } = pair()
  left.agent.sweep(100)
  assert.equal(left.sent.length, 2)
  conflicts(left, two.password)
  assert.equal(left.agent.isControlling, false)
})

function badCheck(octets = 0): Buffer {
  const parts = [
    stunAttribute(attribute.userName, Buffer.from('oneone:twotwo')),
    ...(octets > 0 ? [stunAttribute(0x8022, Buffer.alloc(octets))] : []),
  ]
  return writeStun(messageType.bindingRequest, transactionOf(Buffer.alloc(12)), parts, 'wrong')
}

test('a flood of wrong checks gets few answers, and none longer than what asked for it', () => {
  const { left } = pair()
  left.sent.length = 0
  for (let at = 0; at < 1000; at++) left.agent.receive(badCheck(), '192.0.2.9', 9000, 50)
  assert.equal(left.sent.length, 20)
  assert.equal(left.agent.checksRefused, 1000)
  left.sent.length = 0
  const short = writeStun(messageType.bindingRequest, transactionOf(Buffer.alloc(12)), [])
  left.agent.receive(short, '192.0.2.9', 9000, 5000)
  assert.deepEqual(left.sent, [])
  assert.equal(left.drops.filter((why) => why === 'STUN refused').length, 1001)
})

test('nobody uses an agent against third parties by the candidates that he names', () => {
  const { left } = pair()
  const candidates = [
    ...['0.0.0.0', '224.0.0.1', '239.1.2.3', '255.255.255.255', '::', 'ff02::1', '1.2.3', 'host'],
  ].map((address) => ({ address, port: 5000, priority: 1, type: 'host' }) as const)
  const services = [53, 123, 161, 1023].map((port) => candidate(`198.51.100.7:${port}`))
  const ports = Array.from({ length: 20 }, (_, at) => candidate(`198.51.100.8:${4000 + at}`))
  const relays = [candidate('198.51.100.9:443'), candidate('198.51.100.10:80')]
  const checks = {
    remotePassword: two.password,
    isControlling: true,
    candidates: [...candidates, ...services, ...ports, ...relays],
  }
  left.agent.configure({ ...one, remoteUfrag: 'again', checks }, 10)
  const kept = left.agent.pairs.map(({ address }) => address)
  assert.deepEqual([...new Set(kept)].sort(), ['198.51.100.10', '198.51.100.8', '198.51.100.9'])
  assert.equal(kept.filter((address) => address === '198.51.100.8').length, 8)
})

test('restarts without end bring no more checks of addresses that never answered', () => {
  const { left } = pair()
  for (let now = 0, run = 0; now < 29_000; now += 100, run++) {
    const candidates = Array.from({ length: 30 }, (_, at) => candidate(`198.51.100.${at}:5000`))
    const checks = { remotePassword: two.password, isControlling: true, candidates }
    left.agent.configure({ ...one, remoteUfrag: `run${run}`, checks }, now)
    left.agent.sweep(now)
  }
  assert.ok(left.agent.checksSent <= 300, `${left.agent.checksSent} checks`)
  assert.ok(left.drops.includes('ICE checks'))
})

/** Through a relay: what an agent sends that way comes from `relayAt`, and what is sent there comes back that way. */
const relayAt = '203.0.113.9:9000'

/** An agent with a relay, and one that knows the relay's address alone; `isOpen`: they also reach each other directly. */
function throughRelay(isOpen: boolean, isControlling: boolean) {
  const ways: string[] = []
  const selected: string[] = []
  const toRight: [Buffer, string][] = []
  const toLeft: [Buffer, string, IceWay][] = []
  const left = new IceAgent(
    {
      ...one,
      remoteUfrag: two.ufrag,
      checks: { remotePassword: two.password, isControlling, candidates: [candidate(atTwo)] },
    },
    {
      send: (packet, _port, _address, way) => {
        ways.push(way)
        if (way === 'relay') toRight.push([packet, relayAt])
        else if (isOpen) toRight.push([packet, atOne])
      },
      selected: (address, port, way) => selected.push(`${address}:${port} ${way}`),
      state: () => undefined,
      drop: () => undefined,
    },
    0,
  )
  left.relayed('IPv4', 0)
  const right = new End(atTwo, {
    ...two,
    remoteUfrag: one.ufrag,
    checks: {
      remotePassword: one.password,
      isControlling: !isControlling,
      candidates: isOpen ? [candidate(relayAt, 5), candidate(atOne)] : [candidate(relayAt, 5)],
    },
  })
  for (let now = 100; now <= 2000; now += 100) {
    left.sweep(now)
    right.agent.sweep(now)
    while (toRight.length + right.sent.length > 0) {
      for (const [packet, from] of toRight.splice(0)) {
        const [address = '', port] = from.split(':')
        right.agent.receive(packet, address, Number(port), now)
      }
      for (const { packet, to } of right.sent.splice(0)) {
        if (to === relayAt) toLeft.push([packet, atTwo, 'relay'])
        else if (isOpen && to === atOne) toLeft.push([packet, atTwo, 'direct'])
      }
      for (const [packet, from, way] of toLeft.splice(0)) {
        const [address = '', port] = from.split(':')
        left.receive(packet, address, Number(port), now, way)
      }
    }
  }
  return { left, right, selected, ways }
}

for (const isControlling of [true, false]) {
  const who = isControlling ? 'we decide' : 'they decide'

  test(`where only the relay gets through it is settled on, and answers go back by it: ${who}`, () => {
    const { left, right, selected } = throughRelay(false, isControlling)
    assert.deepEqual(selected, [`${atTwo} relay`])
    assert.deepEqual(right.selected, [relayAt])
    assert.equal(left.selected?.way, 'relay')
    assert.deepEqual(
      left.pairs.map(({ way, state }) => [way, state]),
      [
        ['direct', 'tried'],
        ['relay', 'good'],
      ],
    )
  })

  test(`where both ways work the direct one is settled on: ${who}`, () => {
    const { selected, right } = throughRelay(true, isControlling)
    assert.deepEqual(selected, [`${atTwo} direct`])
    assert.deepEqual(right.selected, [atOne])
  })
}

test('without a relay nothing is sent by one, and candidates of another family are not tried through it', () => {
  const sent: string[] = []
  const agent = new IceAgent(
    {
      ...one,
      remoteUfrag: two.ufrag,
      checks: { remotePassword: two.password, isControlling: true, candidates: [candidate(atTwo)] },
    },
    {
      send: (_packet, _port, _address, way) => sent.push(way),
      selected: () => undefined,
      state: () => undefined,
      drop: () => undefined,
    },
    0,
  )
  agent.relayed('IPv6', 0)
  for (let now = 100; now < 3000; now += 100) agent.sweep(now)
  assert.ok(sent.length > 1)
  assert.deepEqual([...new Set(sent)], ['direct'])
})
