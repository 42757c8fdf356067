/** Calls that a conference makes, and members that go from one to another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionOf, joined, told, untilCame, untilHears, whoHears } from '../support/conference.ts'
import { dialled, type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'

const configuration = `<configuration name="conference.conf"><profiles>
<profile name="default"><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/>
<param name="caller-id-name" value="Room"/><param name="caller-id-number" value="3000"/></profile>
</profiles></configuration>`

function start(): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_conference'],
    configuration,
    extensions: {
      '3000': ['conference:room@default'],
      '3001': ['answer:is_conference', 'conference:other@default'],
      '3002': ['answer', 'park'],
      '3100': [
        'set:conference_auto_outcall_timeout=20',
        'set:conference_auto_outcall_flags=mute',
        'set:conference_auto_outcall_announce=tone_stream://%(300,0,1900)',
        'set:conference_auto_outcall_maxwait=5',
        'conference_set_auto_outcall:sofia/internal/1001%example.test,sofia/internal/1002%example.test',
        'conference:called@default',
      ],
      '3200': ['conference:bridge:_uuid_@default:sofia/internal/1001%example.test'],
      '3201': ['conference:bridge:two@default:error/USER_BUSY'],
    },
  })
}

test('dial brings somebody in, with the flags of his call, and says what came of it', async () => {
  await using sw = await start()
  await joined(sw, '1000', '3000')
  const phone = await sw.phone('1001')
  await phone.register()
  const reply = sw.api(
    "conference room dial {outcall_flags='mute|moderator'}sofia/internal/1001%example.test 555 Joe",
  )
  const called = await phone.incoming()
  assert.match(called.incoming?.request.get('From') ?? '', /"?Joe"? <sip:555@/)
  called.answer()
  assert.equal(await reply, '+OK Call Requested: result: [SUCCESS]\n')
  await untilCame(sw, 2)
  const event = told(sw, 'add-member')[1]
  assert.deepEqual([event?.get('Speak'), event?.get('Member-Type')], ['false', 'moderator'])
  const refused = sw.api('conference room dial sofia/internal/1001%example.test')
  const again = await phone.incoming()
  assert.match(again.incoming?.request.get('From') ?? '', /"?Room"? <sip:3000@/)
  again.reject(486)
  assert.equal(await refused, '+OK Call Requested: result: [USER_BUSY]\n')
})

test('bgdial answers at once and tells the end in an event; without a conference who answers begins it', async () => {
  await using sw = await start()
  await joined(sw, '1000', '3000')
  const phone = await sw.phone('1001')
  await phone.register()
  const reply = await sw.api('conference room bgdial sofia/internal/1001%example.test')
  const job = /^\+OK Job-UUID: (\S+)\n$/.exec(reply)?.[1]
  const called = await phone.incoming()
  called.answer()
  const result = await sw.event('CUSTOM', actionOf('bgdial-result'))
  assert.deepEqual([result.get('Job-UUID'), result.get('Result')], [job, 'SUCCESS'])
  assert.ok(result.get('Peer-UUID'))
  await untilCame(sw, 2)
  const beginning = sw.api('conference fresh dial sofia/internal/1001%example.test')
  const second = await phone.incoming()
  second.answer()
  assert.equal(await beginning, '+OK Call Requested: result: [SUCCESS]\n')
  await untilCame(sw, 3)
  assert.equal(await sw.api('conference fresh count'), '1')
})

test('a call that rings when the conference ends is given up', async () => {
  await using sw = await start()
  const { call } = await joined(sw, '1000', '3000')
  const phone = await sw.phone('1001')
  await phone.register()
  await sw.api('conference room bgdial sofia/internal/1001%example.test')
  const called = await phone.incoming()
  called.ring()
  await call.bye()
  await phone.cancelled.next('a CANCEL')
  await sw.sw.channels.untilEmpty()
})

test('others are called in for a member, who hears a tone when they are there', async () => {
  await using sw = await start()
  const phones = [await sw.phone('1001'), await sw.phone('1002')]
  for (const phone of phones) await phone.register()
  const call = await dialled(sw, '1000', '3100')
  for (const phone of phones) (await phone.incoming()).answer()
  await untilCame(sw, 3)
  await untilHears(call, 640, 0)
  assert.deepEqual(
    told(sw, 'add-member')
      .slice(1)
      .map((event) => event.get('Speak')),
    ['false', 'false'],
  )
})

test('bridge: makes a conference of two that ends with either, or with the cause of the call', async () => {
  await using sw = await start()
  const phone = await sw.phone('1001')
  await phone.register()
  const caller = await sw.phone('1000')
  const call = await caller.call('3200')
  const called = await phone.incoming()
  called.answer()
  assert.equal((await call.outcome()).status, 200)
  await untilCame(sw, 2)
  assert.match(await sw.api('conference list'), /enforce_min\|bridge_to\|dynamic/)
  assert.deepEqual(await whoHears([call, called], [600, 1200]), [
    [false, true],
    [true, false],
  ])
  await called.bye()
  await call.hungUp()
  const busy = await caller.call('3201')
  assert.equal((await busy.outcome()).status, 486)
  await sw.sw.channels.untilEmpty()
  assert.equal(await sw.api('conference list'), '+OK No active conferences.\n')
})

test('who calls a conference is told that it is one', async () => {
  await using sw = await start()
  const contactOf = async (number: string) =>
    (await (await dialled(sw, '1000', number)).outcome()).get('Contact') ?? ''
  assert.match(await contactOf('3000'), /;isfocus$/)
  assert.match(await contactOf('3001'), /;isfocus$/)
  assert.doesNotMatch(await contactOf('3002'), /isfocus/)
})

test('a member is sent to another conference, keeps his number, and hears those who are there', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3000')
  const second = await joined(sw, '1001', '3000')
  const third = await joined(sw, '1002', '3001')
  assert.equal(
    await sw.api(`conference room transfer other@default ${second.id}`),
    `+OK Member '${second.id}' sent to conference other@default.\n`,
  )
  await untilCame(sw, 4)
  const event = await sw.event('CUSTOM', actionOf('transfer'))
  assert.deepEqual(
    [event.get('Old-Conference-Name'), event.get('New-Conference-Name')],
    ['room', 'other@default'],
  )
  assert.equal(told(sw, 'add-member')[3]?.get('Member-ID'), second.id)
  const calls = [first.call, second.call, third.call]
  assert.deepEqual(await whoHears(calls, [500, 900, 1300]), [
    [false, false, false],
    [false, false, true],
    [false, true, false],
  ])
})
