/** The application and the command `conference`, with phones that hear each other. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PhoneCall } from '../support/phone.ts'
import { type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { amplitudeAt } from '../support/tone.ts'
import { readRecording } from '../support/wav.ts'

const configuration = `<configuration name="conference.conf"><profiles>
<profile name="default"><param name="domain" value="example.test"/><param name="rate" value="8000"/>
<param name="energy-level" value="100"/><param name="comfort-noise" value="false"/></profile>
<profile name="wide"><param name="rate" value="16000"/><param name="max-members" value="2"/></profile>
<profile name="pinned"><param name="pin" value="4321"/><param name="pin-sound" value="tone_stream://%(300,0,520)"/></profile>
</profiles></configuration>`

function startConferences(): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_conference'],
    configuration,
    extensions: {
      '3000': ['conference:room@default'],
      '3001': ['conference:quiet@default+flags{mute}', 'set:after=yes', 'park'],
      '3002': ['conference:locked@pinned'],
      '3003': ['conference:wide@wide', 'set:after=full', 'hangup:USER_BUSY'],
    },
  })
}

/** A phone that has called and was answered. */
async function dialled(sw: SipSwitch, user: string, number: string): Promise<PhoneCall> {
  const phone = await sw.phone(user)
  const call = await phone.call(number)
  assert.equal((await call.outcome()).status, 200)
  return call
}

const actionOf = (action: string) => (event: { get(name: string): string | undefined }) =>
  event.get('Action') === action

/** The actions of all conference events so far, those of talk aside. */
function actions(sw: SipSwitch): string[] {
  return sw.events
    .filter(({ subclass }) => subclass === 'conference::maintenance')
    .map((event) => event.get('Action') ?? '')
    .filter((action) => !action.endsWith('talking'))
}

/** The amplitude of each tone in the last half second that a phone heard, the newest tenth aside. */
function hears(call: PhoneCall, tones: readonly number[]): boolean[] {
  const heard = call.rtp.heard().slice(-4800, -800)
  return tones.map((tone) => amplitudeAt(heard, tone, 8000) > 2000)
}

const tones = [500, 900, 1300]

async function talk(calls: readonly PhoneCall[], packets = 50): Promise<void> {
  await Promise.all(calls.map((call, index) => call.rtp.tone(tones[index]!, packets)))
}

test('phones in a conference hear the others; mute, deaf and kick do what they say', async () => {
  await using sw = await startConferences()
  const calls = [
    await dialled(sw, '1000', '3000'),
    await dialled(sw, '1001', '3000'),
    await dialled(sw, '1002', '3000'),
  ]
  await sw.until(() => actions(sw).filter((action) => action === 'add-member').length === 3)
  await talk(calls)
  assert.deepEqual(
    calls.map((call) => hears(call, tones)),
    [
      [false, true, true],
      [true, false, true],
      [true, true, false],
    ],
  )
  assert.equal(await sw.api('conference room list count'), '3')
  const rows = (await sw.api('conference room list')).trim().split('\n')
  const idOf = (number: string) => rows.find((row) => row.split(';')[4] === number)?.split(';')[0]
  assert.equal(rows.length, 3)
  const [first, second] = [idOf('1000'), idOf('1001')]
  assert.equal(await sw.api(`conference room mute ${second}`), `+OK mute ${second}\n`)
  assert.equal(await sw.api(`conference room deaf ${first}`), `+OK deaf ${first}\n`)
  await talk(calls)
  assert.deepEqual(hears(calls[2]!, tones), [true, false, false])
  assert.deepEqual(hears(calls[0]!, tones), [false, false, false])
  assert.equal(await sw.api(`conference room kick ${first}`), `+OK kicked ${first}\n`)
  await calls[0]!.hungUp()
  assert.equal(await sw.api('conference room list count'), '2')
  for (const call of calls.slice(1)) await call.bye()
  await sw.event('CUSTOM', actionOf('conference-destroy'))
  assert.equal(await sw.api('conference list'), '+OK No active conferences.\n')
  await sw.sw.channels.untilEmpty()
  assert.equal((await sw.sw.media.figures()).legs, 0)
})

