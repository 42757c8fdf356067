/** Calls that come in over SIP: who may, what they are answered, how they end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSipSwitch } from '../support/sip-switch.ts'
import { cleanest, purity } from '../support/tone.ts'
import { until } from '../support/until.ts'

const extensions = {
  echo: ['answer', 'echo'],
  ring: ['ring_ready', 'sleep:10000'],
  early: ['pre_answer', 'playback:tone_stream://%(300,0,480)', 'answer', 'sleep:5000'],
  busy: ['respond:486'],
  short: ['answer', 'sleep:50', 'hangup:NORMAL_CLEARING'],
  reason: ['hangup:UNALLOCATED_NUMBER'],
  headers: ['set:sip_rh_X-Back=final', 'answer', 'set:sip_bye_h_X-Bye=gone', 'sleep:50', 'hangup'],
  digits: ['answer', 'sleep:5000'],
  named: [
    ...['caller_id_name', 'sip_subject', 'sip_h_X-Note', 'rtp_use_codec_fmtp', 'switch_r_sdp'].map(
      (name, at) => `set:seen_${at}=\${${name}}`,
    ),
    ...[0, 1, 2, 3, 4].map((at) => `set:twice_${at}=\${seen_${at}}`),
    'answer',
    'sleep:5000',
  ],
}

test('challenges a caller, takes its password and echoes its tone', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('echo')
  const answer = await call.outcome()
  assert.equal(answer.status, 200)
  assert.match(call.remoteSdp, /m=audio \d+ RTP\/AVP 0 101\r\n/)
  await call.rtp.tone(700, 25, 'PCMU')
  await call.rtp.until(20)
  assert.ok(purity(700, call.rtp.heard().slice(800)) > 0.9)
  assert.equal((await call.bye()).status, 200)
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE')
  assert.equal(end.get('Hangup-Cause'), 'NORMAL_CLEARING')
  assert.equal(end.get('variable_sip_hangup_disposition'), 'recv_bye')
  assert.equal(end.get('variable_accountcode'), 'acct1000')
})

test('what a caller writes into names and headers is never run by the dialplan', async () => {
  const bait = '${global_setvar(caught=yes)}'
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('named', {
    body: (port) =>
      [
        'v=0',
        'o=- 1 1 IN IP4 127.0.0.1',
        `s=${bait}`,
        'c=IN IP4 127.0.0.1',
        't=0 0',
        `m=audio ${port} RTP/AVP 0`,
        `a=fmtp:0 ${bait}`,
        '',
      ].join('\r\n'),
    headers: [
      ['Remote-Party-ID', `"${bait}" <sip:1000@${phone.domain}>`],
      ['Subject', bait],
      ['X-Note', bait],
    ],
  })
  assert.equal((await call.outcome()).status, 200)
  const [channel] = sw.sw.channels.list()
  assert.equal(channel?.variables.get('twice_0'), bait.replace('$', '%'))
  assert.equal(channel?.variables.get('twice_2'), bait.replace('$', '%'))
  assert.equal(sw.sw.globals.get('caught'), undefined)
})

test('refuses a wrong password with 403', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000', { password: 'wrong' })
  assert.equal((await (await phone.call('echo')).outcome()).status, 403)
})

test('answers 487 to a cancelled call and 200 to the CANCEL', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('ring')
  await call.response(180)
  call.cancel([['Reason', 'SIP;cause=200;text="picked up"']])
  assert.equal((await call.outcome()).status, 487)
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE')
  assert.equal(end.get('Hangup-Cause'), 'ORIGINATOR_CANCEL')
  assert.equal(end.get('variable_sip_hangup_disposition'), 'recv_cancel')
})

test('opens early media with 183 and keeps its description in the 200', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('early')
  const early = await call.response(183)
  assert.equal(early.contentType, 'application/sdp')
  const answer = await call.outcome()
  assert.equal(answer.body, early.body)
  await until(() => cleanest(480, call.rtp.heard().slice(0, 1600)) > 0.9, 'the early sound')
})

test('a status of the dialplan and a cause reach the caller, with a Reason', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const busy = await (await phone.call('busy')).outcome()
  assert.equal(busy.status, 486)
  assert.equal(busy.get('Reason'), 'Q.850;cause=17;text="USER_BUSY"')
  assert.equal((await (await phone.call('reason')).outcome()).status, 404)
  assert.equal((await (await phone.call('nowhere')).outcome()).status, 404)
})

test('hangs up with BYE, and headers of the dialplan go out', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('headers')
  assert.equal((await call.outcome()).get('X-Back'), 'final')
  const bye = await call.hungUp()
  assert.equal(bye.get('X-Bye'), 'gone')
  assert.equal(bye.get('Reason'), 'Q.850;cause=16;text="NORMAL_CLEARING"')
})

test('refuses an offer without a common codec with 488', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  assert.equal((await (await phone.call('echo', { codecs: [18, 101] })).outcome()).status, 488)
})

test('refuses an extension that is required and unknown with 420', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const refusal = await (
    await phone.call('echo', { headers: [['Require', '100rel, foo']] })
  ).outcome()
  assert.equal(refusal.status, 420)
  assert.equal(refusal.get('Unsupported'), '100rel, foo')
})

test('takes an offerless INVITE only with enable-3pcc, and offers in the 200', async () => {
  await using sw = await startSipSwitch({ extensions, settings: { 'enable-3pcc': 'true' } })
  const phone = await sw.phone('1000')
  const call = await phone.call('digits', { codecs: [] })
  const answer = await call.outcome()
  assert.equal(answer.status, 200)
  assert.match(answer.body, /RTP\/AVP 0 8 101/)
  await using strict = await startSipSwitch({ extensions })
  const other = await strict.phone('1000')
  assert.equal((await (await other.call('digits', { codecs: [] })).outcome()).status, 480)
})

test('late negotiation leaves the codec open until the answer', async () => {
  await using sw = await startSipSwitch({
    extensions,
    settings: { 'inbound-late-negotiation': 'true' },
  })
  const phone = await sw.phone('1000')
  const call = await phone.call('ring')
  await call.response(180)
  const channel = sw.channel('1000@example.test')
  assert.equal(channel.readCodec, undefined)
  assert.equal(channel.variables.get('endpoint_disposition'), 'DELAYED NEGOTIATION')
  assert.match(channel.variables.get('ep_codec_string') ?? '', /PCMU@8000h@20i.*,.*PCMA@8000h@20i/)
  call.cancel()
  const echo = await phone.call('echo', { codecs: [8, 101] })
  assert.match((await echo.outcome()).body, /RTP\/AVP 8 101/)
})

test('a session timer that is too short gets 422 with Min-SE (RFC 4028 §6)', async () => {
  await using sw = await startSipSwitch({
    extensions,
    settings: { 'minimum-session-expires': '120', 'session-timeout': '1800' },
  })
  const phone = await sw.phone('1000')
  const short = await (await phone.call('echo', { headers: [['Session-Expires', '30']] })).outcome()
  assert.equal(short.status, 422)
  assert.equal(short.get('Min-SE'), '120')
  const fine = await (
    await phone.call('echo', {
      headers: [
        ['Supported', 'timer'],
        ['Session-Expires', '600'],
      ],
    })
  ).outcome()
  assert.equal(fine.get('Session-Expires'), '600;refresher=uac')
  assert.equal(fine.get('Require'), 'timer')
})

test('digits by INFO count where no telephone-event was agreed', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('digits', { codecs: [0] })
  await call.outcome()
  const type = ['Content-Type', 'application/dtmf-relay'] as const
  assert.equal((await call.request('INFO', [type], 'Signal=5\r\nDuration=160\r\n')).status, 200)
  const digit = await sw.event('DTMF')
  assert.equal(digit.get('DTMF-Digit'), '5')
  assert.equal(digit.get('DTMF-Source'), 'ENDPOINT')
})

test('hold by re-INVITE is answered recvonly, told as an event, and taken back', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const call = await phone.call('digits')
  await call.outcome()
  const held = await call.reinvite([0, 101], 'sendonly')
  assert.match(held.body, /a=recvonly/)
  await sw.event('CHANNEL_HOLD')
  const back = await call.reinvite([8, 101])
  assert.match(back.body, /RTP\/AVP 8 101/)
  await sw.event('CHANNEL_UNHOLD')
  assert.equal(sw.channel('1000@example.test').readCodec?.name, 'PCMA')
})

test('every method outside a call is answered', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000')
  const status = async (method: string, headers: [string, string][] = []) =>
    (await phone.request(method, 'echo', headers)).status
  assert.equal(await status('OPTIONS'), 200)
  assert.equal(await status('INFO'), 200)
  assert.equal(await status('UPDATE'), 481)
  assert.equal(await status('PRACK'), 481)
  assert.equal(await status('NOTIFY', [['Event', 'presence']]), 481)
  assert.equal(await status('SUBSCRIBE', [['Event', 'nosuch']]), 489)
  assert.equal(await status('DANCE'), 501)
})

test('works over TCP too', async () => {
  await using sw = await startSipSwitch({ extensions })
  const phone = await sw.phone('1000', { protocol: 'tcp' })
  const call = await phone.call('short')
  const answer = await call.outcome()
  assert.match(answer.get('Contact') ?? '', /;transport=tcp>/)
  await call.hungUp()
})
