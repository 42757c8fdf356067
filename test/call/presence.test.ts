/** How users are: PUBLISH (RFC 3903), and watchers by SUBSCRIBE with Event: presence (RFC 3856). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestAuthenticated } from '../../src/sip/authenticate.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import type { Phone } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'

const start = (settings: Readonly<Record<string, string>> = {}) =>
  startSipSwitch({ settings: { 'manage-presence': 'true', ...settings } })

const pidf = (basic: string, note: string, doing = '') => `<?xml version="1.0"?>
<pr:presence xmlns:pr="urn:ietf:params:xml:ns:pidf" xmlns:d="urn:ietf:params:xml:ns:pidf:data-model" xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:1000@example.test">
<pr:tuple id="a"><pr:status><pr:basic>${basic}</pr:basic></pr:status></pr:tuple>
<d:person id="p"><r:activities>${doing}</r:activities><d:note>${note}</d:note></d:person></pr:presence>`

const headers = (more: readonly HeaderLine[] = []): HeaderLine[] => [
  ['Event', 'presence'],
  ['Content-Type', 'application/pidf+xml'],
  ...more,
]

function publish(phone: Phone, body: string, more: readonly HeaderLine[] = []) {
  return phone.request('PUBLISH', '', headers(more), body)
}

function watch(phone: Phone, user: string, event = 'presence'): Promise<SipResponse> {
  const request = createRequest('SUBSCRIBE', {
    uri: `sip:${user}@${phone.server}`,
    from: `<sip:${phone.user}@${phone.domain}>`,
    to: `<sip:${user}@${phone.domain}>`,
    headers: [
      ['Contact', phone.contact],
      ['Event', event],
      ['Expires', '600'],
    ],
  })
  return new Promise((final) => requestAuthenticated(phone.agent, request, phone.digest, { final }))
}

const notice = (phone: Phone): Promise<SipRequest> =>
  phone.requests.next('a NOTIFY', ({ method }) => method === 'NOTIFY')

const heard = (sw: SipSwitch, status: string) =>
  sw.event('PRESENCE_IN', (event) => event.get('status') === status)

test('what a phone publishes is told to programs and to watchers, until its time is over', async () => {
  await using sw = await start()
  const [alice, bob] = await Promise.all([sw.phone('1000'), sw.phone('1001')])
  assert.equal((await watch(bob, '1000')).status, 202)
  const before = await notice(bob)
  assert.equal(before.contentType, 'application/pidf+xml')
  assert.match(before.body, /<basic>closed<\/basic>.*Unregistered/s)
  const answer = await publish(
    alice,
    pidf('open', 'In a <meeting>'.replace(/[<>]/g, ''), '<r:meeting/>'),
  )
  assert.equal(answer.status, 200)
  assert.match(answer.get('SIP-ETag') ?? '', /^[0-9a-f]{16}$/)
  assert.equal(answer.get('Expires'), '3600')
  const event = await heard(sw, 'In a meeting')
  assert.deepEqual(
    ['proto', 'from', 'rpid', 'event_type', 'sip_profile'].map((name) => event.get(name)),
    ['sip', '1000@example.test', 'meeting', 'presence', 'internal'],
  )
  const body = (await notice(bob)).body
  assert.match(body, /entity="pres:1000@example\.test"/)
  assert.match(body, /<basic>open<\/basic>/)
  assert.match(body, /<rpid:meeting\/>.*<dm:note>In a meeting<\/dm:note>/s)
  const tag: HeaderLine[] = [['SIP-If-Match', answer.get('SIP-ETag') ?? '']]
  const changed = await publish(alice, pidf('open', 'Lunch'), tag)
  assert.notEqual(changed.get('SIP-ETag'), answer.get('SIP-ETag'))
  assert.match((await notice(bob)).body, /Lunch/)
  const newTag: HeaderLine[] = [
    ['SIP-If-Match', changed.get('SIP-ETag') ?? ''],
    ['Expires', '0'],
  ]
  assert.equal((await publish(alice, '', newTag)).status, 200)
  assert.match((await notice(bob)).body, /Unregistered/)
  assert.equal(sw.sw.events.wants('PRESENCE_IN'), true)
})

test('a refresh without a body keeps what was said; a tag counts once (RFC 3903 §4.3)', async () => {
  await using sw = await start()
  const alice = await sw.phone('1000')
  const first = await publish(alice, pidf('open', 'here'))
  const tag: HeaderLine[] = [['SIP-If-Match', first.get('SIP-ETag') ?? '']]
  const second = await publish(alice, '', [...tag, ['Expires', '60']])
  assert.deepEqual([second.status, second.get('Expires')], [200, '60'])
  assert.equal((await publish(alice, '', tag)).status, 412)
  assert.match(await sw.api('sofia_presence_data list 1000@example.test'), /\+OK/)
})

test('strangers, others, other packages and what cannot be read are refused', async () => {
  await using sw = await start()
  const stranger = await sw.phone('1000', { password: 'wrong' })
  assert.equal((await publish(stranger, pidf('open', 'x'))).status, 403)
  const forger = await sw.phone('1002', { username: '1000', password: 'pw-1000' })
  assert.equal((await publish(forger, pidf('open', 'x'))).status, 403)
  const alice = await sw.phone('1000')
  const dialog = await alice.request('PUBLISH', '', [['Event', 'dialog']], 'x')
  assert.deepEqual([dialog.status, dialog.get('Allow-Events')], [489, 'presence'])
  const plain: HeaderLine[] = [
    ['Event', 'presence'],
    ['Content-Type', 'text/plain'],
  ]
  const other = await alice.request('PUBLISH', '', plain, 'x')
  assert.deepEqual([other.status, other.get('Accept')], [415, 'application/pidf+xml'])
  assert.equal((await publish(alice, '<presence><tuple>')).status, 400)
  assert.equal((await publish(alice, pidf('perhaps', 'x'))).status, 400)
  assert.equal((await publish(alice, pidf('open', 'x'.repeat(20_000)))).status, 413)
  const brief = await publish(alice, pidf('open', 'x'), [['Expires', '3']])
  assert.deepEqual([brief.status, brief.get('Min-Expires')], [423, '10'])
  // Nothing said, nothing asked.
  assert.equal((await alice.request('PUBLISH', '', [['Event', 'presence']])).status, 200)
  const bomb = `<!DOCTYPE a [<!ENTITY b "${'x'.repeat(50)}"><!ENTITY c "&b;&b;&b;">]>${pidf('open', '&c;')}`
  assert.equal((await publish(alice, bomb)).status, 400)
  assert.match(await sw.api('counters'), /publish refused\W+[6-9]\b/)
})

test('watchers see that somebody registers and that he is in a call', async () => {
  await using sw = await start()
  const [alice, bob] = await Promise.all([sw.phone('1000'), sw.phone('1001')])
  await watch(bob, '1000')
  assert.match((await notice(bob)).body, /closed/)
  await alice.register()
  assert.match((await notice(bob)).body, /<basic>open<\/basic>.*Available/s)
  await alice.register(0)
  assert.match((await notice(bob)).body, /closed/)
})

test('a profile that manages no presence has no watchers', async () => {
  await using sw = await start({ 'manage-presence': 'false' })
  const bob = await sw.phone('1001')
  assert.equal((await watch(bob, '1000')).status, 489)
})
