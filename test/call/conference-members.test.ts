/** Who comes into a conference, as what, and when it ends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  actionOf,
  joined,
  press,
  told,
  untilCame,
  untilHears,
  whoHears,
} from '../support/conference.ts'
import { dialled, type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { until } from '../support/until.ts'

const configuration = `<configuration name="conference.conf"><profiles>
<profile name="plain"><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/></profile>
<profile name="pins"><param name="pin" value="1234"/><param name="moderator-pin" value="987"/><param name="pin-retries" value="2"/>
<param name="pin-sound" value="tone_stream://%(200,0,520)"/><param name="bad-pin-sound" value="tone_stream://%(300,0,260)"/></profile>
<profile name="waiting"><param name="energy-level" value="100"/><param name="conference-flags" value="wait-mod"/>
<param name="moh-sound" value="tone_stream://%(1000,0,440);loops=-1"/></profile>
<profile name="small"><param name="max-members" value="2"/><param name="max-members-sound" value="tone_stream://%(400,0,880)"/>
<param name="locked-sound" value="tone_stream://%(400,0,660)"/></profile>
<profile name="grace"><param name="endconf-grace-time" value="2"/></profile>
<profile name="quiet"><param name="terminate-on-silence" value="2"/><param name="energy-level" value="100"/>
<param name="heartbeat-period-sec" value="1"/></profile>
<profile name="hushed"><param name="suppress-events" value="floor-change,add-member"/><param name="verbose-events" value="true"/></profile>
<profile name="soft"><param name="energy-level" value="8000"/><param name="comfort-noise" value="false"/>
<param name="conference-flags" value="audio-always"/></profile>
<profile name="counted"><param name="join-only-sound" value="tone_stream://%(400,0,990)"/></profile>
</profiles></configuration>`

function start(): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_conference'],
    configuration,
    extensions: {
      '3000': ['conference:room@plain'],
      '3001': ['conference:pinned@pins', 'set:left=yes', 'park'],
      '3002': ['conference:pinned@pins+77'],
      '3003': ['set:supplied_pin=X-ConfPin=987;x=y', 'conference:pinned@pins'],
      '3010': ['conference:wait@waiting'],
      '3011': ['conference:wait@waiting+flags{moderator}'],
      '3020': ['conference:small@small', 'set:left=yes', 'park'],
      '3021': ['conference:small@small+flags{ghost}'],
      '3030': ['conference:end@plain'],
      '3031': ['conference:end@plain+flags{endconf}'],
      '3032': ['conference:two@plain+flags{mintwo}'],
      '3033': ['set:hangup_after_conference=false', 'conference:end@plain', 'set:left=yes', 'park'],
      '3040': ['conference:grace@grace'],
      '3041': ['conference:grace@grace+flags{mandatory_member_endconf}'],
      '3050': ['conference:quiet@quiet'],
      '3060': ['conference:hushed@hushed'],
      '3065': ['conference:soft@soft'],
      '3070': ['conference:nobody@counted+flags{join-only}'],
    },
  })
}

test('a pin makes a member, the other pin a moderator, and after so many wrong ones the dialplan goes on', async () => {
  await using sw = await start()
  const member = await dialled(sw, '1000', '3001')
  await untilHears(member, 520, 0)
  await press(member, '1111')
  await untilHears(member, 260, 0)
  await untilHears(member, 520)
  await press(member, '1234')
  await untilCame(sw, 1)
  const moderator = await dialled(sw, '1001', '3001')
  await press(moderator, '987#')
  await untilCame(sw, 2)
  assert.deepEqual(
    told(sw, 'add-member').map((event) => event.get('Member-Type')),
    ['member', 'moderator'],
  )
  const stranger = await dialled(sw, '1002', '3001')
  await press(stranger, '1111')
  await untilHears(stranger, 260, 0)
  const from = stranger.rtp.arrived.length
  await untilHears(stranger, 520, from)
  await press(stranger, '2222')
  await sw.event('CHANNEL_PARK')
  assert.equal(await sw.api('conference pinned count'), '2')
  assert.match(await sw.api('counters'), /refused wrong pin/)
})

test('the pin of the argument counts before that of the conference, and a variable may bring one', async () => {
  await using sw = await start()
  const call = await dialled(sw, '1000', '3002')
  await press(call, '77')
  await untilCame(sw, 1)
  await joined(sw, '1001', '3003')
  assert.equal(told(sw, 'add-member')[1]?.get('Member-Type'), 'moderator')
})

test('until a moderator comes nobody is heard and there is music', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3010')
  const second = await joined(sw, '1001', '3010')
  await untilHears(first.call, 440)
  await untilHears(second.call, 440)
  assert.equal(await sw.api('conference wait get wait_mod'), 'true')
  const [before] = await whoHears([first.call], [700], [second.call])
  assert.deepEqual(before, [false])
  const moderator = await joined(sw, '1002', '3011')
  assert.equal(await sw.api('conference wait get wait_mod'), '')
  const calls = [first.call, second.call, moderator.call]
  assert.deepEqual(await whoHears(calls, [700, 1000, 1300]), [
    [false, true, true],
    [true, false, true],
    [true, true, false],
  ])
  const [music] = await whoHears([], [440], [second.call])
  assert.deepEqual(music, [false])
})

test('a full or locked conference says so; ghosts do not count', async () => {
  await using sw = await start()
  await joined(sw, '1000', '3020')
  await joined(sw, '1001', '3021')
  assert.equal(await sw.api('conference small count'), '1')
  await joined(sw, '1002', '3020')
  const third = await dialled(sw, '1003', '3020')
  await untilHears(third, 880, 0)
  await sw.event('CHANNEL_PARK')
  await sw.api('conference small set max_members 0')
  await sw.api('conference small lock')
  const fourth = await dialled(sw, '1004', '3020')
  await untilHears(fourth, 660, 0)
  await sw.until(() => sw.events.filter(({ name }) => name === 'CHANNEL_PARK').length === 2)
  await sw.api('conference small unlock')
  await joined(sw, '1005', '3020')
  const list = await sw.api('conference list')
  assert.match(list, /\(3 members rate: 8000 flags: running/)
  assert.match(list, /\|ghost;/)
})

test('when one with endconf leaves, the conference ends, and the others hang up unless they are told not to', async () => {
  await using sw = await start()
  const plain = await joined(sw, '1000', '3030')
  const last = await joined(sw, '1001', '3031')
  const stays = await joined(sw, '1002', '3033')
  await last.call.bye()
  await plain.call.hungUp()
  await sw.event('CHANNEL_PARK')
  assert.equal(sw.channel('1002@example.test').variables.get('left'), 'yes')
  assert.equal(await sw.api('conference list'), '+OK No active conferences.\n')
  await stays.call.bye()
})

test('with mintwo it ends when one is left, and the time of grace is kept or called off', async () => {
  await using sw = await start()
  const one = await joined(sw, '1000', '3032')
  const two = await joined(sw, '1001', '3032')
  await two.call.bye()
  await one.call.hungUp()
  const plain = await joined(sw, '1002', '3040')
  const needed = await joined(sw, '1003', '3041')
  await needed.call.bye()
  await sw.until(() => told(sw, 'del-member').length === 3)
  assert.equal(await sw.api('conference grace count'), '1')
  const again = await joined(sw, '1004', '3041')
  await new Promise((resolve) => setTimeout(resolve, 2300))
  assert.equal(await sw.api('conference grace count'), '2')
  await sw.api('conference grace set endconference_grace_time 1')
  await again.call.bye()
  await plain.call.hungUp()
})

test('silence for long enough ends it; meanwhile its heart beats', async () => {
  await using sw = await start()
  const calls = [await joined(sw, '1000', '3050'), await joined(sw, '1001', '3050')]
  await sw.event('CUSTOM', actionOf('conference-heartbeat'))
  for (const { call } of calls) await call.hungUp()
  await sw.event('CUSTOM', actionOf('conference-destroy'))
})

test('events that a profile does not want are left out, and verbose ones have the variables', async () => {
  await using sw = await start()
  const call = await dialled(sw, '1000', '3060')
  await sw.until(() => told(sw, 'conference-create').length === 1)
  await until(async () => (await sw.api('conference hushed count')) === '1', 'him to be in')
  await sw.api('conference hushed setvar Colour blue')
  await sw.api('conference hushed mute all')
  const event = await sw.event('CUSTOM', actionOf('mute-member'))
  assert.equal(event.get('variable_accountcode'), 'acct1000')
  assert.equal(event.get('Colour'), 'blue')
  assert.deepEqual([told(sw, 'add-member').length, told(sw, 'floor-change').length], [0, 0])
  await call.bye()
})

test('who may only join begins nothing: a sound, an event, the end', async () => {
  await using sw = await start()
  const call = await dialled(sw, '1000', '3070')
  await untilHears(call, 990, 0)
  await call.hungUp()
  const event = await sw.event('CUSTOM', actionOf('rejected-join-only'))
  assert.equal(event.get('Conference-Name'), 'nobody')
  assert.equal(told(sw, 'conference-create').length, 0)
})

test('with audio-always even what is no speech is heard, and not told as talk', async () => {
  await using sw = await start()
  const calls = [await joined(sw, '1000', '3065'), await joined(sw, '1001', '3065')]
  const phones = calls.map(({ call }) => call)
  assert.deepEqual(await whoHears(phones, [700, 1200]), [
    [false, true],
    [true, false],
  ])
  assert.deepEqual(told(sw, 'start-talking'), [])
  assert.match(await sw.api('conference list'), /audio_always/)
})
