/** The application and the command `conference`, with phones that hear each other. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { subCommands } from '../../src/applications/conference/command.ts'
import { actionOf, press } from '../support/conference.ts'
import type { PhoneCall } from '../support/phone.ts'
import { dialled, type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
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
    `Stopped recording file ${path}\n+OK Stopped recording 0 files\n`,
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
  await press(call, '4321')
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
    ['mute nosuch=x', '-ERR Non-Existant member\n'],
    ['get-uuid caller_id_number=1001', ''],
    ['auto-energy 1', '1 = Auto-Energy: 0 Energy: 500\n'],
    ['auto-energy 1 900', '1 = Auto-Energy: 900 Energy: 500\n'],
    ['max-energy 1 5000:200:3', '1 = Max-Energy: 500 Energy: 5000 Max-Energy-Mute: 200ms Max-Energy-Hit-Trigger 3\n'],
    ['max-energy 1 10', '-ERR 1 Max-Energy cannot exceed energy level.\n1 = Max-Energy: 500 Energy: 0 Max-Energy-Mute: 200ms Max-Energy-Hit-Trigger 3\n'],
    ['agc 1 1100:300:2', 'Agc 1 = 1100\n'],
    ['agc 1 0', 'Agc 1 = 0\n'],
    ['hold 1', '+OK hold 1\n'],
    ['unhold 1', '+OK unhold 1\n'],
    ['pin mod 4321', '+OK Moderator Pin for conference room set: 4321\n'],
    ['pin 12x4', '-ERR The pin 12x4 consists of more than digits and cannot be entered\n'],
    ['get rate', '8000'],
    ['get is_locked', ''],
    ['get nosuch', 'get <parameter-name>'],
    ['set max_members 5', '0'],
    ['set max_members 0', '5'],
    ['set sound_prefix /x', ''],
    ['set nosuch 1', 'set <max_members|sound_prefix|caller_id_name|caller_id_number|endconference_grace_time> <value>'],
    ['enter_sound off', '+OK room enter sounds off ()\n'],
    ['enter_sound file /e.wav', '+OK room enter sound file set to /e.wav\n'],
    ['enter_sound on', '+OK room enter sounds on (/e.wav)\n'],
    ['exit_sound file /x.wav', '+OK Old exit sound: []\n+OK room exit sound file set to /x.wav\n'],
    ['exit_sound', '-ERR Not enough args\nexit_sound on|off|none|file <filename>'],
    ['moh', '-ERR invalid moh param\n'],
    ['moh off', '+OK moh\n'],
    ['pause_play', '-ERR Nothing is playing\n'],
    ['play_status 9', '-ERR Member: 9 not found.\n'],
    ['file_seek', 'file_seek [+-]<val> [<member_id>]'],
    ['file-vol 3', '-ERR File not playing\nfile-vol <vol#>'],
    ['say', '-ERR (say) Error! No text.\nsay <text>'],
    ['say hello', '-ERR (say) Error!\nsay <text>'],
    ['saymember 9 hello', '-ERR (saymember) Unknown Member 9!\nsaymember <member_id> <text>'],
    ['saymember 1 hello', '+OK (saymember) OK\n'],
    ['dial', '-ERR Bad Args\ndial <endpoint_module_name>/<destination> <callerid number> <callerid name>'],
    ['dial error/USER_BUSY 1 n', '+OK Call Requested: result: [USER_BUSY]\n'],
    ['transfer other', 'transfer <conference_name> <member id> [...<member id>]'],
    ['transfer other 99', '-ERR No Member 99 in conference room.\n'],
    ['vmute 1', '+OK vmute 1\n'],
    ['tvmute 1', '+OK unvmute 1\n'],
    ['vid-layout x', '-ERR Conference is not in mixing mode\n'],
    ['position 1 1:0:0', '-ERR not supported\n'],
    ['clear-vid-floor', '+OK floor Cleared\n'],
    ['list pretty', '2) Phone 1001 (1001)\n1) Phone 1000 (1000)\n'],
    ['count', '2'],
  ]
  for (const [line, reply] of replies) {
    const is = await sw.api(`conference room ${line}`)
    assert.equal(
      is,
      line.startsWith('get-uuid') ? sw.channel('1001@example.test').uuid : reply,
      line,
    )
  }
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

test('odd words do a sub-command no harm: each is answered, and the conference goes on', async () => {
  await using sw = await startConferences()
  const call = await dialled(sw, '1000', '3000')
  await sw.event('CUSTOM', actionOf('add-member'))
  const words = [
    '',
    'x',
    '1 x',
    '-1',
    '99999999999',
    'all',
    '1 -99:x:::',
    '=',
    'a= b',
    "'",
    '{',
    '1 {',
    '1,2, 3 clear',
    '\u00fc \ud83d',
    'x'.repeat(5000),
  ]
  const leaves = new Set(['kick', 'hup', 'transfer', 'dial', 'bgdial', 'record', 'recording'])
  for (const { name } of subCommands) {
    if (leaves.has(name)) continue
    for (const word of words) {
      const reply = await sw.api(`conference room ${name} ${word}`)
      assert.equal(typeof reply, 'string')
      assert.doesNotMatch(reply, /TypeError|undefined|NaN|\[object/, `${name} ${word}`)
    }
  }
  assert.equal(await sw.api('conference room count'), '1')
  await call.bye()
  await sw.event('CUSTOM', actionOf('conference-destroy'))
})
