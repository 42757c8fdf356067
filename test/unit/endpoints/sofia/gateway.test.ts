/** A gateway against a registrar at the other end of a wire, on a clock that the test moves. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchEvent } from '../../../../src/core/events.ts'
import { Gateway } from '../../../../src/endpoints/sofia/gateway.ts'
import { readAccount } from '../../../../src/endpoints/sofia/gateway-account.ts'
import { a1Hash, authorizationFor, verifyDigest } from '../../../../src/sip/digest.ts'
import type { SipRequest } from '../../../../src/sip/message.ts'
import type { ServerTransaction } from '../../../../src/sip/transaction-server.ts'
import { parseXml } from '../../../../src/xml/parse.ts'
import { wiredAgents } from '../../../support/sip-wire.ts'

const node = (params: string) => parseXml(`<gateway name="out">${params}</gateway>`, 'gateway.xml')

const usual = `<param name="username" value="joe"/><param name="password" value="secret"/>
<param name="proxy" value="10.0.0.2"/><param name="expire-seconds" value="600"/>`

type Answer = (transaction: ServerTransaction, request: SipRequest) => void

/** Challenges whoever has no credentials and registers whoever has the right ones. */
const registrar =
  (password = 'secret', expires?: number): Answer =>
  (transaction, request) => {
    const given = authorizationFor(request.lines('Authorization'), 'there')
    if (!given) {
      transaction.respond(401, {
        headers: [['WWW-Authenticate', 'Digest realm="there", nonce="n1", qop="auth"']],
      })
      return
    }
    const secret = { a1Hash: a1Hash('joe', 'there', password) }
    if (!verifyDigest(given, 'REGISTER', secret)) {
      transaction.respond(403)
      return
    }
    const asked = expires ?? Number(request.get('Expires'))
    const contact = `${request.get('Contact')};expires=${asked}`
    transaction.respond(200, { headers: asked === 0 ? [] : [['Contact', contact]] })
  }

function setUp(params = '', answer: Answer = registrar()) {
  const wire = wiredAgents()
  const requests: SipRequest[] = []
  const events: SwitchEvent[] = []
  const far = { answer }
  wire.b.onRequest((transaction) => {
    requests.push(transaction.request)
    far.answer(transaction, transaction.request)
    return true
  })
  const account = readAccount(node(usual + params), 'public')
  assert.ok(account)
  const gateway = new Gateway(
    {
      name: 'external',
      sender: {
        request: (request, handlers, options) =>
          wire.a.request(request, handlers, { ...options, target: wire.toB }),
      },
      clock: wire.clock,
      headers: [['User-Agent', 'test']],
      sipIp: '10.0.0.1',
      externalSipIp: '192.0.2.1',
      sipPort: 5080,
      passes: (address, list) => address === list,
      announce: (subclass, fill) => {
        const event = new SwitchEvent('CUSTOM', subclass)
        fill(event)
        events.push(event)
      },
    },
    account,
  )
  const seen = () => events.map((event) => event.get('State'))
  return { ...wire, gateway, requests, events, seen, far }
}

test('registers with digest and is up', () => {
  const { gateway, requests, seen, settle, events } = setUp()
  gateway.start()
  assert.equal(gateway.state, 'TRYING')
  assert.equal(gateway.isUp, false)
  settle()
  assert.equal(gateway.state, 'REGED')
  assert.equal(gateway.isUp, true)
  assert.deepEqual(seen(), ['TRYING', 'REGISTER', 'REGED'])
  assert.equal(events[1]?.get('Status'), '200')
  assert.equal(events[1]?.get('Register-Network-IP'), '10.0.0.2')
  const [first, second] = requests
  assert.equal(first?.uriText, 'sip:10.0.0.2;transport=udp')
  assert.equal(first?.get('Contact'), '<sip:gw+out@192.0.2.1:5080;transport=udp;gw=out>')
  assert.equal(first?.from.uriText, 'sip:joe@10.0.0.2')
  assert.equal(first?.get('Expires'), '600')
  assert.equal(second?.callId, first?.callId)
  assert.equal(second?.cseq.number, 2)
})

test('refreshes before the time that was granted is over, with the same Call-ID', () => {
  const { gateway, requests, advance, settle, far } = setUp('', registrar('secret', 100))
  gateway.start()
  settle()
  advance(84_000, 1000)
  assert.equal(requests.length, 2)
  far.answer = registrar()
  advance(2000)
  assert.equal(gateway.state, 'REGED')
  assert.equal(requests.length, 4)
  assert.equal(requests[3]?.cseq.number, 4)
})

test('a wrong password waits retry-seconds times the failures', () => {
  const { gateway, requests, advance, settle, seen, far } = setUp(
    '<param name="retry-seconds" value="10"/>',
    registrar('other'),
  )
  gateway.start()
  settle()
  assert.equal(gateway.state, 'FAIL_WAIT')
  assert.equal(gateway.isUp, false)
  assert.equal(gateway.retrySeconds, 10)
  assert.deepEqual(seen(), ['TRYING', 'FAILED', 'FAIL_WAIT'])
  advance(10_500)
  assert.equal(requests.length, 4)
  assert.equal(gateway.retrySeconds, 20)
  far.answer = registrar()
  advance(20_500)
  assert.equal(gateway.state, 'REGED')
})

test('503 is tried again after retry-seconds, however often it failed', () => {
  const { gateway, advance, settle } = setUp(
    '<param name="retry-seconds" value="10"/>',
    (transaction) => transaction.respond(503),
  )
  gateway.start()
  settle()
  advance(10_500)
  advance(10_500)
  assert.ok((gateway.retrySeconds ?? 99) <= 10)
})

