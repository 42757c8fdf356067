/** Calls from phone to phone over SIP: ringing, answers, failures, transfers, sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Phone, PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { purity } from '../support/tone.ts'

interface Pair {
  readonly a: Phone
  readonly b: Phone
  readonly out: PhoneCall
  readonly into: PhoneCall
}

/** 1000 calls 1001, which is registered and has not answered yet. */
async function dial(sw: SipSwitch, number = '1001'): Promise<Pair> {
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  assert.equal((await b.register()).status, 200)
  const out = await a.call(number, { headers: [['X-Tag', 'kept']] })
  return { a, b, out, into: await b.incoming() }
}

async function talk(sw: SipSwitch): Promise<Pair> {
  const pair = await dial(sw)
  pair.into.answer()
  assert.equal((await pair.out.outcome()).status, 200)
  await sw.event('CHANNEL_BRIDGE')
  return pair
}

test('rings, answers, carries sound both ways without transcoding, and a BYE ends both legs', async () => {
  await using sw = await startSipSwitch()
  const { out, into } = await dial(sw)
  const invite = into.incoming?.request
  assert.equal(invite?.get('X-Tag'), 'kept')
  assert.match(invite?.get('From') ?? '', /^"Phone 1000" <sip:1000@127\.0\.0\.1>/)
  assert.match(invite?.body ?? '', /RTP\/AVP 0 8 101/)
  into.ring()
  await out.response(180)
  into.answer([0, 101])
  const answer = await out.outcome()
  assert.match(answer.body, /RTP\/AVP 0 101/)
  await sw.event('CHANNEL_BRIDGE')
  await Promise.all([out.rtp.tone(500, 25), into.rtp.tone(900, 25)])
  await Promise.all([out.rtp.until(20), into.rtp.until(20)])
  assert.ok(purity(500, into.rtp.heard().slice(800)) > 0.9)
  assert.ok(purity(900, out.rtp.heard().slice(800)) > 0.9)
  await out.bye([
    ['Reason', 'Q.850;cause=16;text="bye"'],
    ['X-Why', 'done'],
  ])
  const bye = await into.hungUp()
  assert.equal(bye.get('X-Why'), 'done')
  assert.equal(bye.get('Reason'), 'Q.850;cause=16;text="bye"')
})

test('transcodes when the legs have no codec in common', async () => {
  await using sw = await startSipSwitch({
    extensions: { '2001': ['bridge:{absolute_codec_string=PCMA}sofia/internal/1001%example.test'] },
  })
  const { out, into } = await dial(sw, '2001')
  into.answer([8, 101])
  assert.match((await out.outcome()).body, /RTP\/AVP 0 101/)
  await sw.event('CHANNEL_BRIDGE')
  await out.rtp.tone(600, 25, 'PCMU')
  await into.rtp.until(20)
  assert.ok(purity(600, into.rtp.heard('PCMA').slice(800)) > 0.9)
})

test('G729 is passed on as it is; where it would have to be transcoded both legs end with the cause', async () => {
  const settings = { 'inbound-codec-prefs': 'G729,PCMU', 'outbound-codec-prefs': 'G729,PCMU' }
  await using sw = await startSipSwitch({ settings })
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  await b.register()
  const codecs = [18, 101]
  const same = await a.call('1001', { codecs })
  const taken = await b.incoming()
  taken.answer(codecs)
  assert.match((await same.outcome()).body, /RTP\/AVP 18 101/)
  await sw.event('CHANNEL_BRIDGE')
  await same.bye()
  await taken.hungUp()
  const unlike = await a.call('1001', { codecs })
  const other = await b.incoming()
  other.answer([0, 101])
  await Promise.all([unlike.outcome(), other.hungUp()])
  const end = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('Hangup-Cause') === 'INCOMPATIBLE_DESTINATION',
  )
  assert.match(end.get('Channel-Name') ?? '', /internal/)
  await sw.sw.channels.untilEmpty()
})

test('a refusal reaches the caller with its status, and the variables say so', async () => {
  await using sw = await startSipSwitch()
  const { out, into } = await dial(sw)
  into.reject(486)
  const refusal = await out.outcome()
  assert.equal(refusal.status, 486)
  const end = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('Call-Direction') === 'outbound',
  )
  assert.equal(end.get('variable_sip_term_status'), '486')
  assert.equal(end.get('variable_proto_specific_hangup_cause'), 'sip:486')
  assert.equal(end.get('variable_sip_hangup_disposition'), 'recv_refuse')
})

test('the Q.850 cause of a refusal wins over its status', async () => {
  await using sw = await startSipSwitch()
  const { out, into } = await dial(sw)
  into.reject(500, [['Reason', 'Q.850;cause=17']])
  await out.outcome()
  const end = await sw.event('CHANNEL_HANGUP_COMPLETE')
  assert.equal(end.get('Hangup-Cause'), 'USER_BUSY')
})

