/** Texts spoken to a caller by flite, espeak-ng and festival: their sound is found in what arrived. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { onLog } from '../../src/base/log.ts'
import { Lateness } from '../support/lateness.ts'
import { levelOf } from '../support/levels.ts'
import '../support/precedence.ts'
import { root, skipWithout } from '../support/programs.ts'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch } from '../support/switch.ts'
import { cleanest } from '../support/tone.ts'
import { type Recording, readRecording, shareOf } from '../support/wav.ts'

const words = 'One two three four five six seven eight nine ten.'

interface Heard extends Recording {
  /** Lines of the log, warnings and worse. */
  readonly complaints: readonly string[]
  /** The server's figures of speech. */
  readonly figures: Readonly<Record<string, number>>
}

type Actions = readonly (readonly [application: string, data: string])[]

/**
 * Has actions run on a call, and gives what its party heard. Sound has its time, whoever is there to hear it: of a call in which the
 * machine stood still much is missing, so that another one is made.
 */
async function hear(actions: Actions, path?: string): Promise<Heard> {
  const begun = performance.now()
  for (;;) {
    using machine = new Lateness()
    const heard = await hearOnce(actions, path)
    if (machine.most < 200 || performance.now() - begun > 40_000) return heard
  }
}

async function hearOnce(actions: Actions, path = process.env['PATH']): Promise<Heard> {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'heard.wav')
  const complaints: string[] = []
  using _ = onLog(({ level, text }) => {
    if (level <= 4) complaints.push(text)
  })
  const before = process.env['PATH']
  const lines = actions.map(([app, data]) => `<action application="${app}" data="${data}"/>`)
  await using s = await startSwitch({
    media: 'real',
    modules: [
      ...[
        'mod_dialplan_xml',
        'mod_dptools',
        'mod_commands',
        'mod_loopback',
        'mod_say_en',
        'mod_say_de',
      ],
      ...['mod_flite', 'mod_espeak_ng', 'mod_tts_commandline'],
    ],
    dialplan: `<context name="default"><extension name="all"><condition>
<action application="answer"/>${lines.join('')}<action application="hangup"/></condition></extension></context>`,
    languages: `<language name="de" say-module="de" sound-prefix="${join(root, 'sounds/de/de')}" tts-engine="espeak-ng" tts-voice="de">
<phrases><macros><macro name="bye"><input><match><action function="play-file" data="voicemail/vm-goodbye.wav"/></match></input></macro></macros></phrases></language>
<language name="en" tts-engine="flite" tts-voice="awb"><phrases><macros><macro name="words" pause="0">
<input pattern="(.*)"><match><action function="speak-text" data="$1"/></match></input></macro></macros></phrases></language>`,
    configuration: `<configuration name="tts_commandline.conf"><settings>
<param name="command" value="printf '%s' &quot;\${text}&quot; | text2wave -F \${rate} -o \${file}"/>
</settings></configuration>`,
  })
  try {
    process.env['PATH'] = path
    assert.match(await s.api(`originate loopback/1/default &record(${file})`), /^\+OK/)
    // Texts are rendered one after the other, and all of it is spoken before.
    await s.event('RECORD_STOP', undefined, 120_000)
  } finally {
    process.env['PATH'] = before
  }
  return { ...readRecording(file), complaints, figures: s.sw.speech.figures }
}

/** Speech: seconds of it, loud, in many frequencies and with pauses. */
function assertSpeech({ rate, samples, complaints }: Heard, seconds: number): void {
  assert.deepEqual(complaints, [])
  const step = rate / 50
  const levels: number[] = []
  for (let at = 0; at + step <= samples.length; at += step)
    levels.push(levelOf(samples, at, at + step))
  const loud = levels.filter((level) => level > 500).length / 50
  assert.ok(loud > seconds, `${loud} s of sound in ${samples.length / rate} s`)
  const tones = [300, 500, 1000, 1500, 2000].map((hz) => shareOf({ rate, samples }, hz))
  assert.ok(Math.max(...tones) < 0.2, `a tone: ${tones}`)
  assert.ok(Math.max(...levels) < 20_000)
}

const flite = { skip: skipWithout('flite') }

test('speak with flite is heard by the caller', flite, async () => {
  assertSpeech(await hear([['speak', `flite|slt|${words}`]]), 1.5)
})

test('speak with espeak-ng is heard, in German too', {
  skip: skipWithout('espeak-ng'),
}, async () => {
  assertSpeech(await hear([['speak', `espeak-ng|en-us|${words}`]]), 1.5)
  assertSpeech(
    await hear([['speak', 'espeak-ng|de|Eins zwei drei vier fünf sechs sieben acht.']]),
    1,
  )
})

const text2wave =
  skipWithout('text2wave') ||
  (!existsSync('/usr/share/festival/voices') &&
    'festival has no voice (apt-get install festvox-kallpc16k)')

test('any program of tts_commandline is heard', { skip: text2wave }, async (t) => {
  const trap = trapOf(t)
  assertSpeech(await hear([['speak', `tts_commandline|x|${words} $(touch ${trap})`]]), 1.5)
  assert.ok(!existsSync(trap))
})

test(
  "say:, and speak-text of a phrase, take the language's voice; a text is made once",
  flite,
  async () => {
    const heard = await hear([
      ['playback', `say:${words}`],
      ['playback', `phrase:words:${words}`],
      ['playback', `say:flite:awb:${words}`],
    ])
    assertSpeech(heard, 5)
    assert.equal(heard.figures['rendered'], 1)
    assert.equal(heard.figures['cached'], 2)
  },
)

test('prompts that a set lacks are said by its texts, each told once: a whole language without a recording', {
  skip: skipWithout('espeak-ng'),
}, async () => {
  const heard = await hear([
    ['set', 'default_language=de'],
    ['say', 'de NUMBER PRONOUNCED 345678'],
    ['phrase', 'bye,'],
    ['phrase', 'bye,'],
    ['say', 'de CURRENT_DATE PRONOUNCED 1709209805'],
  ])
  assertSpeech({ ...heard, complaints: [] }, 3)
  const told = heard.complaints.filter((line) =>
    line.includes('vm-goodbye.wav is missing; espeak-ng says'),
  )
  assert.equal(told.length, 1)
  const distinct =
    'digits/3 hundred 5 and 40 thousand 6 8 70 bye day-4 9 h-20_m mon-1 2 4 20'.split(' ')
  assert.equal(heard.figures['rendered'], distinct.length)
})

test('an engine that is not installed is told with its package, and the call goes on', async () => {
  const heard = await hear(
    [
      ['speak', 'flite|slt|hello'],
      ['speak', 'espeak-ng|de|hello'],
      ['playback', 'tone_stream://%(1000,0,500)'],
    ],
    '/nowhere',
  )
  assert.ok(cleanest(500, heard.samples, heard.rate) > 0.5)
  const told = heard.complaints.join('\n')
  assert.match(told, /flite is not installed \(Debian and Ubuntu: apt-get install flite\)/)
  assert.match(told, /apt-get install espeak-ng\)/)
})

test('a voice that an engine has not is told', flite, async () => {
  const heard = await hear([
    ['speak', 'flite|--help|hello'],
    ['speak', 'espeak-ng|-h|hello'],
  ])
  assert.match(
    heard.complaints.join('\n'),
    /flite has the voices awb kal kal16 rms slt, not "--help"/,
  )
  assert.match(heard.complaints.join('\n'), /"-h" is no voice of espeak-ng/)
})

function trapOf(t: TestContext): string {
  return join('/tmp', `strowger-trap-${process.pid}-${t.name.length}`)
}
