/** What members do with their keys, and what they are told of it. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { actionOf, joined, press, told, untilCame, untilHears } from '../support/conference.ts'
import { dialled, type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { until } from '../support/until.ts'
import { writeTone } from '../support/wav.ts'

const configuration = (folder: string) => `<configuration name="conference.conf">
<caller-controls>
<group name="keys">
<control action="mute" digits="1"/><control action="lock" digits="12"/><control action="floor" digits="2"/>
<control action="event" digits="3" data="from \${caller_id_number}"/>
<control action="execute_application" digits="4" data="playback tone_stream://%(400,0,1700)"/>
<control action="transfer" digits="5" data="after"/><control action="deaf mute" digits="*"/>
<control action="vmute" digits="6"/><control action="nosuch" digits="7"/><control action="hangup" digits="~^9[0-9]$"/>
</group>
<group name="mods"><control action="lock" digits="0"/></group>
</caller-controls>
<profiles>
<profile name="plain"><param name="energy-level" value="300"/><param name="comfort-noise" value="false"/>
<param name="sound-prefix" value="${folder}"/>
<param name="muted-sound" value="tone_stream://%(300,0,1100)"/><param name="unmuted-sound" value="tone_stream://%(300,0,1300)"/>
<param name="deaf-sound" value="tone_stream://%(300,0,1500)"/></profile>
<profile name="keys"><param name="caller-controls" value="keys"/><param name="moderator-controls" value="mods"/>
<param name="muted-sound" value="tone_stream://%(300,0,1100)"/>
<param name="is-locked-sound" value="tone_stream://%(300,0,700)"/><param name="is-unlocked-sound" value="tone_stream://%(300,0,800)"/></profile>
<profile name="silent"><param name="caller-controls" value="none"/></profile>
</profiles></configuration>`

function start(folder = '/nowhere'): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_conference'],
    configuration: configuration(folder),
    extensions: {
      '3000': ['conference:plain@plain', 'set:left=yes', 'park'],
      '3001': ['conference:keyed@keys', 'set:left=yes', 'park'],
      '3002': ['conference:keyed@keys+flags{moderator}'],
      '3003': ['conference:silent@silent'],
      '3004': ['set:conference_controls=keys', 'conference:silent@silent'],
      after: ['set:transferred=yes', 'park'],
    },
  })
}

const row = async (sw: SipSwitch, room: string, id: string) =>
  (await sw.api(`conference ${room} list`)).split('\n').find((line) => line.startsWith(`${id};`))

test('without a group the built-in keys count: mute and deaf are told with sounds, and # leaves', async () => {
  await using sw = await start()
  const { call, id } = await joined(sw, '1000', '3000')
  await press(call, '0')
  await sw.event('CUSTOM', actionOf('mute-member'))
  await untilHears(call, 1100, 0)
  assert.match((await row(sw, 'plain', id)) ?? '', /;hear(\|floor)?;/)
  await press(call, '0')
  await sw.event('CUSTOM', actionOf('unmute-member'))
  await untilHears(call, 1300, 0)
  await press(call, '*')
  await sw.event('CUSTOM', actionOf('deaf-member'))
  await untilHears(call, 1500, 0)
  assert.doesNotMatch((await row(sw, 'plain', id)) ?? '', /hear|speak/)
  await press(call, '*')
  await sw.event('CUSTOM', actionOf('undeaf-member'))
  await press(call, '#')
  await sw.event('CHANNEL_PARK')
  assert.equal(sw.channel('1000@example.test').variables.get('left'), 'yes')
})

test('thresholds and volumes go up, down and back, and their steps are said', async () => {
  await using folder = await temporaryFolder()
  const tones: Record<string, number> = {
    'digits/0.wav': 600,
    'digits/1.wav': 750,
    'digits/2.wav': 900,
    'currency/negative.wav': 1050,
  }
  for (const [name, tone] of Object.entries(tones)) {
    const path = join(folder.path, name)
    mkdirSync(dirname(path), { recursive: true })
    writeTone(path, tone, 8000, 0.3)
  }
  await using sw = await start(folder.path)
  const { call, id } = await joined(sw, '1000', '3000')
  // biome-ignore format: a table keeps its columns
  const table: readonly (readonly [key: string, action: string, level: string, tones: readonly number[]])[] = [
    ['9', 'energy-level', '500',  [900]],
    ['8', 'energy-level', '300',  [750]],
    ['7', 'energy-level', '100',  [600]],
    ['3', 'volume-level', '1',    [750]],
    ['3', 'volume-level', '2',    [900]],
    ['2', 'volume-level', '0',    [600]],
    ['1', 'volume-level', '-1',   [1050, 750]],
    ['6', 'gain-level',   '1',    [750]],
    ['5', 'gain-level',   '0',    [600]],
    ['4', 'gain-level',   '-1',   [1050, 750]],
  ]
  const counts = new Map<string, number>()
  for (const [key, action, level, said] of table) {
    const from = call.rtp.arrived.length
    const count = (counts.get(action) ?? 0) + 1
    counts.set(action, count)
    await press(call, key)
    await sw.until(() => told(sw, action).length === count)
    assert.equal(told(sw, action).at(-1)?.get('New-Level'), level, key)
    for (const tone of said) await untilHears(call, tone, from)
  }
  assert.match((await row(sw, 'plain', id)) ?? '', /;-1;-1;100$/)
  // Who does not hear the others hears what he is told himself.
  await sw.api(`conference plain deaf ${id} quiet`)
  const from = call.rtp.arrived.length
  await press(call, '4')
  for (const tone of [1050, 900]) await untilHears(call, tone, from)
})

test('a group of the file: several digits, expressions, data with variables, and applications beside the conference', async () => {
  await using sw = await start()
  const { call } = await joined(sw, '1000', '3001')
  const other = await joined(sw, '1001', '3001')
  await press(call, '12')
  await sw.event('CUSTOM', actionOf('lock'))
  await untilHears(other.call, 700, 0)
  assert.deepEqual(told(sw, 'mute-member'), [])
  await press(call, '12')
  await sw.event('CUSTOM', actionOf('unlock'))
  await press(call, '1')
  await sw.event('CUSTOM', actionOf('mute-member'))
  await press(call, '3')
  const event = await sw.event('CUSTOM', actionOf('dtmf'))
  assert.deepEqual([event.get('DTMF-Key'), event.get('Data')], ['3', 'from 1000'])
  await press(call, '4')
  await sw.event('CUSTOM', actionOf('execute_app'))
  await untilHears(call, 1700, 0)
  await sw.event('PLAYBACK_STOP')
  assert.equal(await sw.api('conference keyed count'), '2')
  await press(call, '6')
  // Digits that come at once would be one entry.
  await new Promise((resolve) => setTimeout(resolve, 800))
  await press(call, '91')
  await sw.event('CUSTOM', actionOf('del-member'))
  await press(other.call, '5')
  await sw.event('CUSTOM', actionOf('transfer'))
  await sw.until(() => sw.channel('1001@example.test').variables.get('transferred') === 'yes')
  assert.equal(sw.channel('1000@example.test').variables.get('left'), 'yes')
})

test('moderators have keys of their own, and a variable names another group', async () => {
  await using sw = await start()
  const moderator = await joined(sw, '1000', '3002')
  await press(moderator.call, '0')
  await sw.event('CUSTOM', actionOf('lock'))
  const without = await joined(sw, '1001', '3003')
  await press(without.call, '0')
  const withGroup = await joined(sw, '1002', '3004')
  await press(withGroup.call, '1')
  const event = await sw.event('CUSTOM', actionOf('mute-member'))
  assert.equal(event.get('Member-ID'), withGroup.id)
  assert.equal(told(sw, 'mute-member').length, 1)
})

test('the floor is taken when nobody has it, given back by who has it, and kept from the others', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3001')
  await sw.event('CUSTOM', actionOf('floor-change'))
  const second = await joined(sw, '1001', '3001')
  assert.equal(
    await sw.api(`conference keyed floor ${second.id}`),
    `-ERR floor is held by ${first.id}\n`,
  )
  const before = told(sw, 'floor-change').length
  await press(first.call, '2')
  await sw.until(() => told(sw, 'floor-change').length > before)
  assert.equal(told(sw, 'floor-change')[before]?.get('New-ID'), 'none')
})

test('digits of a member with dist-dtmf go to the others, except to those with skip-dtmf', async () => {
  await using sw = await startSipSwitch({
    modules: ['mod_conference'],
    configuration: configuration('/nowhere'),
    extensions: {
      '3000': ['conference:room@plain+flags{dist-dtmf}'],
      '3001': ['conference:room@plain'],
      '3002': ['conference:room@plain+flags{skip-dtmf}'],
    },
  })
  const calls = [
    await dialled(sw, '1000', '3000'),
    await dialled(sw, '1001', '3001'),
    await dialled(sw, '1002', '3002'),
  ]
  await untilCame(sw, 3)
  const events = (index: number) =>
    calls[index]!.rtp.arrived.filter(({ payloadType }) => payloadType === 101).length
  await press(calls[0]!, '0')
  await until(() => events(1) > 0, 'the plain member to get the digit')
  assert.equal(events(2), 0)
  assert.deepEqual(told(sw, 'mute-member'), [])
})