test('silence ends in TIMEOUT after timeout-seconds', () => {
  const { gateway, advance, seen } = setUp('<param name="timeout-seconds" value="6"/>', () => {})
  gateway.start()
  advance(6100)
  assert.deepEqual(seen(), ['TRYING', 'TIMEOUT', 'FAILED', 'FAIL_WAIT'])
})

test('an answer that comes after the time-out changes nothing', () => {
  let late: (() => void) | undefined
  const { gateway, advance, settle } = setUp(
    '<param name="timeout-seconds" value="6"/>',
    (transaction) => {
      late ??= () => transaction.respond(200)
    },
  )
  gateway.start()
  advance(6100)
  late?.()
  settle()
  assert.equal(gateway.state, 'FAIL_WAIT')
})

test('423 is answered with the longer time that the registrar wants (RFC 3261 §21.4.17)', () => {
  const { gateway, requests, settle, far } = setUp('', (transaction) => {
    transaction.respond(423, { headers: [['Min-Expires', '1800']] })
    far.answer = registrar()
  })
  gateway.start()
  settle()
  assert.equal(gateway.state, 'REGED')
  assert.equal(requests[1]?.get('Expires'), '1800')
})

test('stopping takes the registration back and waits for the answer', async () => {
  const { gateway, requests, settle, clock } = setUp()
  gateway.start()
  settle()
  const stopped = gateway.stop()
  settle()
  await stopped
  assert.equal(requests.at(-1)?.get('Expires'), '0')
  assert.equal(gateway.state, 'DOWN')
  assert.equal(gateway.isUp, false)
  clock.advance(3_600_000)
  assert.equal(gateway.state, 'DOWN')
})

test('a gateway that does not register is up at once', () => {
  const { gateway, requests, settle } = setUp('<param name="register" value="false"/>')
  gateway.start()
  settle()
  assert.equal(gateway.state, 'NOREG')
  assert.equal(gateway.isUp, true)
  assert.equal(requests.length, 0)
  assert.equal(gateway.register(), false)
})

test('credentials are given only to servers in gw-auth-acl', () => {
  const { gateway, requests, settle } = setUp('<param name="gw-auth-acl" value="10.9.9.9"/>')
  gateway.start()
  settle()
  assert.equal(gateway.state, 'FAIL_WAIT')
  assert.equal(requests.length, 1)
})

test('a failed ping takes a gateway down, an answered one up again, each with an event', () => {
  const options = '<param name="register" value="false"/><param name="ping" value="5"/>'
  const { gateway, advance, events, far } = setUp(options, (transaction) =>
    transaction.respond(404),
  )
  gateway.start()
  advance(5100)
  assert.equal(gateway.isUp, true)
  assert.equal(gateway.ping.count, 1)
  far.answer = (transaction) => transaction.respond(503)
  advance(5100)
  assert.equal(gateway.isUp, false)
  far.answer = (transaction) => transaction.respond(200)
  advance(5100)
  assert.equal(gateway.isUp, true)
  assert.deepEqual(
    events.map((event) => [event.get('Ping-Status'), event.get('Status')]),
    [
      ['DOWN', '503'],
      ['UP', '200'],
    ],
  )
})

test('with ping-min and ping-max a gateway goes down and up only after several pings', () => {
  const options = `<param name="register" value="false"/><param name="ping" value="5"/>
<param name="ping-min" value="2"/><param name="ping-max" value="3"/>`
  const { gateway, advance, far } = setUp(options, (transaction) => transaction.respond(200))
  gateway.start()
  advance(15_500)
  assert.equal(gateway.ping.count, 3)
  far.answer = (transaction) => transaction.respond(503)
  advance(5000)
  assert.equal(gateway.isUp, true)
  advance(5000)
  assert.equal(gateway.isUp, false)
})

test('a ping that fails makes a registered gateway register again', () => {
  const { gateway, advance, far, seen } = setUp('<param name="ping" value="5"/>')
  const register = far.answer
  far.answer = (transaction, request) =>
    request.method === 'OPTIONS' ? transaction.respond(503) : register(transaction, request)
  gateway.start()
  advance(5200)
  assert.equal(gateway.state, 'FAIL_WAIT')
  assert.deepEqual(seen().slice(-3, -1), ['FAILED', 'FAIL_WAIT'])
})

test('what follows from what in an account', () => {
  const account = (params: string) => readAccount(node(params), 'public')
  const plain = account('<param name="username" value="u"/><param name="password" value="p"/>')
  assert.equal(plain?.realm, 'out')
  assert.equal(plain?.proxy, 'sip:out')
  assert.equal(plain?.to, 'sip:u@out')
  assert.equal(plain?.extension, 'u')
  assert.equal(plain?.context, 'public')
  const other = account(
    `<params><param name="username" value="u"/><param name="password" value="p"/>
<param name="realm" value="carrier.example"/><param name="from-user" value="f"/><param name="from-domain" value="d.example"/>
<param name="register-proxy" value="sip:edge.example"/><param name="register-transport" value="tcp"/></params>
<variables><variable name="a" value="1" direction="inbound"/><variable name="b" value="2"/></variables>`,
  )
  assert.equal(other?.proxy, 'sip:carrier.example')
  assert.equal(other?.from, '<sip:f@d.example>')
  assert.equal(other?.registerRoute, 'sip:edge.example')
  assert.equal(other?.registerUri, 'sip:carrier.example;transport=tcp')
  assert.deepEqual([...(other?.inboundVariables.keys() ?? [])], ['a', 'b'])
  assert.deepEqual([...(other?.outboundVariables.keys() ?? [])], ['b'])
  assert.equal(account('<param name="username" value="u"/>'), undefined)
  assert.equal(account('<param name="password" value="p"/>'), undefined)
  assert.equal(account('<param name="register" value="no"/>')?.username, 'FreeSWITCH')
})
