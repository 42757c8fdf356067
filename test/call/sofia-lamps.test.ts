/** Message-waiting lamps: subscriptions (RFC 6665, RFC 3842), and phones that are told because they are registered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stopProfile } from '../../src/endpoints/sofia/lifecycle.ts'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { requestAuthenticated } from '../../src/sip/authenticate.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../../src/sip/message.ts'
import { createRequest } from '../../src/sip/request.ts'
import type { Phone } from '../support/phone.ts'
import { eventually } from '../support/programs.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'

const voicemail = `<configuration name="voicemail.conf"><profiles><profile name="default"/></profiles></configuration>`

function start(settings: Readonly<Record<string, string>> = {}): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_voicemail'],
    configuration: voicemail,
    settings: { 'auth-subscriptions': 'true', ...settings },
  })
}

/** Says that a mailbox has so many messages, as voicemail does. */
function change(sw: SipSwitch, user: string, newMessages: number): void {
  const counts = { newMessages, savedMessages: 2, newUrgent: 0, savedUrgent: 1 }
  sw.sw.messageWaiting.changed(user, 'example.test', counts, 'NEW', false)
}

/** A phone that has subscribed. */
class Subscriber {
  readonly phone: Phone
  readonly #callId = `${Math.random()}@test`
  readonly #fromTag = 'here'
  #toTag = ''
  #sequence = 1

  constructor(phone: Phone) {
    this.phone = phone
  }

  async subscribe(
    expires: number,
    headers: readonly HeaderLine[] = [['Event', 'message-summary']],
    user = this.phone.user,
  ): Promise<SipResponse> {
    const { phone } = this
    const request = createRequest('SUBSCRIBE', {
      uri: `sip:${user}@${phone.server}`,
      from: `<sip:${phone.user}@${phone.domain}>`,
      to: `<sip:${user}@${phone.domain}>${this.#toTag ? `;tag=${this.#toTag}` : ''}`,
      fromTag: this.#fromTag,
      callId: this.#callId,
      sequence: this.#sequence,
      headers: [['Contact', phone.contact], ['Expires', String(expires)], ...headers],
    })
    this.#sequence += 2
    const response = await new Promise<SipResponse>((resolve) =>
      requestAuthenticated(phone.agent, request, phone.digest, { final: resolve }),
    )
    if (response.status < 300) this.#toTag = response.to.tag ?? ''
    return response
  }

  notice(): Promise<SipRequest> {
    return this.phone.requests.next('a NOTIFY', ({ method }) => method === 'NOTIFY')
  }
}

async function subscriber(sw: SipSwitch, user: string): Promise<Subscriber> {
  return new Subscriber(await sw.phone(user))
}

const none = 'Messages-Waiting: no\r\nMessage-Account: sip:1001@example.test\r\n\r\n'

test('who subscribes is told at once, and of every change', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  const response = await lamp.subscribe(600)
  assert.equal(response.status, 202)
  assert.equal(response.get('Expires'), '600')
  assert.equal(response.get('Subscription-State'), 'active;expires=600')
  const first = await lamp.notice()
  assert.equal(first.get('Event'), 'message-summary')
  assert.match(first.get('Subscription-State') ?? '', /^active;expires=(600|59\d)$/)
  assert.equal(first.get('Content-Type'), 'application/simple-message-summary')
  assert.equal(first.body, none)
  assert.equal(first.toTag, 'here')
  change(sw, '1001', 1)
  const second = await lamp.notice()
  assert.equal(
    second.body,
    'Messages-Waiting: yes\r\nMessage-Account: sip:1001@example.test\r\nVoice-Message: 1/2\r\n\r\n',
  )
  assert.equal(second.cseq.number, first.cseq.number + 1)
  // Somebody else's messages light no lamp here.
  change(sw, '1002', 1)
  change(sw, '1001', 0)
  assert.match((await lamp.notice()).body, /^Messages-Waiting: no\r\n/)
})

test('a subscription is refreshed within its dialog, and ends at 0 (RFC 6665 §4.1.2)', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  await lamp.subscribe(600)
  await lamp.notice()
  const refresh = await lamp.subscribe(300)
  assert.equal(refresh.status, 202)
  assert.match((await lamp.notice()).get('Subscription-State') ?? '', /^active;expires=(300|29\d)$/)
  const end = await lamp.subscribe(0)
  assert.equal(end.status, 202)
  assert.equal((await lamp.notice()).get('Subscription-State'), 'terminated;reason=timeout')
  assert.equal((await lamp.subscribe(300)).status, 481)
  assert.match(await sw.api('counters'), /subscriptions\W+0\b/)
})

