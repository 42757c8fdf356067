/** Whole transactions between two agents on a wire that loses messages, in time that the test moves (RFC 3261 §17). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SipAgent } from '../../../src/sip/agent.ts'
import { OutgoingInvite } from '../../../src/sip/invite-client.ts'
import { IncomingInvite } from '../../../src/sip/invite-server.ts'
import { createRequest } from '../../../src/sip/request.ts'
import type { ServerTransaction } from '../../../src/sip/transaction-server.ts'
import { FakeClock } from '../../support/clock.ts'
import { WireFlow, wiredAgents } from '../../support/sip-wire.ts'

const options = () =>
  createRequest('OPTIONS', { uri: 'sip:b@10.0.0.2', from: '<sip:a@x>', to: '<sip:b@x>' })
const invite = () =>
  createRequest('INVITE', {
    uri: 'sip:b@10.0.0.2',
    from: '<sip:a@x>',
    to: '<sip:b@x>',
    headers: [['Contact', '<sip:a@10.0.0.1>']],
  })
const contact = ['Contact', '<sip:b@10.0.0.2>'] as const

test('an unanswered request is sent at 0, T1, 3·T1, 7·T1 … then every T2, and fails at 64·T1', () => {
  const { a, b, fromA, toB, advance } = wiredAgents()
  fromA.passes = () => false
  let status = 0
  a.request(
    options(),
    {
      final: (response) => {
        status = response.status
      },
    },
    { target: toB },
  )
  const counts: number[] = []
  for (const ms of [400, 100, 1000, 2000, 4000, 4000]) {
    advance(ms)
    counts.push(fromA.sent.length)
  }
  assert.deepEqual(counts, [1, 2, 3, 4, 5, 6])
  advance(32_000 - 11_500 - 100)
  assert.equal(status, 0)
  advance(100)
  assert.equal(status, 408)
  assert.equal(fromA.sent.length, 11)
  assert.equal(a.counters().transactions + b.counters().transactions, 0)
})

test('an unanswered INVITE doubles without bound: seven in 64·T1', () => {
  const { a, fromA, toB, advance } = wiredAgents()
  fromA.passes = () => false
  let status = 0
  a.request(
    invite(),
    {
      final: (response) => {
        status = response.status
      },
    },
    { target: toB },
  )
  advance(32_000)
  assert.equal(fromA.sent.length, 7)
  assert.equal(status, 408)
})

test('over a reliable transport nothing is sent again and ended transactions go at once', () => {
  const { a, b, clock, fromA, toB, advance } = wiredAgents('tcp')
  b.onRequest((transaction) => transaction.respond(200))
  let status = 0
  a.request(
    options(),
    {
      final: (response) => {
        status = response.status
      },
    },
    { target: toB },
  )
  advance(0)
  assert.equal(status, 200)
  assert.equal(fromA.sent.length, 1)
  assert.equal(clock.running, 0)
  assert.equal(a.counters().transactions + b.counters().transactions, 0)
})

test('a lost answer is repeated for the repeated request, and K and J end it', () => {
  const { a, b, fromB, toB, advance } = wiredAgents()
  let taken = 0
  let lost = 0
  b.onRequest((transaction) => {
    taken++
    return transaction.respond(200)
  })
  fromB.passes = () => lost++ > 0
  let answers = 0
  a.request(options(), { final: () => void answers++ }, { target: toB })
  advance(1000)
  assert.deepEqual([taken, answers, fromB.sent.length], [1, 1, 2])
  assert.deepEqual([a.counters().transactions, b.counters().transactions], [1, 1])
  advance(5000)
  assert.deepEqual([a.counters().transactions, b.counters().transactions], [0, 1])
  advance(32_000)
  assert.equal(b.counters().transactions, 0)
})

test('an INVITE nobody answers in 200 ms gets a 100 by itself (§17.2.1)', () => {
  const { a, b, fromB, toB, advance } = wiredAgents()
  b.onRequest(() => true)
  a.request(invite(), { final: () => {} }, { target: toB })
  advance(199, 199)
  assert.deepEqual(fromB.sent, [])
  advance(1, 1)
  assert.deepEqual(fromB.sent, ['SIP/2.0 100 Trying'])
})

test('a refusal is repeated by G until its ACK, which the transaction makes itself', () => {
  const { a, b, fromA, fromB, toB, advance } = wiredAgents()
  let acknowledged = 0
  b.onRequest((transaction: ServerTransaction) => {
    transaction.handlers = { acknowledged: () => void acknowledged++ }
    return transaction.respond(486)
  })
  let lost = 0
  fromA.passes = (data) => !data.toString().startsWith('ACK') || lost++ >= 2
  let refusals = 0
  a.request(invite(), { final: () => void refusals++ }, { target: toB })
  advance(4000)
  assert.deepEqual(fromB.sent, Array(3).fill('SIP/2.0 486 Busy Here'))
  assert.deepEqual([refusals, acknowledged], [1, 1])
  advance(40_000)
  assert.equal(a.counters().transactions + b.counters().transactions, 0)
})

test('a refusal without ACK is told after 64·T1', () => {
  const { a, b, fromA, toB, advance } = wiredAgents()
  const told: string[] = []
  b.onRequest((transaction) => {
    transaction.handlers = { failed: (reason) => void told.push(reason) }
    return transaction.respond(486)
  })
  fromA.passes = (data) => !data.toString().startsWith('ACK')
  a.request(invite(), { final: () => {} }, { target: toB })
  advance(32_100)
  assert.deepEqual(told, ['timeout'])
})

test('a 2xx is repeated until the ACK; each is acknowledged again; the INVITE is not given up twice', () => {
  const { a, b, clock, fromA, fromB, toB, advance } = wiredAgents()
  let acknowledged = 0
  b.onRequest((transaction) => {
    const incoming = new IncomingInvite(b, transaction, {
      acknowledged: () => void acknowledged++,
    })
    incoming.accept({ headers: [contact] })
    if (incoming.dialog !== undefined)
      incoming.dialog.target = { ...toB, address: '10.0.0.1', flow: fromB }
    return true
  })
  let lost = 0
  fromA.passes = (data) => !data.toString().startsWith('ACK') || lost++ >= 2
  let answers = 0
  const call = new OutgoingInvite(
    a,
    invite(),
    {
      answered: (_, dialog) => {
        answers++
        dialog.target = toB
      },
      refused: () => assert.fail('refused'),
    },
    { target: toB },
  )
  advance(10_000)
  assert.deepEqual([answers, acknowledged], [1, 1])
  assert.deepEqual(fromB.sent, Array(3).fill('SIP/2.0 200 OK'))
  assert.equal(fromA.sent.filter((line) => line.startsWith('ACK')).length, 3)
  call.dialog?.terminate()
  advance(32_000)
  assert.equal(clock.running, 0)
  assert.equal(a.counters().transactions + b.counters().transactions, 0)
})

test('CANCEL waits for a provisional response (§9.1), and a cancelled INVITE without answer ends', () => {
  const { a, b, fromA, toB, advance } = wiredAgents()
  b.onRequest((transaction) => {
    // Somebody who takes the CANCEL and says nothing to the INVITE.
    transaction.handlers = { cancelled: () => {} }
    return true
  })
  let status = 0
  const sent = a.request(
    invite(),
    {
      final: (response) => {
        status = response.status
      },
    },
    { target: toB },
  )
  sent.cancel([['Reason', 'SIP;cause=200']])
  assert.deepEqual(fromA.sent, ['INVITE sip:b@10.0.0.2 SIP/2.0'])
  advance(300)
  assert.deepEqual(fromA.sent.slice(1), ['CANCEL sip:b@10.0.0.2 SIP/2.0'])
  advance(32_000)
  assert.equal(status, 408)
  advance(40_000)
  assert.equal(a.counters().transactions, 0)
})

test('requests of before RFC 3261 are matched without branch (§17.2.3)', () => {
  const { b, fromB } = wiredAgents()
  let taken = 0
  b.onRequest((transaction) => {
    taken++
    return transaction.respond(486)
  })
  const head = (method: string) =>
    `${method} sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: old\r\nCSeq: 1 ${method}\r\n\r\n`
  const give = (text: string) => b.transport.deliver(Buffer.from(text), fromB, false)
  give(head('INVITE'))
  give(head('INVITE'))
  assert.deepEqual([taken, fromB.sent.length], [1, 2])
  give(head('ACK'))
  give(head('INVITE'))
  assert.equal(fromB.sent.length, 2)
})

test('beyond max-proceeding INVITEs get 503, and a flood of requests is dropped', () => {
  const clock = new FakeClock()
  const agent = new SipAgent({ listen: [], clock, maxProceeding: 2, maxRequestsPerSecond: 5 })
  agent.onRequest(() => true)
  const flow = new WireFlow('10.0.0.2', '10.0.0.1', 'udp')
  for (let count = 0; count < 8; count++) {
    const request = invite()
    request.prepend('Via', `SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK${count}`)
    agent.transport.deliver(request.toBuffer(), flow, false)
  }
  assert.deepEqual(flow.sent, Array(3).fill('SIP/2.0 503 Service Unavailable'))
  assert.equal(agent.counters().dropped, 3)
})