test('a cancelled call is cancelled on the other leg, and the loser of a race hears why', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2000': ['bridge:sofia/internal/1001%example.test,sofia/internal/1002%example.test'],
    },
  })
  const { a, b, out, into } = await dial(sw)
  into.ring()
  await out.response(180)
  out.cancel()
  const cancel = await b.cancelled.next('CANCEL')
  assert.equal(cancel.get('Reason'), 'SIP;cause=487;text="ORIGINATOR_CANCEL"')
  const c = await sw.phone('1002')
  await c.register()
  const fork = await a.call('2000')
  const [first, second] = await Promise.all([b.incoming(), c.incoming()])
  second.ring()
  first.answer()
  assert.equal((await fork.outcome()).status, 200)
  const lost = await c.cancelled.next('CANCEL')
  assert.equal(lost.get('Reason'), 'SIP;cause=200;text="Call completed elsewhere"')
})

test('nobody registered: 480', async () => {
  await using sw = await startSipSwitch()
  const a = await sw.phone('1000')
  assert.equal((await (await a.call('1005')).outcome()).status, 480)
})

test('early sound of the called party reaches the caller as 183', async () => {
  await using sw = await startSipSwitch()
  const { out, into } = await dial(sw)
  into.ring(183, true)
  const early = await out.response(183)
  assert.match(early.body, /m=audio/)
  into.answer()
  assert.equal((await out.outcome()).status, 200)
})

test('blind transfer: 202, one NOTIFY, the partner goes on, the transferor gets BYE', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '100[0-9]': [
        'set:hangup_after_bridge=true',
        'bridge:sofia/internal/${destination_number}%example.test',
      ],
      '9196': ['answer', 'echo'],
    },
  })
  const { out, into } = await talk(sw)
  const reply = await out.request('REFER', [
    ['Refer-To', '<sip:9196@example.test>'],
    ['Referred-By', '<sip:1000@example.test>'],
  ])
  assert.equal(reply.status, 202)
  const notify = await out.requests.next('NOTIFY', (request) => request.method === 'NOTIFY')
  assert.equal(notify.body, 'SIP/2.0 200 OK\r\n')
  assert.equal(notify.get('Subscription-State'), 'terminated;reason=noresource')
  await out.hungUp()
  await sw.event('CHANNEL_EXECUTE', (event) => event.get('Application') === 'echo')
  const already = into.rtp.arrived.length
  await into.rtp.tone(800, 25)
  await into.rtp.until(already + 15)
  assert.ok(purity(800, into.rtp.heard('PCMU', 0, already).slice(1600)) > 0.9)
})

test('attended transfer: the two partners meet, both calls of the transferor end', async () => {
  await using sw = await startSipSwitch()
  const { a, out, into } = await talk(sw)
  const c = await sw.phone('1002')
  await c.register()
  const consult = await a.call('1002')
  const third = await c.incoming()
  third.answer()
  await consult.outcome()
  await sw.until(() => sw.events.filter(({ name }) => name === 'CHANNEL_BRIDGE').length === 2)
  const { callId, remoteTag, localTag } = consult.dialog!
  const replaces = encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)
  const reply = await out.request('REFER', [
    ['Refer-To', `<sip:1002@example.test?Replaces=${replaces}>`],
  ])
  assert.equal(reply.status, 202)
  await Promise.all([out.hungUp(), consult.hungUp()])
  await sw.until(() => sw.events.filter(({ name }) => name === 'CHANNEL_BRIDGE').length === 3)
  const already = third.rtp.arrived.length
  await into.rtp.tone(650, 25)
  await third.rtp.until(already + 15)
  assert.ok(purity(650, third.rtp.heard('PCMU', 0, already).slice(1600)) > 0.9)
})

test('INVITE with Replaces takes the place of a party (RFC 3891)', async () => {
  await using sw = await startSipSwitch()
  const { into } = await talk(sw)
  const c = await sw.phone('1002')
  const { callId, localTag, remoteTag } = into.dialog!
  const pick = await c.call('1001', {
    headers: [['Replaces', `${callId};to-tag=${localTag};from-tag=${remoteTag}`]],
  })
  assert.equal((await pick.outcome()).status, 200)
  await into.hungUp()
})

test('bypass_media: each end gets the description of the other', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '2003': ['set:bypass_media=true', 'bridge:sofia/internal/1001%example.test'],
    },
  })
  const { out, into } = await dial(sw, '2003')
  assert.match(into.remoteSdp, new RegExp(`m=audio ${out.rtp.port} `))
  into.answer()
  await out.outcome()
  assert.match(out.remoteSdp, new RegExp(`m=audio ${into.rtp.port} `))
})

test('hold towards the far end: sendonly goes out and comes back', async () => {
  await using sw = await startSipSwitch()
  const { into } = await talk(sw)
  const leg = sw.sw.channels.list().find((channel) => channel.direction === 'outbound')!
  assert.match(await sw.api(`uuid_hold ${leg.uuid}`), /^\+OK/)
  const held = await into.requests.next('INVITE', (request) => request.method === 'INVITE')
  assert.match(held.body, /a=sendonly/)
  await sw.api(`uuid_hold off ${leg.uuid}`)
  const back = await into.requests.next('INVITE', (request) => request.method === 'INVITE')
  assert.doesNotMatch(back.body, /a=sendonly/)
})
