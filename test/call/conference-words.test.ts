/** What a conference says in words, and what runs beside it for one member. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatMessage } from '../../src/core/chat-message.ts'
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
import { writeTone } from '../support/wav.ts'

const configuration = `<configuration name="conference.conf">
<caller-controls><group name="bridging">
<control action="execute_application" digits="1" data="bridge sofia/internal/1005%example.test"/>
</group></caller-controls>
<profiles>
<profile name="spoken"><param name="tts-engine" value="tones"/><param name="tts-voice" value="high"/><param name="energy-level" value="100"/>
<param name="comfort-noise" value="false"/><param name="announce-count" value="2"/><param name="alone-sound" value="say:alone"/></profile>
<profile name="bridging"><param name="caller-controls" value="bridging"/><param name="energy-level" value="100"/>
<param name="comfort-noise" value="false"/></profile>
<profile name="plain"><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/>
<param name="mute-detect-sound" value="tone_stream://%(300,0,1500)"/></profile>
<profile name="endless"><param name="perpetual-sound" value="tone_stream://%(1000,0,550);loops=-1"/><param name="comfort-noise" value="false"/>
<param name="enter-sound" value="tone_stream://%(300,0,820)"/></profile>
<profile name="browsers"><param name="conference-flags" value="json-events"/><param name="domain" value="example.test"/></profile>
</profiles></configuration>`

/** The tone that stands for words. */
const tones: Readonly<Record<string, number>> = {
  alone: 500,
  'There are 2 callers': 650,
  hello: 800,
  'only for 1000': 950,
  Muted: 1100,
}

async function start(): Promise<SipSwitch> {
  const sw = await startSipSwitch({
    modules: ['mod_conference'],
    configuration,
    extensions: {
      '3000': ['conference:spoken@spoken'],
      '3010': ['conference:bridging@bridging'],
      '3020': ['conference:plain@plain', 'set:left=yes', 'park'],
      '3021': ['conference:plain@plain+flags{mute|mute-detect}'],
      '3022': ['conference:plain@plain+flags{breakable}', 'set:left=yes', 'park'],
      '3023': ['set:conference_silent_entry=true', 'conference:plain@plain'],
      '3030': ['conference:endless@endless'],
      '3040': ['set:json_seat=12', 'conference:browsers@browsers'],
    },
  })
  sw.sw.speechEngines.add(
    {
      name: 'tones',
      render: ({ path, text }) => {
        writeTone(path, tones[text] ?? 3000, 8000, 0.4)
        return Promise.resolve()
      },
    },
    'test',
  )
  return sw
}

test('words are said to all, to one, to one who is alone, to who is muted, and to who comes as how many there are', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3000')
  await untilHears(first.call, tones['alone']!, 0)
  const second = await joined(sw, '1001', '3000')
  await untilHears(second.call, tones['There are 2 callers']!, 0)
  assert.equal(await sw.api('conference spoken say hello'), '+OK (say) OK\n')
  await untilHears(first.call, 800, 0)
  await untilHears(second.call, 800, 0)
  assert.equal((await sw.event('CUSTOM', actionOf('speak-text'))).get('Text'), 'hello')
  assert.equal(
    await sw.api(`conference spoken saymember ${first.id} only for \${caller_id_number}`),
    '+OK (saymember) OK\n',
  )
  await untilHears(first.call, 950, 0)
  const [heard] = await whoHears([], [950], [second.call])
  assert.deepEqual(heard, [false])
  await press(first.call, '0')
  await untilHears(first.call, 1100, 0)
})

