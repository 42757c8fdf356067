/** What a channel's rules do to its digits: masked, blocked, told apart; INFO where nobody agreed to events; ICE and noise in the SDP. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import { eventOf } from '../../src/rtp/telephone-event.ts'
import { eventsOf } from '../support/digits.ts'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { until } from '../support/until.ts'

interface Pair {
  readonly out: PhoneCall
  readonly into: PhoneCall
}

async function talk(sw: SipSwitch, number: string, codecs?: readonly number[]): Promise<Pair> {
  const a = await sw.phone('1000')
  const b = await sw.phone('1001')
  assert.equal((await b.register()).status, 200)
  const out = await a.call(number, codecs ? { codecs } : {})
  const into = await b.incoming()
  into.answer([0, 101])
  assert.equal((await out.outcome()).status, 200)
  await sw.event('CHANNEL_BRIDGE')
  await out.rtp.tone(440, 5)
  await into.rtp.until(3)
  return { out, into }
}

/** One digit of 100 ms as events. */
async function press(call: PhoneCall, digit: string): Promise<void> {
  const { rtp } = call
  for (let step = 1; step < 5; step++) {
    await rtp.event(eventOf(digit), false, step * 160, 101, step === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (let end = 0; end < 3; end++) await rtp.event(eventOf(digit), true, 800)
  rtp.timestamp += 800
  await rtp.tone(440, 5)
}

function info(call: PhoneCall, digit: string) {
  const body = `Signal=${digit}\r\nDuration=160\r\n`
  return call.request('INFO', [['Content-Type', 'application/dtmf-relay']], body)
}

/** The digits of DTMF events so far. */
function shown(sw: SipSwitch): string {
  const events = sw.events.filter(({ name }) => name === 'DTMF')
  return events.map((event) => event.get('DTMF-Digit')).join('')
}

const heard = ({ into }: Pair) => eventsOf(into.rtp, 101, 8000)

test('drop_dtmf: the party gets the mask instead of the digit', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '71': ['bridge:{drop_dtmf=true,drop_dtmf_masking_digits=0}sofia/internal/1001%example.test'],
    },
  })
  const pair = await talk(sw, '71')
  await press(pair.out, '5')
  await press(pair.out, '7')
  await until(() => heard(pair).length >= 2, 'two masks')
  assert.equal(heard(pair), '00')
})

test('block_dtmf: nothing goes either way until unblock_dtmf', async () => {
  await using sw = await startSipSwitch({
    extensions: { '72': ['block_dtmf', 'bridge:sofia/internal/1001%example.test'] },
  })
  const pair = await talk(sw, '72')
  await press(pair.out, '5')
  for (let step = 1; step < 4; step++) await pair.into.rtp.event(3, step === 3, step * 160)
  await pair.into.rtp.tone(500, 10)
  await pair.out.rtp.until(10)
  assert.equal(heard(pair), '')
  assert.equal(eventsOf(pair.out.rtp, 101, 8000), '')
})

test('liberal-dtmf: a digit by INFO and as an event, too, counts once; one by INFO alone counts', async () => {
  await using sw = await startSipSwitch({
    settings: { 'liberal-dtmf': 'true' },
    extensions: { '73': ['answer', 'sleep:20000'] },
  })
  const a = await sw.phone('1000')
  const out = await a.call('73')
  assert.equal((await out.outcome()).status, 200)
  await out.rtp.tone(440, 5)
  await press(out, '4')
  await info(out, '4')
  await info(out, '6')
  await sw.until(() => shown(sw).length >= 2)
  assert.equal(shown(sw), '46')
})

test('deduplicate_dtmf only_rtp: digits by INFO are dropped', async () => {
  await using sw = await startSipSwitch({
    settings: { 'liberal-dtmf': 'true' },
    extensions: { '74': ['deduplicate_dtmf:only_rtp', 'answer', 'sleep:20000'] },
  })
  const a = await sw.phone('1000')
  const out = await a.call('74')
  assert.equal((await out.outcome()).status, 200)
  await out.rtp.tone(440, 5)
  await info(out, '6')
  await press(out, '4')
  await sw.until(() => shown(sw).length > 0)
  assert.equal(shown(sw), '4')
})

