/** Text messages: SIP MESSAGE (RFC 3428) from phones, the plan for messages, and the ways to phones, browsers and conferences. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Allowance, setMessageAllowance } from '../../src/endpoints/sofia/message-allowance.ts'
import { profileNamed } from '../../src/endpoints/sofia/profiles.ts'
import { vertoOf } from '../../src/endpoints/verto/verto.ts'
import type { HeaderLine, SipRequest, SipResponse } from '../../src/sip/message.ts'
import type { Phone } from '../support/phone.ts'
import { type SipSwitch, type SipSwitchOptions, startSipSwitch } from '../support/sip-switch.ts'
import { startStockSwitch } from '../support/stock-switch.ts'
import { VertoClient } from '../support/verto-client.ts'

const text: readonly HeaderLine[] = [['Content-Type', 'text/plain']]

function send(phone: Phone, to: string, body: string, headers = text): Promise<SipResponse> {
  return phone.request('MESSAGE', to, headers, body)
}

function message(phone: Phone): Promise<SipRequest> {
  return phone.requests.next('a MESSAGE', ({ method }) => method === 'MESSAGE')
}

async function pair(options: SipSwitchOptions = {}) {
  const sw = await startSipSwitch(options)
  const [alice, bob] = await Promise.all([sw.phone('1000'), sw.phone('1001')])
  await alice.register()
  await bob.register()
  return { sw, alice, bob, [Symbol.asyncDispose]: () => sw[Symbol.asyncDispose]() }
}

function messageEvent(sw: SipSwitch, body: string) {
  return sw.event('MESSAGE', (event) => event.body === body)
}

test('a message reaches every phone of the user, with the name of who wrote it', async () => {
  await using t = await pair({ settings: { 'multiple-registrations': 'contact' } })
  const second = await t.sw.phone('1001')
  await second.register()
  const answer = await send(t.alice, '1001', 'hello there')
  assert.equal(answer.status, 202)
  assert.equal((await message(t.bob)).body, 'hello there')
  const came = await message(second)
  assert.equal(came.body, 'hello there')
  assert.equal(came.contentType, 'text/plain')
  assert.match(came.get('From') ?? '', /^<sip:1000@example\.test>;tag=/)
  // RFC 3428 §4.
  assert.equal(came.has('Contact'), false)
  const event = await messageEvent(t.sw, 'hello there')
  const shown = ['proto', 'from', 'to', 'type', 'from_user', 'to_host', 'context', 'sip_profile']
  assert.deepEqual(
    shown.map((name) => event.get(name)),
    [
      'sip',
      '1000@example.test',
      '1001@example.test',
      'text/plain',
      '1000',
      'example.test',
      'public',
      'internal',
    ],
  )
  assert.equal(event.get('Nonblocking-Delivery'), 'true')
})

test('headers of the sender’s own go with the message; what he writes is never expanded', async () => {
  await using t = await pair()
  await send(t.alice, '1001', '${hostname}', [...text, ['X-Mood', '${hostname}']])
  const came = await message(t.bob)
  assert.equal(came.body, '${hostname}')
  assert.equal(came.get('X-Mood'), '${hostname}')
})

test('who is at no phone gets nothing: the sender has 202, programs hear why', async () => {
  await using t = await pair()
  assert.equal((await send(t.alice, '1005', 'anybody?')).status, 202)
  const error = await t.sw.event('CUSTOM', ({ subclass }) => subclass === 'sofia::error')
  assert.equal(error.get('Error-Reason'), 'no recipient')
  assert.equal(error.get('Chat-Send-To'), '1005@example.test')
  assert.equal((await messageEvent(t.sw, 'anybody?')).get('Delivery-Failure'), 'true')
  assert.equal(
    await t.sw.api('chat sip|1000@example.test|1005@example.test|hm'),
    'Error! Message Not Sent',
  )
})

test('strangers, forged names, other hosts, commands, and what is no text are refused', async () => {
  await using t = await pair()
  const stranger = await t.sw.phone('1000', { password: 'wrong' })
  assert.equal((await send(stranger, '1001', 'x')).status, 403)
  const types = ['image/png', 'application/octet-stream', 'audio/basic', 'nonsense']
  for (const type of types) {
    const answer = await send(t.alice, '1001', 'x', [['Content-Type', type]])
    assert.equal(answer.status, 415, type)
    assert.match(answer.get('Accept') ?? '', /text\/plain/)
  }
  const packed: HeaderLine[] = [...text, ['Content-Encoding', 'gzip']]
  assert.equal((await send(t.alice, '1001', 'x', packed)).get('Accept-Encoding'), 'identity')
  const tcp = await t.sw.phone('1000', { protocol: 'tcp' })
  assert.equal((await send(tcp, '1001', 'x'.repeat(33_000))).status, 413)
  assert.equal((await send(t.alice, 'api+version', 'x')).status, 403)
  assert.equal(
    (
      await t.alice.request(
        'MESSAGE',
        '1001',
        [...text, ['X-FS-Sending-Message', t.sw.sw.coreUuid]],
        'x',
      )
    ).status,
    503,
  )
  assert.equal((await send(t.alice, '1001', 'the only one')).status, 202)
  assert.equal((await message(t.bob)).body, 'the only one')
  const counters = await t.sw.api('counters')
  assert.match(counters, /messages in: refused body\W+6\b/)
  assert.match(counters, /messages in: refused recipient\W+1\b/)
  assert.match(counters, /messages in: refused loop\W+1\b/)
})

test('a name that is not the sender’s is refused', async () => {
  await using t = await pair()
  const forger = await t.sw.phone('1002', { username: '1000', password: 'pw-1000' })
  assert.equal((await send(forger, '1001', 'I am 1002')).status, 403)
})

test('who sends without end is told to wait', async () => {
  await using t = await pair()
  const profile = profileNamed(t.sw.sw, 'internal')
  assert.ok(profile)
  setMessageAllowance(profile, new Allowance(0, 2))
  assert.equal((await send(t.alice, '1001', 'one')).status, 202)
  assert.equal((await send(t.alice, '1001', 'two')).status, 202)
  const refused = await send(t.alice, '1001', 'three')
  assert.deepEqual([refused.status, refused.get('Retry-After')], [480, '1'])
  // Others are not to blame.
  assert.equal((await send(t.bob, '1000', 'four')).status, 202)
  assert.match(await t.sw.api('counters'), /messages in: refused rate\W+1\b/)
})

test('that somebody is typing is taken and goes nowhere (RFC 3994)', async () => {
  await using t = await pair()
  const typing: HeaderLine[] = [['Content-Type', 'application/im-iscomposing+xml']]
  assert.equal((await send(t.alice, '1001', '<isComposing/>', typing)).status, 202)
  await send(t.alice, '1001', 'done')
  assert.equal((await message(t.bob)).body, 'done')
})

test('the profile says whether messages are taken, how they are answered, and whether they are told twice', async () => {
  await using t = await pair({
    settings: { 'sip-messages-respond-200-ok': 'true', 'fire-message-events': 'true' },
  })
  assert.equal((await send(t.alice, '1001', 'one')).status, 200)
  assert.equal((await t.sw.event('RECV_MESSAGE')).body, 'one')
  await using off = await pair({ settings: { 'enable-chat': 'false' } })
  assert.equal((await send(off.alice, '1001', 'one')).status, 403)
})

test('chat sends, waits for the phone, and says how it went', async () => {
  await using t = await pair()
  const line = 'chat sip|Desk@example.test|1001@example.test|from the console|text/plain'
  assert.equal(await t.sw.api(line), 'Sent')
  const came = await message(t.bob)
  assert.equal(came.body, 'from the console')
  assert.match(came.get('From') ?? '', /^"Desk" <sip:Desk@example\.test>;tag=/)
  t.bob.answers = 488
  assert.equal(await t.sw.api(line), 'Error! Message Not Sent')
  t.bob.answers = 200
  assert.equal(await t.sw.api('chat sip|x@y|internal/1001@example.test|m'), 'Sent')
  assert.equal(await t.sw.api('chat sip|x@y|nosuch/1001@example.test|m'), 'Error! Message Not Sent')
})

const plan = `
<context name="public">
<extension name="first" continue="true"><condition field="body" expression="^tag (\\w+)"><action application="set" data="sip_h_X-Tag=$1"/></condition></extension>
<extension name="echo"><condition field="to_user" expression="^9196$"><action application="reply" data="you said: \${body}"/><action application="stop"/><action application="set" data="never=1"/></condition></extension>
<extension name="drop"><condition field="_body" expression="spam"><action application="final"/></condition></extension>
<extension name="sent"><condition field="\${from_user}" expression="^1000$"/><condition field="body" expression="^via"><action application="set" data="body=seen: \${body}"/><action application="send"/></condition></extension>
<extension name="told"><condition field="body" expression="^tell"><action application="send" data="event"/><action application="fire"/></condition></extension>
<extension name="bad"><condition field="body" expression="^bad"><action application="nosuch"/><action application="final"/></condition></extension>
<extension name="hostile"><condition field="body" expression="^run (.*)"><action application="reply" data="$1"/></condition></extension>
</context>`

const withPlan: SipSwitchOptions = { modules: ['mod_sms'], chatplan: plan }

test('the plan for messages replies, sets headers, drops, sends on and tells', async () => {
  await using t = await pair(withPlan)
  await send(t.alice, '9196', 'hello')
  const echo = await message(t.alice)
  assert.equal(echo.body, 'you said: hello')
  assert.match(echo.get('From') ?? '', /<sip:9196@example\.test>/)
  await send(t.alice, '1001', 'spam')
  await send(t.alice, '1001', 'tag blue')
  const tagged = await message(t.bob)
  assert.deepEqual([tagged.body, tagged.get('X-Tag')], ['tag blue', 'blue'])
  await send(t.alice, '1001', 'via')
  assert.equal((await message(t.bob)).body, 'seen: via')
  await send(t.alice, '1001', 'tell')
  assert.equal((await message(t.bob)).body, 'tell')
  assert.equal((await t.sw.event('RECV_MESSAGE')).body, 'tell')
  await send(t.alice, '1001', 'bad')
  assert.equal((await message(t.bob)).body, 'bad')
  assert.equal(t.bob.requests.all.filter(({ method }) => method === 'MESSAGE').length, 4)
})

test('what a message brings is no part of the plan', async () => {
  await using t = await pair(withPlan)
  await send(t.alice, '1001', 'run ${global_setvar(owned=1)}')
  assert.equal((await message(t.alice)).body, '%{global_setvar(owned=1)}')
  assert.equal(t.sw.sw.globals.get('owned'), undefined)
})

test('SMS::SEND_MESSAGE sends, and is reported', async () => {
  await using t = await pair(withPlan)
  const event = t.sw.sw.events.create('CUSTOM', 'SMS::SEND_MESSAGE')
  event.add('proto', 'global').add('dest_proto', 'sip').add('from', '1000@example.test')
  event.add('to', '1001@example.test').add('type', 'text/plain').add('blocking', 'true')
  event.body = 'by event'
  t.sw.sw.events.fire(event)
  assert.equal((await message(t.bob)).body, 'by event')
  const report = await t.sw.event('CUSTOM', ({ subclass }) => subclass === 'SMS::DELIVERY_REPORT')
  assert.equal(report.get('Status'), 'Success')
})

const verto = `<configuration name="verto.conf"><profiles><profile name="main">
<param name="bind-local" value="127.0.0.1:0"/><param name="rtp-ip" value="127.0.0.1"/></profile></profiles></configuration>`

test('phones and browsers write to each other; who has both hears it at both', async () => {
  await using t = await pair({
    modules: ['mod_verto'],
    configuration: verto,
    userParams: () => ({ 'jsonrpc-allowed-methods': 'verto' }),
  })
  const port = vertoOf(t.sw.sw)?.profiles[0]?.bindings[0]?.server?.port ?? 0
  const carol = await VertoClient.loggedIn(port, '1002')
  const bobToo = await VertoClient.loggedIn(port, '1001')
  await send(t.alice, '1002', 'to the browser')
  const shown = await carol.wait('verto.info')
  assert.equal((shown as { msg: { body: string } }).msg.body, 'to the browser')
  await carol.call('verto.info', { msg: { to: '1000@example.test', body: 'to the phone' } })
  const came = await message(t.alice)
  assert.equal(came.body, 'to the phone')
  assert.match(came.get('From') ?? '', /<sip:verto\+1002@example\.test>/)
  // An answer goes back by the name it came under.
  await send(t.alice, 'verto+1002', 'and back')
  assert.equal(((await carol.wait('verto.info')) as { msg: { body: string } }).msg.body, 'and back')
  await send(t.alice, '1001', 'to both')
  assert.equal((await message(t.bob)).body, 'to both')
  assert.equal(((await bobToo.wait('verto.info')) as { msg: { body: string } }).msg.body, 'to both')
})

test('a browser that asks for the outcome is told what the phone has answered', async () => {
  await using t = await pair({
    modules: ['mod_verto'],
    configuration: verto,
    userParams: () => ({ 'jsonrpc-allowed-methods': 'verto' }),
  })
  const port = vertoOf(t.sw.sw)?.profiles[0]?.bindings[0]?.server?.port ?? 0
  const carol = await VertoClient.loggedIn(port, '1002')
  const outcomeOf = async (to: string) => {
    const answer = await carol.call('verto.info', {
      msg: { to, body: 'well?', wantsOutcome: true },
    })
    return (answer['result'] as { isDelivered?: boolean }).isDelivered
  }
  assert.equal(await outcomeOf('1001'), true)
  assert.equal((await message(t.bob)).body, 'well?')
  t.bob.answers = 488
  assert.equal(await outcomeOf('1001@example.test'), false)
  assert.equal(await outcomeOf('1009'), false)
})

test('a message inside a call goes to the other party, and uuid_send_message to one', async () => {
  await using t = await pair()
  const ringing = t.bob.calls.next('a call')
  const call = await t.alice.call('1001')
  const answered = await ringing
  answered.answer()
  await call.outcome()
  await t.sw.event('CHANNEL_BRIDGE')
  assert.equal((await call.request('MESSAGE', text, 'psst')).status, 202)
  const inside = await answered.requests.next('a MESSAGE', ({ method }) => method === 'MESSAGE')
  assert.equal(inside.body, 'psst')
  assert.equal((await call.request('MESSAGE', [['Content-Type', 'image/png']], 'x')).status, 415)
  const { uuid } = t.sw.channel('1001')
  assert.equal(await t.sw.api(`uuid_send_message ${uuid} note this`), '+OK Success\n')
  const noted = await answered.requests.next('a MESSAGE', ({ method }) => method === 'MESSAGE')
  assert.equal(noted.body, 'note this')
  assert.equal(await t.sw.api(`uuid_chat ${uuid} and this`), '+OK\n')
  await call.bye()
})

test('SEND_MESSAGE of a program goes to the phones of a user, or into a call', async () => {
  await using t = await pair()
  const event = t.sw.sw.events.create('SEND_MESSAGE').add('profile', 'internal')
  event.add('content-type', 'text/plain').add('user', '1001').add('host', 'example.test')
  event.add('subject', 'Lunch')
  event.body = 'is ready'
  t.sw.sw.events.fire(event)
  const came = await message(t.bob)
  assert.deepEqual([came.body, came.get('Subject')], ['is ready', 'Lunch'])
})

test('the plan that comes with the program sends back what is written to 9196', async () => {
  await using sw = await startStockSwitch()
  const alice = await sw.phone('1000')
  assert.equal((await alice.request('MESSAGE', '9196', text, 'is anybody there?')).status, 202)
  assert.equal((await message(alice)).body, 'You wrote: is anybody there?')
  const bob = await sw.phone('1001')
  await alice.request('MESSAGE', '1001', text, 'hello')
  assert.equal((await message(bob)).body, 'hello')
})