test('a look without subscription is answered with one NOTIFY (RFC 6665 §4.4.3)', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  assert.equal((await lamp.subscribe(0)).status, 202)
  const notices = [await lamp.notice(), await lamp.notice()]
  assert.equal(notices[0]?.body, none)
  assert.equal(notices[1]?.get('Subscription-State'), 'terminated;reason=timeout')
})

test('packages that nobody serves, times that are too short, and strangers are refused', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  assert.equal((await lamp.subscribe(60, [['Event', 'nosuch']])).status, 489)
  assert.equal((await lamp.subscribe(60, [])).status, 489)
  const brief = await lamp.subscribe(2)
  assert.equal(brief.status, 423)
  assert.equal(brief.get('Min-Expires'), '10')
  const stranger = new Subscriber(await sw.phone('1001', { password: 'wrong' }))
  assert.equal((await stranger.subscribe(60)).status, 403)
})

test('the id of the event comes back, so that a phone can tell its subscriptions apart', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  await lamp.subscribe(60, [['Event', 'message-summary;id=7']])
  assert.equal((await lamp.notice()).get('Event'), 'message-summary;id=7')
})

test('a phone that has gone is forgotten, a busy one is not (RFC 6665 §4.2.2)', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  await lamp.subscribe(60)
  await lamp.notice()
  lamp.phone.answers = 503
  change(sw, '1001', 1)
  await lamp.notice()
  lamp.phone.answers = 481
  change(sw, '1001', 2)
  assert.match((await lamp.notice()).body, /2\/2/)
  await eventually('it to be forgotten', async () =>
    /subscriptions\W+0\b/.test(await sw.api('counters')),
  )
})

test('a registered phone is told when it comes, and of changes, without having asked', async () => {
  await using sw = await start()
  const phone = await sw.phone('1001')
  const lamp = new Subscriber(phone)
  assert.equal((await phone.register()).status, 200)
  const first = await lamp.notice()
  assert.equal(first.get('Event'), 'message-summary')
  assert.equal(first.get('Subscription-State'), 'terminated;reason=noresource')
  assert.equal(first.body, none)
  assert.equal(first.from.uri.userName, '1001')
  change(sw, '1001', 3)
  assert.match((await lamp.notice()).body, /Voice-Message: 3\/2\r\n/)
  // A refresh is no news.
  await phone.register()
  change(sw, '1001', 4)
  assert.match((await lamp.notice()).body, /Voice-Message: 4\/2\r\n/)
})

test('send-message-query-on-register: false asks never, true every time', async () => {
  await using silent = await start({ 'send-message-query-on-register': 'false' })
  const phone = await silent.phone('1001')
  await phone.register()
  change(silent, '1001', 1)
  assert.match((await new Subscriber(phone).notice()).body, /1\/2/)
  await using eager = await start({ 'send-message-query-on-register': 'true' })
  const other = await eager.phone('1001')
  for (let round = 0; round < 2; round++) {
    await other.register()
    assert.equal((await new Subscriber(other).notice()).body, none)
  }
})

test('MESSAGE_WAITING of another program drives the lamps, and MESSAGE_QUERY is answered', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  await lamp.subscribe(60)
  await lamp.notice()
  sw.sw.events.announce('MESSAGE_WAITING', (event) => {
    event.add('MWI-Messages-Waiting', 'yes')
    event.add('MWI-Message-Account', '1001@example.test')
    event.add('MWI-Voice-Message', '7/0 (1/0)')
  })
  assert.match(
    (await lamp.notice()).body,
    /^Messages-Waiting: yes\r\n.*\r\nVoice-Message: 7\/0 \(1\/0\)\r\n/,
  )
  sw.sw.events.announce('MESSAGE_QUERY', (event) => {
    event.add('Message-Account', 'sip:1002@example.test')
    event.add('VM-X', 'y')
  })
  const answer = await sw.event('MESSAGE_WAITING', (event) => event.get('X') === 'y')
  assert.equal(answer.get('MWI-Messages-Waiting'), 'no')
  assert.equal(answer.get('MWI-Message-Account'), 'sip:1002@example.test')
})

test('subscribers are told when the profile stops', async () => {
  await using sw = await start()
  const lamp = await subscriber(sw, '1001')
  await lamp.subscribe(60)
  await lamp.notice()
  await stopProfile(profileNamed(sw.sw, 'internal')!)
  assert.equal((await lamp.notice()).get('Subscription-State'), 'terminated;reason=deactivated')
})