test('one call through a conference is told in the order of events that monitors expect', async () => {
  await using sw = await startConferences()
  const call = await dialled(sw, '1000', '3000')
  await sw.event('CUSTOM', actionOf('floor-change'))
  await call.rtp.tone(700, 20)
  const talking = await sw.event('CUSTOM', actionOf('start-talking'))
  assert.equal(talking.get('Talking'), 'true')
  assert.equal(talking.get('Floor'), 'true')
  assert.equal(await sw.api('conference room mute all'), '+OK mute 1\n')
  await call.bye()
  await sw.event('CUSTOM', actionOf('conference-destroy'))
  assert.deepEqual(actions(sw), [
    'conference-create',
    'add-member',
    'floor-change',
    'mute-member',
    'floor-change',
    'del-member',
    'conference-destroy',
  ])
  const added = await sw.event('CUSTOM', actionOf('add-member'))
  const expected = {
    'Conference-Name': 'room',
    'Conference-Domain': 'example.test',
    'Conference-Size': '1',
    'Conference-Profile-Name': 'default',
    Floor: 'false',
    Hear: 'true',
    Speak: 'true',
    'Member-Type': 'member',
    'Energy-Level': '100',
  }
  for (const [name, value] of Object.entries(expected)) assert.equal(added.get(name), value, name)
})

test('a sound played into a conference is heard by all until it is stopped, and the room is recorded', async () => {
  await using sw = await startConferences()
  await using folder = await temporaryFolder()
  const calls = [await dialled(sw, '1000', '3000'), await dialled(sw, '1001', '3000')]
  await sw.until(() => actions(sw).filter((action) => action === 'add-member').length === 2)
  const path = join(folder.path, 'deep', 'room.wav')
  assert.equal(await sw.api(`conference room record ${path}`), `+OK Record file ${path}\n`)
  await sw.event('CUSTOM', actionOf('start-recording'))
  const sound = 'tone_stream://%(60000,0,600)'
  assert.equal(await sw.api(`conference room play ${sound}`), `+OK (play) Playing file ${sound}\n`)
  await talk(calls.slice(0, 1))
  for (const call of calls) assert.deepEqual(hears(call, [600]), [true])
  assert.equal(await sw.api('conference room stop all'), '+OK Stopped 1 files.\n')
  assert.equal(
    await sw.api('conference room play /nowhere.wav'),
    '-ERR (play) File: /nowhere.wav not found.\n',
  )
  await talk(calls.slice(0, 1))
  assert.deepEqual(hears(calls[1]!, [500, 600]), [true, false])
  assert.equal(
    await sw.api('conference room norecord all'),
    `Stopped recording file ${path}\n+OK Stopped recording 1 file\n`,
  )
  await sw.event('CUSTOM', actionOf('stop-recording'))
  assert.ok(existsSync(path))
  const { rate, samples } = readRecording(path)
  assert.equal(rate, 8000)
  const loudest = (tone: number) => {
    let most = 0
    for (let at = 0; at + 2000 < samples.length; at += 1000)
      most = Math.max(most, amplitudeAt(samples.subarray(at, at + 2000), tone, 8000))
    return most
  }
  assert.ok(loudest(600) > 2000, 'the tone is in the recording')
  assert.ok(loudest(500) > 2000, 'and who spoke')
})

