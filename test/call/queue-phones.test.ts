/** Queues with phones that hear: music while they wait, the agent afterwards, announcements, recordings. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hears } from '../support/ears.ts'
import type { PhoneCall } from '../support/phone.ts'
import { dialled, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { until } from '../support/until.ts'
import { type Recording, readRecording, shareOf } from '../support/wav.ts'

const tones = [500, 700, 900, 1100, 1300]

/** Both speak at the same time; what each of them hears. */
async function talk(a: PhoneCall, b: PhoneCall): Promise<[string, string]> {
  await Promise.all([a.rtp.tone(700, 60), b.rtp.tone(1300, 60)])
  return [hears(a.rtp, tones), hears(b.rtp, tones)]
}

/** The greatest share of a tone in any fifth of a second. */
function clearest({ rate, samples }: Recording, tone: number): number {
  let most = 0
  for (let at = 0; at + rate / 5 <= samples.length; at += rate / 10)
    most = Math.max(most, shareOf({ rate, samples: samples.subarray(at, at + rate / 5) }, tone))
  return most
}

function center(params: Readonly<Record<string, string>>): string {
  const lines = Object.entries(params).map(
    ([name, value]) => `<param name="${name}" value="${value}"/>`,
  )
  return `<configuration name="callcenter.conf"><queues><queue name="help"><param name="moh-sound" value="tone_stream://%(1000,0,500)"/>${lines.join('')}</queue></queues>
<agents><agent name="ann" type="callback" contact="sofia/internal/1001%example.test" status="Available"/></agents>
<tiers><tier agent="ann" queue="help"/></tiers></configuration>`
}

const modules = ['mod_callcenter', 'mod_fifo', 'mod_tone_stream', 'mod_sndfile']

test('a caller hears music, his agent an announcement, then they hear each other, and it is recorded', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'talk.wav')
  await using sw = await startSipSwitch({
    modules,
    configuration: center({ 'record-template': path }),
    extensions: {
      '5930': [
        'answer',
        'set:cc_outbound_announce=tone_stream://%(700,0,1100)',
        'set:cc_export_vars=ticket',
        'set:ticket=4711',
        'callcenter:help',
        'playback:tone_stream://%(400,0,900)',
      ],
    },
  })
  const agent = await sw.phone('1001')
  await agent.register()
  const caller = await dialled(sw, '1000', '5930')
  await until(() => hears(caller.rtp, tones) === '500', 'the caller to hear music')
  const call = await agent.incoming()
  assert.match(call.incoming?.request.get('From') ?? '', /1000/)
  call.ring()
  call.answer()
  await until(() => hears(call.rtp, tones) === '1100', 'the agent to hear the announcement')
  assert.equal(hears(caller.rtp, tones), '500')
  await sw.event('CHANNEL_BRIDGE')
  assert.deepEqual(await talk(caller, call), ['1300', '700'])
  await call.bye()
  await until(() => hears(caller.rtp, tones) === '900', 'the dialplan to go on')
  const report = await sw.event(
    'CHANNEL_HANGUP_COMPLETE',
    (event) => event.get('variable_cc_side') === 'agent',
  )
  assert.equal(report.get('variable_ticket'), '4711')
  assert.equal(report.get('variable_cc_agent'), 'ann')
  await caller.hungUp()
  await sw.sw.channels.untilEmpty()
  assert.ok(existsSync(path))
  const recording = readRecording(path)
  for (const tone of [700, 1300]) assert.ok(clearest(recording, tone) > 0.3, `${tone} Hz`)
  assert.equal((await sw.sw.media.figures()).legs, 0)
})

test('announcements come over the music, and the music comes back', async () => {
  await using sw = await startSipSwitch({
    modules,
    configuration: center({
      'announce-sound': 'tone_stream://%(400,0,1300)',
      'announce-frequency': '1',
    }),
    extensions: { '5930': ['answer', 'callcenter:help'] },
  })
  await sw.api("callcenter_config agent set status ann 'Logged Out'")
  const caller = await dialled(sw, '1000', '5930')
  await until(() => hears(caller.rtp, tones) === '500', 'music')
  await until(() => hears(caller.rtp, tones).includes('1300'), 'the announcement')
  await until(() => hears(caller.rtp, tones) === '500', 'music again')
  await caller.bye()
})

test('an agent phone that is busy, refuses or is not registered leaves the caller with his music', async () => {
  await using sw = await startSipSwitch({
    modules,
    configuration: center({}),
    extensions: { '5930': ['answer', 'callcenter:help'] },
  })
  const agent = await sw.phone('1001')
  const caller = await dialled(sw, '1000', '5930')
  const fails = () =>
    sw.events
      .filter((event) => event.get('CC-Action') === 'bridge-agent-fail')
      .map((event) => event.get('CC-Hangup-Cause'))
  await until(() => fails().length === 1, 'the first try')
  await agent.register()
  await sw.api('callcenter_config agent set ready_time ann 0')
  ;(await agent.incoming()).reject(486)
  ;(await agent.incoming()).reject(603)
  await until(() => fails().length === 3, 'three tries')
  assert.deepEqual(fails(), ['USER_NOT_REGISTERED', 'USER_BUSY', 'CALL_REJECTED'])
  await until(() => hears(caller.rtp, tones) === '500', 'music')
  const call = await agent.incoming()
  call.ring()
  // The caller gives up while it rings.
  await caller.bye()
  await agent.cancelled.next('the agent’s phone to be silent')
  await sw.sw.channels.untilEmpty()
})