test('an application beside the conference takes a member out, and he is back when it ends', async () => {
  await using sw = await start()
  const phone = await sw.phone('1005')
  await phone.register()
  const first = await joined(sw, '1000', '3010')
  const second = await joined(sw, '1001', '3010')
  await press(first.call, '1')
  const called = await phone.incoming()
  called.answer()
  await sw.event('CHANNEL_BRIDGE')
  const calls = [first.call, second.call, called]
  assert.deepEqual(await whoHears(calls, [600, 900, 1200]), [
    [false, false, true],
    [false, false, false],
    [true, false, false],
  ])
  assert.equal(await sw.api('conference bridging count'), '2')
  await called.bye()
  await sw.event('CHANNEL_UNBRIDGE')
  const pair = calls.slice(0, 2)
  let heard: boolean[][] = []
  await until(
    async () => {
      heard = await whoHears(pair, [600, 900])
      return heard[0]?.[1] === true && heard[1]?.[0] === true
    },
    'who is back to hear and be heard',
    () => heard,
  )
})

test('who is muted and speaks is told so; hup and a break take members out quietly', async () => {
  await using sw = await start()
  const muted = await joined(sw, '1000', '3021')
  await muted.call.rtp.tone(700, 20)
  await sw.event('CUSTOM', actionOf('mute-detect'))
  await untilHears(muted.call, 1500, 0)
  const plain = await joined(sw, '1001', '3020')
  assert.equal(await sw.api(`conference plain hup ${plain.id}`), `+OK hup ${plain.id}\n`)
  await sw.event('CHANNEL_PARK')
  assert.equal(sw.channel('1001@example.test').variables.get('left'), 'yes')
  await joined(sw, '1002', '3020')
  const { uuid } = sw.channel('1002@example.test')
  await sw.api(`uuid_break ${uuid}`)
  await sw.api('conference plain kick last')
  await sw.until(() => sw.events.filter(({ name }) => name === 'CHANNEL_PARK').length === 2)
  for (const { call } of [muted, plain]) await call.bye()
  await sw.until(() => told(sw, 'conference-destroy').length === 1)
  await joined(sw, '1003', '3022')
  await sw.api(`uuid_break ${sw.channel('1003@example.test').uuid}`)
  await sw.until(() => sw.events.filter(({ name }) => name === 'CHANNEL_PARK').length === 3)
  const silent = await dialled(sw, '1004', '3023')
  await sw.until(() => told(sw, 'conference-create').length === 3)
  await silent.bye()
  assert.equal(told(sw, 'add-member').length, 4)
})

test('a perpetual sound is heard by all beside the others, without end', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3030')
  await untilHears(first.call, 550)
  const second = await joined(sw, '1001', '3030')
  await untilHears(second.call, 550)
  await untilHears(first.call, 820, 0)
  await sw.api('conference endless stop async')
  await untilHears(first.call, 550)
})

test('browsers that listen get who is in as JSON', async () => {
  await using sw = await start()
  const messages: Record<string, unknown>[] = []
  sw.sw.eventChannels.bind('conference', (_channel, message) => messages.push(message))
  const { call, id } = await joined(sw, '1000', '3040')
  await sw.until(() => messages.length === 1)
  const [message] = messages as { eventChannel?: string; data?: { users?: unknown[] } }[]
  assert.equal(message?.eventChannel, 'conference.browsers@example.test')
  const [user] = (message?.data?.users ?? []) as Record<string, unknown>[]
  assert.deepEqual(
    [user?.['memberId'], user?.['displayText'], user?.['variables']],
    [id, 'Phone 1000', { json_seat: '12' }],
  )
  await call.bye()
})

test('a message to a conference is answered with its members', async () => {
  await using sw = await start()
  const messages: string[] = []
  sw.sw.chats.add({ name: 'test', send: ({ body }) => messages.push(body) > 0 }, 'test')
  await joined(sw, '1000', '3020')
  await untilCame(sw, 1)
  const message = new ChatMessage(
    Object.entries({ proto: 'test', from: 'me@a', type: 'text/plain' }),
    'list please',
  )
  const conf = sw.sw.chats.get('conf')
  await conf?.send(message.with({ to: 'conf+plain@example.test' }), sw.sw)
  await conf?.send(message.with({ to: 'nobody' }), sw.sw)
  assert.deepEqual(messages, ['1) Phone 1000 (1000)\n', 'Conference not active.'])
})