test('a pin is asked for, and the conference waits meanwhile', async () => {
  await using sw = await startConferences()
  const call = await dialled(sw, '1000', '3002')
  await call.rtp.until(10)
  assert.equal(await sw.api('conference locked list count'), '0')
  for (const digit of [4, 3, 2, 1]) {
    for (let i = 1; i <= 3; i++) await call.rtp.event(digit, false, i * 160, 101, i === 1)
    for (let i = 0; i < 3; i++) await call.rtp.event(digit, true, 640)
    call.rtp.timestamp += 1600
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  await sw.event('CUSTOM', actionOf('add-member'))
  assert.equal(await sw.api('conference locked list count'), '1')
})

test('a full or locked conference takes nobody in, and the dialplan goes on', async () => {
  await using sw = await startConferences()
  await dialled(sw, '1000', '3003')
  await dialled(sw, '1001', '3003')
  await sw.until(() => actions(sw).filter((action) => action === 'add-member').length === 2)
  const third = await dialled(sw, '1002', '3003')
  await third.hungUp()
  const counters = await sw.api('counters')
  assert.match(counters, /refused full/)
  assert.equal(await sw.api('conference wide list count'), '2')
})

test('flags of the argument hold from the beginning, and a kicked member goes on in the dialplan', async () => {
  await using sw = await startConferences()
  const call = await dialled(sw, '1000', '3001')
  await sw.event('CUSTOM', actionOf('add-member'))
  const row = await sw.api('conference quiet list')
  assert.match(row, /;hear(\|floor)?;0;0;100\n$/)
  assert.equal(await sw.api('conference quiet kick last'), '+OK kicked 1\n')
  await sw.event('CHANNEL_PARK')
  await call.bye()
})

test('sub-commands answer as scripts expect', async () => {
  await using sw = await startConferences()
  await dialled(sw, '1000', '3000')
  await dialled(sw, '1001', '3000')
  await sw.until(() => actions(sw).filter((action) => action === 'add-member').length === 2)
  // biome-ignore format: a table keeps its columns
  const replies: readonly (readonly [line: string, reply: string])[] = [
    ['mute 9999', '-ERR Non-Existant ID 9999\n'],
    ['mute', 'mute <[member_id|all]|last|non_moderator> [<quiet>]'],
    ['mute foo', 'mute <[member_id|all]|last|non_moderator> [<quiet>]'],
    ['mute all', '+OK mute 2\n+OK mute 1\n'],
    ['tmute 1', '+OK unmute 1\n'],
    ['energy 1', 'Energy 1 = 100\n'],
    ['energy 1 300', 'Energy 1 = 300\n'],
    ['energy 1 up', 'Energy 1 = 500\n'],
    ['volume_in 1 2', '+OK Volume IN 1 = 2\n'],
    ['volume_in 1 9', '+OK Volume IN 1 = 4\n'],
    ['volume_out 1 -1', '+OK Volume OUT 1 = -1\n'],
    ['lock', '+OK room locked\n'],
    ['unlock', '+OK room unlocked\n'],
    ['relate', '+OK No relationships\n'],
    ['relate 1 2 nospeak', '+OK 1->2 nospeak set\n'],
    ['relate 1 2 clear', '+OK relationship 1->2 cleared.\n'],
    ['relate 1 2', 'relate <member_id>[,<member_id>] <other_member_id>[,<other_member_id>] [nospeak|nohear|clear]'],
    ['relate 8 9 clear', '-ERR relationship 8->9 not found.\n'],
    ['stop last', 'stop <[current|all|async|last]> [<member_id>]'],
    ['pin 1234', '+OK Pin for conference room set: 1234\n'],
    ['nopin', '+OK Pin for conference room deleted\n'],
    ['setvar color blue', '+OK\n'],
    ['getvar color', 'blue'],
    ['norecord /none.wav', "-ERR non-existant recording '/none.wav'\n+OK Stopped recording 0 files\n"],
    ['chkrecord', '-ERR Conference is not being recorded.\n'],
    ['nosuch', "-ERR Conference command 'nosuch' not found.\n"],
    ['bgdial x', "-ERR Conference command 'bgdial' is not available.\n"],
    ['count', '2'],
  ]
  for (const [line, reply] of replies)
    assert.equal(await sw.api(`conference room ${line}`), reply, line)
  assert.equal(await sw.api('conference nosuch list'), '-ERR Conference nosuch not found\n')
  assert.match(
    await sw.api('conference list summary'),
    /^\+OK Conference room \(2 members rate: 8000 flags: running\|answered\|enforce_min\|dynamic\|exit_sound\|enter_sound\|json_status\)\n$/,
  )
})

test('fifty calls into and out of a conference leave no leg, port, channel or room', async () => {
  await using sw = await startConferences()
  const phone = await sw.phone('1000')
  for (let i = 0; i < 50; i++) {
    const call = await phone.call('3000')
    assert.equal((await call.outcome()).status, 200)
    await call.bye()
  }
  await sw.sw.channels.untilEmpty()
  const { legs, portsInUse } = await sw.sw.media.figures()
  assert.deepEqual([legs, portsInUse], [0, 0])
  assert.equal(await sw.api('conference list'), '+OK No active conferences.\n')
})