test('an offer with ICE is answered by the lite side, one without is not', async () => {
  await using sw = await startSipSwitch({ extensions: { '75': ['answer', 'sleep:20000'] } })
  const a = await sw.phone('1000')
  const plain = await a.call('75')
  assert.doesNotMatch((await plain.outcome()).body, /ice|candidate/)
  const offer = plain.sdp([0, 101])
  const response = await plain.request(
    'INVITE',
    [['Content-Type', 'application/sdp']],
    `${offer}a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\na=candidate:1 1 UDP 2130706431 127.0.0.1 ${plain.rtp.port} typ host\r\n`,
  )
  assert.match(response.body, /^a=ice-lite/m)
  assert.match(response.body, /^a=ice-ufrag:\S{4,}/m)
  assert.match(response.body, /^a=ice-pwd:\S{22,}/m)
  assert.match(response.body, /^a=candidate:1 1 UDP 2130706431 127\.0\.0\.1 \d+ typ host/m)
})

test('suppress-cng: no comfort noise is spoken of', async () => {
  await using sw = await startSipSwitch({
    settings: { 'suppress-cng': 'true' },
    extensions: { '76': ['answer', 'sleep:20000'] },
  })
  const a = await sw.phone('1000')
  const out = await a.call('76')
  const { body } = await out.outcome()
  assert.doesNotMatch(body, /CN\/8000/)
  assert.match(body, /^a=silenceSupp:off - - - -/m)
})

test('media_timeout in ms ends a call without sound, execute_on_media_timeout says otherwise', async () => {
  await using sw = await startSipSwitch({
    extensions: {
      '77': ['set:media_timeout=300', 'answer', 'sleep:20000'],
      '78': [
        'set:media_timeout=300',
        'set:execute_on_media_timeout=set late=yes',
        'answer',
        'sleep:20000',
      ],
    },
  })
  const a = await sw.phone('1000')
  const first = await a.call('77')
  assert.equal((await first.outcome()).status, 200)
  await first.hungUp()
  assert.equal((await sw.event('CHANNEL_HANGUP_COMPLETE')).get('Hangup-Cause'), 'MEDIA_TIMEOUT')
  const second = await a.call('78')
  assert.equal((await second.outcome()).status, 200)
  await until(
    () => sw.sw.channels.list().some((channel) => channel.variables.get('late') === 'yes'),
    'the hook',
  )
  assert.equal((await second.bye()).status, 200)
})

test('uuid_debug_media tells of each packet in the log, until it is off again', async () => {
  await using sw = await startSipSwitch({ extensions: { '79': ['answer', 'echo'] } })
  const a = await sw.phone('1000')
  const out = await a.call('79')
  assert.equal((await out.outcome()).status, 200)
  await sw.event('CHANNEL_ANSWER')
  const { uuid } = sw.sw.channels.list()[0]!
  const lines: string[] = []
  using _ = onLog(({ area, text }) => {
    if (area === 'media/packet') lines.push(text)
  })
  assert.equal(await sw.api(`uuid_debug_media ${uuid} both on`), '+OK Success\n')
  await out.rtp.tone(440, 5)
  await until(() => lines.length >= 8, 'lines')
  assert.match(
    lines.join('\n'),
    /R from 127\.0\.0\.1:\d+ 172 octets pt=0 seq=100 ts=5000 ssrc=4096 marker/,
  )
  assert.match(lines.join('\n'), /W to 127\.0\.0\.1:\d+ 172 octets pt=0/)
  assert.equal(await sw.api(`uuid_debug_media ${uuid} all off`), '+OK Success\n')
  assert.equal(await sw.api(`uuid_debug_media ${uuid} loud on`), '-ERR Operation failed\n')
  await sw.sw.channels.list()[0]?.media?.stats()
  const before = lines.length
  await out.rtp.tone(440, 3)
  assert.equal(lines.length, before)
})