test('an agent who hangs up during the announcement leaves the caller in his place, and is called again', async () => {
  await using sw = await startSipSwitch({
    modules,
    configuration: center({}),
    extensions: {
      '5930': [
        'answer',
        'set:hangup_after_bridge=true',
        'set:cc_outbound_announce=tone_stream://%(1000,0,1100)',
        'callcenter:help',
      ],
    },
  })
  const agent = await sw.phone('1001')
  await agent.register()
  const caller = await dialled(sw, '1000', '5930')
  const first = await agent.incoming()
  first.answer()
  await until(() => hears(first.rtp, tones) === '1100', 'the announcement')
  await first.bye()
  await until(() => hears(caller.rtp, tones) === '500', 'music')
  const second = await agent.incoming()
  second.answer()
  await sw.event('CHANNEL_BRIDGE')
  assert.deepEqual(await talk(caller, second), ['1300', '700'])
  await second.bye()
  await caller.hungUp()
})

test('a caller who hangs up during the announcement: the agent is told and hung up, and free', async () => {
  await using sw = await startSipSwitch({
    modules,
    configuration: center({}),
    extensions: {
      '5930': [
        'answer',
        'set:cc_outbound_announce=tone_stream://%(2000,0,1100)',
        'set:cc_bridge_failed_outbound_announce=tone_stream://%(800,0,900)',
        'callcenter:help',
      ],
    },
  })
  const agent = await sw.phone('1001')
  await agent.register()
  const caller = await dialled(sw, '1000', '5930')
  const call = await agent.incoming()
  call.answer()
  await until(() => hears(call.rtp, tones) === '1100', 'the announcement')
  await caller.bye()
  await until(() => hears(call.rtp, tones) === '900', 'the agent to be told')
  await call.hungUp()
  await sw.sw.channels.untilEmpty()
  assert.equal(await sw.api('callcenter_config agent get state ann'), 'Waiting')
  const end = await sw.event('CUSTOM', (event) => event.get('CC-Action') === 'bridge-agent-end')
  assert.equal(end.get('CC-Agent-Bridged'), 'false')
})

test('an agent may transfer his caller, and is free when he has', async () => {
  await using sw = await startSipSwitch({
    modules,
    configuration: center({}),
    extensions: {
      '5930': ['answer', 'callcenter:help'],
      '7000': ['answer', 'playback:tone_stream://%(5000,0,900)'],
    },
  })
  const agent = await sw.phone('1001')
  await agent.register()
  const caller = await dialled(sw, '1000', '5930')
  const call = await agent.incoming()
  call.answer()
  await sw.event('CHANNEL_BRIDGE')
  await call.request('REFER', [
    ['Refer-To', `<sip:7000@${sw.server}>`],
    ['Referred-By', agent.contact],
  ])
  await until(() => hears(caller.rtp, tones) === '900', 'the caller to be there')
  await sw.event('CUSTOM', (event) => event.get('CC-Action') === 'member-queue-end')
  assert.equal(await sw.api('callcenter_config agent get state ann'), 'Waiting')
  await caller.bye()
})

test('fifo: the caller hears music, then the consumer who comes for him', async () => {
  await using sw = await startSipSwitch({
    modules,
    extensions: {
      '5910': ['set:fifo_music=tone_stream://%(1000,0,500)', 'fifo:hall in'],
      '5911': ['answer', 'fifo:hall out nowait tone_stream://%(600,0,1100)'],
    },
  })
  const caller = await dialled(sw, '1000', '5910')
  await until(() => hears(caller.rtp, tones) === '500', 'music')
  const consumer = await dialled(sw, '1001', '5911')
  await until(() => hears(consumer.rtp, tones) === '1100', 'the consumer’s announcement')
  await sw.event('CHANNEL_BRIDGE')
  assert.deepEqual(await talk(caller, consumer), ['1300', '700'])
  await caller.bye()
  await consumer.hungUp()
  await sw.sw.channels.untilEmpty()
  assert.equal((await sw.sw.media.figures()).legs, 0)
})

test('fifo: chimes come between the music', async () => {
  await using sw = await startSipSwitch({
    modules,
    extensions: {
      '5910': [
        'set:fifo_music=tone_stream://%(1000,0,500)',
        "set:fifo_chime_list='tone_stream://%(600,0,900)','tone_stream://%(600,0,1300)'",
        'set:fifo_chime_freq=1',
        'fifo:hall in',
      ],
    },
  })
  const caller = await dialled(sw, '1000', '5910')
  for (const tone of ['500', '900', '500', '1300', '500'])
    await until(() => hears(caller.rtp, tones) === tone, `${tone} Hz`)
  await caller.bye()
})
