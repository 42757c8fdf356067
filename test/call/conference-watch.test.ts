/** Who is in a conference, for phones that subscribe to it: Event: conference (RFC 4575, RFC 6665). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestAuthenticated } from '../../src/sip/authenticate.ts'
import type { SipRequest, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import { joined } from '../support/conference.ts'
import type { Phone } from '../support/phone.ts'
import { startSipSwitch } from '../support/sip-switch.ts'

const configuration = `<configuration name="conference.conf"><profiles>
<profile name="open"><param name="conference-flags" value="rfc-4579"/><param name="domain" value="example.test"/></profile>
<profile name="closed"><param name="domain" value="example.test"/></profile></profiles></configuration>`

const start = () =>
  startSipSwitch({
    modules: ['mod_conference'],
    configuration,
    extensions: { '3000': ['conference:3000@open'], '3001': ['conference:3001@closed'] },
  })

function watch(phone: Phone, room: string, host: string): Promise<SipResponse> {
  const request = createRequest('SUBSCRIBE', {
    uri: `sip:${room}@${phone.server}`,
    from: `<sip:${phone.user}@${phone.domain}>`,
    to: `<sip:${room}@${host}>`,
    headers: [
      ['Contact', phone.contact],
      ['Event', 'conference'],
      ['Accept', 'application/conference-info+xml'],
      ['Expires', '600'],
    ],
  })
  return new Promise((final) => requestAuthenticated(phone.agent, request, phone.digest, { final }))
}

const notice = (phone: Phone): Promise<SipRequest> =>
  phone.requests.next('a NOTIFY', ({ method }) => method === 'NOTIFY')

test('who watches a room hears who is in, who comes and goes, and that it ends', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3000')
  const watcher = await sw.phone('1005')
  const answer = await watch(watcher, '3000', 'example.test')
  assert.equal(answer.status, 202)
  assert.match(answer.get('Contact') ?? '', />;isfocus$/)
  const now = await notice(watcher)
  assert.equal(now.contentType, 'application/conference-info+xml')
  assert.match(now.body, /entity="sip:3000@example\.test"/)
  assert.match(now.body, /<user-count>1<\/user-count>/)
  assert.match(now.body, /<display-text>Phone 1000<\/display-text>/)
  const second = await joined(sw, '1001', '3000')
  const more = await notice(watcher)
  assert.match(more.body, /<user-count>2<\/user-count>/)
  assert.match(more.body, /Phone 1001/)
  await second.call.bye()
  assert.match((await notice(watcher)).body, /<user-count>1<\/user-count>/)
  await first.call.bye()
  let last = await notice(watcher)
  while (!/^terminated/.test(last.get('Subscription-State') ?? '')) last = await notice(watcher)
  assert.equal(last.get('Subscription-State'), 'terminated;reason=noresource')
})

test('who names the server by its address watches the same room', async () => {
  await using sw = await start()
  const watcher = await sw.phone('1005')
  assert.equal((await watch(watcher, '3000', '127.0.0.1')).status, 202)
  assert.match((await notice(watcher)).body, /<active>false<\/active>/)
  const first = await joined(sw, '1000', '3000')
  assert.match((await notice(watcher)).body, /<user-count>1<\/user-count>/)
  await first.call.bye()
})

test('a room that does not say who is in (no rfc-4579) and one that is not there tell nothing', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3001')
  const watcher = await sw.phone('1005')
  for (const room of ['3001', '3999']) {
    assert.equal((await watch(watcher, room, 'example.test')).status, 202)
    const { body } = await notice(watcher)
    assert.match(body, /<user-count>0<\/user-count>/)
    assert.doesNotMatch(body, /Phone 1000/)
  }
  await first.call.bye()
})

test('strangers learn nothing of a room', async () => {
  await using sw = await start()
  const stranger = await sw.phone('1005', { password: 'wrong' })
  assert.equal((await watch(stranger, '3000', 'example.test')).status, 403)
})
