/** What is played into a conference and to members, what is recorded of it, and what is written about it. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { actionOf, joined, loudest, told, untilHears, whoHears } from '../support/conference.ts'
import { dialled, type SipSwitch, startSipSwitch } from '../support/sip-switch.ts'
import { temporaryFolder } from '../support/sound.ts'
import { amplitudeAt } from '../support/tone.ts'
import { readRecording, writeTone } from '../support/wav.ts'

const configuration = (folder: string) => `<configuration name="conference.conf"><profiles>
<profile name="plain"><param name="energy-level" value="100"/><param name="comfort-noise" value="false"/></profile>
<profile name="wide"><param name="rate" value="16000"/><param name="energy-level" value="100"/></profile>
<profile name="full"><param name="rate" value="48000"/><param name="energy-level" value="100"/></profile>
<profile name="music"><param name="comfort-noise" value="false"/><param name="alone-sound" value="tone_stream://%(300,0,640)"/>
<param name="moh-sound" value="tone_stream://%(1000,0,440);loops=-1"/>
<param name="enter-sound" value="tone_stream://%(300,0,820)"/><param name="exit-sound" value="tone_stream://%(300,0,980)"/>
<param name="kicked-sound" value="tone_stream://%(300,0,1500)"/><param name="member-enter-sound" value="tone_stream://%(300,0,1240)"/></profile>
<profile name="written"><param name="auto-record" value="${folder}/\${conference_name}_auto.wav"/>
<param name="min-required-recording-participants" value="2"/><param name="energy-level" value="100"/>
<param name="cdr-log-dir" value="${folder}/records"/><param name="cdr-event-mode" value="content"/>
<param name="pin" value="1234"/><param name="conference-flags" value="rfc-4579"/></profile>
<profile name="again"><param name="auto-record" value="${folder}/again.wav"/><param name="conference-flags" value="restart-auto-record"/></profile>
<profile name="once"><param name="auto-record" value="${folder}/once.wav"/></profile>
</profiles></configuration>`

function start(folder = '/nowhere'): Promise<SipSwitch> {
  return startSipSwitch({
    modules: ['mod_conference', 'mod_spandsp'],
    configuration: configuration(folder),
    settings: { 'inbound-codec-prefs': 'PCMU,PCMA,G722' },
    extensions: {
      '3000': ['conference:room@plain'],
      '3010': ['conference:music@music', 'set:left=yes', 'park'],
      '3020': ['set:supplied_pin=1234', 'conference:written@written'],
      '3021': ['conference:written@written'],
      '3022': ['conference:again@again'],
      '3023': ['conference:once@once'],
      '3030': ['conference:wide@wide'],
      '3031': ['conference:full@full'],
    },
  })
}

test('alone: a sound and then music, which ends when somebody comes; all hear who comes and goes', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3010')
  assert.ok(loudest(first.call, 1240, 0) > 1000, 'a sound for him before he is in')
  await untilHears(first.call, 640, 0)
  await untilHears(first.call, 440)
  const second = await joined(sw, '1001', '3010')
  await untilHears(first.call, 820, 0)
  const [music] = await whoHears([], [440], [first.call])
  assert.deepEqual(music, [false])
  const third = await joined(sw, '1002', '3010')
  await third.call.bye()
  await untilHears(first.call, 980, 0)
  assert.equal(await sw.api(`conference music kick ${second.id}`), `+OK kicked ${second.id}\n`)
  await untilHears(second.call, 1500, 0)
  await sw.event('CHANNEL_PARK')
  await untilHears(first.call, 440)
  await sw.api('conference music moh tone_stream://%(1000,0,540);loops=-1')
  await untilHears(first.call, 540)
  await sw.api('conference music moh off')
  const [quiet] = await whoHears([], [440, 540], [first.call])
  assert.deepEqual(quiet, [false, false])
  await sw.api('conference music moh reset')
  await sw.api('conference music moh on')
  await untilHears(first.call, 440)
})

test('sounds queue, pause, go back and are loud or soft as told; one member alone may hear them', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start()
  const calls = [await joined(sw, '1000', '3000'), await joined(sw, '1001', '3000')]
  const [first, second] = [calls[0]!.call, calls[1]!.call]
  const path = join(folder.path, 'long.wav')
  writeTone(path, 600, 8000, 20)
  assert.equal(await sw.api(`conference room play ${path}`), `+OK (play) Playing file ${path}\n`)
  await untilHears(first, 600)
  assert.match(await sw.api('conference room play_status'), new RegExp(`^\\+OK \\d+/0 ${path}\\n$`))
  assert.equal(await sw.api('conference room pause_play'), '+OK Pause\n')
  assert.deepEqual(await whoHears([], [600], [first, second]), [[false], [false]])
  assert.equal(await sw.api('conference room pause_play'), '+OK Resume\n')
  await untilHears(second, 600)
  assert.equal(await sw.api('conference room file_seek 5000'), '+OK seek to position 40000\n')
  assert.match(await sw.api('conference room file_seek +1000'), /^\+OK seek to position \d+\n$/)
  assert.equal(await sw.api('conference room file-vol -50'), '+OK volume changed\n')
  assert.deepEqual(await whoHears([], [600], [first]), [[false]])
  assert.equal(await sw.api('conference room file-vol 0'), '+OK volume changed\n')
  await untilHears(first, 600)
  await sw.api('conference room play tone_stream://%(2000,0,1000)')
  const [together] = await whoHears([], [1000], [first])
  assert.deepEqual(together, [false], 'the second waits for the first')
  assert.equal(await sw.api('conference room stop current'), '+OK Stopped 1 files.\n')
  await untilHears(first, 1000)
  await sw.api('conference room stop all')
  const alone = 'tone_stream://%(5000,0,700)'
  await sw.api(`conference room play ${alone} ${calls[0]!.id} nomux`)
  await untilHears(first, 700)
  const heard = await whoHears([second], [1300, 700], [first, second])
  assert.deepEqual(heard, [
    [false, true],
    [false, false],
  ])
  assert.equal(await sw.api(`conference room stop all ${calls[0]!.id}`), '+OK Stopped 1 files.\n')
  const done = await sw.event('CUSTOM', actionOf('play-file-member-done'))
  assert.equal(done.get('File'), alone)
  for (const tone of [750, 1150])
    await sw.api(`conference room play tone_stream://%(600,0,${tone}) ${calls[0]!.id} nomux`)
  const from = first.rtp.arrived.length
  await untilHears(first, 750, from)
  await untilHears(first, 1150, from)
})

test('who is on hold neither hears nor is heard, and hears what is played meanwhile', async () => {
  await using sw = await start()
  const first = await joined(sw, '1000', '3000')
  const second = await joined(sw, '1001', '3000')
  await sw.api(`conference room hold ${first.id} tone_stream://%(60000,0,500)`)
  await sw.event('CUSTOM', actionOf('hold-member'))
  assert.deepEqual(await whoHears([first.call, second.call], [700, 1300]), [
    [false, false],
    [false, false],
  ])
  await untilHears(first.call, 500)
  assert.match(await sw.api('conference room list'), /;hold(\|floor)?;/)
  await sw.api(`conference room unhold ${first.id}`)
  assert.deepEqual(await whoHears([first.call, second.call], [700, 1300]), [
    [false, true],
    [true, false],
  ])
})

test('who is related hears what the relation leaves, and lists tell it', async () => {
  await using sw = await start()
  const all = [
    await joined(sw, '1000', '3000'),
    await joined(sw, '1001', '3000'),
    await joined(sw, '1002', '3000'),
  ]
  const calls = all.map(({ call }) => call)
  const [a, b] = [all[0]!.id, all[1]!.id]
  await sw.api(`conference room relate ${a} ${b} nospeak`)
  assert.deepEqual(await whoHears(calls, [500, 900, 1300]), [
    [false, true, true],
    [false, false, true],
    [true, true, false],
  ])
  assert.equal(await sw.api(`conference room relate ${a}`), `${a} -> ${b} NOSPEAK\n`)
  await sw.api(`conference room relate ${a} ${b} nohear`)
  assert.deepEqual(await whoHears(calls.slice(0, 2), [500, 900], calls.slice(0, 2)), [
    [false, false],
    [true, false],
  ])
})

test('it records itself when there are enough, others beside it, and writes down who was in', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start(folder.path)
  const first = await joined(sw, '1000', '3020')
  assert.equal(
    await sw.api('conference written chkrecord'),
    '-ERR Conference is not being recorded.\n',
  )
  const second = await joined(sw, '1001', '3020')
  await sw.event('CUSTOM', actionOf('start-recording'))
  const automatic = join(folder.path, 'written_auto.wav')
  assert.equal(
    await sw.api('conference written chkrecord'),
    `+OK Record file ${automatic} (Auto)\n`,
  )
  assert.equal(
    first.call && sw.channel('1001@example.test').variables.get('conference_recording'),
    automatic,
  )
  const other = join(folder.path, 'other.wav')
  await sw.api(`conference written record ${other}`)
  await sw.until(() => told(sw, 'start-recording').length === 2)
  assert.match(
    await sw.api(`conference written record ${other}`),
    /^-ERR file \[.*already being used/,
  )
  await whoHears([first.call], [700], [second.call])
  assert.equal(
    await sw.api(`conference written pause ${other}`),
    `+OK Pause recording file ${other}\n`,
  )
  await whoHears([first.call], [1100], [second.call])
  assert.match(await sw.api('conference written xml_list'), /<record_path status="paused">/)
  await sw.api(`conference written resume ${other}`)
  await sw.api(`conference written norecord ${other}`)
  await sw.event('CUSTOM', actionOf('stop-recording'))
  const stranger = await dialled(sw, '1002', '3021')
  await stranger.bye()
  await second.call.bye()
  await first.call.bye()
  const record = await sw.event('CUSTOM', (event) => event.subclass === 'conference::cdr')
  const has = (path: string, tone: number) => {
    const { samples } = readRecording(path)
    let most = 0
    for (let at = 0; at + 1600 <= samples.length; at += 400)
      most = Math.max(most, amplitudeAt(samples.subarray(at, at + 1600), tone, 8000))
    return most > 1500
  }
  assert.deepEqual([has(other, 700), has(other, 1100)], [true, false])
  assert.deepEqual([has(automatic, 700), has(automatic, 1100)], [true, true])
  const body = record.body ?? ''
  assert.match(body, /<name>written<\/name>/)
  assert.equal(body.match(/<member type="caller">/g)?.length, 2)
  assert.equal(body.match(/<member type="recording_node">/g)?.length, 2)
  assert.match(body, /<caller_id_number>1001<\/caller_id_number>/)
  const [file] = readdirSync(join(folder.path, 'records'))
  assert.equal(readFileSync(join(folder.path, 'records', file ?? ''), 'utf8'), body)
  assert.ok(existsSync(automatic))
  const document = sw.events.find(({ name }) => name === 'CONFERENCE_DATA')?.body ?? ''
  assert.match(document, /<conference-info version="0" state="full"/)
})

test('a recording that began by itself and is ended stays so, unless it is to begin again', async () => {
  await using folder = await temporaryFolder()
  await using sw = await start(folder.path)
  const started = (count: number) => sw.until(() => told(sw, 'start-recording').length === count)
  await joined(sw, '1000', '3022')
  await started(1)
  const again = join(folder.path, 'again.wav')
  assert.equal(
    await sw.api('conference again norecord all'),
    `Stopped recording file ${again}\n+OK Stopped recording 0 files\n`,
  )
  await started(2)
  assert.equal(await sw.api('conference again chkrecord'), `+OK Record file ${again} (Auto)\n`)
  await joined(sw, '1001', '3023')
  await started(3)
  const once = join(folder.path, 'once.wav')
  assert.equal(
    await sw.api('conference once norecord all'),
    `Stopped AUTO recording file ${once} (Auto Recording Now Disabled)\n+OK Stopped recording 0 files\n`,
  )
  await sw.until(() => told(sw, 'stop-recording').length === 2)
  await joined(sw, '1002', '3023')
  assert.equal(
    await sw.api('conference once chkrecord'),
    '-ERR Conference is not being recorded.\n',
  )
})

test('rooms of 16 and 48 kHz have members of 8 kHz and of G.722, who hear each other', async () => {
  await using sw = await start()
  for (const [number, room] of [
    ['3030', 'wide'],
    ['3031', 'full'],
  ] as const) {
    const narrow = await joined(sw, '1000', number)
    const wide = await joined(sw, '1001', number, { codecs: [9, 101] })
    const from = [narrow.call.rtp.arrived.length, wide.call.rtp.arrived.length]
    await Promise.all([narrow.call.rtp.tone(700, 50), wide.call.rtp.tone(1500, 50, 'G722')])
    const most = (pcm: Int16Array, tone: number, rate: number) => {
      let amplitude = 0
      for (let at = 0; at + rate / 10 <= pcm.length; at += rate / 40)
        amplitude = Math.max(amplitude, amplitudeAt(pcm.subarray(at, at + rate / 10), tone, rate))
      return amplitude
    }
    const heardNarrow = narrow.call.rtp.heard('PCMU', undefined, from[0])
    const heardWide = wide.call.rtp.heard('G722', undefined, from[1])
    assert.ok(most(heardNarrow, 1500, 8000) > 1500, `${room}: the narrow one hears the wide one`)
    assert.ok(most(heardNarrow, 700, 8000) < 300)
    assert.ok(most(heardWide, 700, 16_000) > 1500, `${room}: the wide one hears the narrow one`)
    assert.ok(most(heardWide, 1500, 16_000) < 300)
    await narrow.call.bye()
    await wide.call.bye()
  }
})
