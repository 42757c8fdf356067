/** Phrase macros, say and speak on a channel: which sounds are played, in order. The media engine remembers what it was asked. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/sound.ts'
import { startSwitch, type TestSwitch } from '../support/switch.ts'

const macros = `<language name="en" say-module="en" sound-prefix="/s" tts-engine="none" tts-voice="none"><phrases>
<macros>
  <macro name="one"><input pattern="(.*)"><match><action function="play-file" data="one.wav"/></match></input></macro>
  <macro name="captures" pause="0"><input pattern="^(\\d+):(\\d+)$">
    <match><action function="play-file" data="a-$1.wav"/><action function="play-file" data="b-$2-$0.wav"/></match>
    <nomatch><action function="play-file" data="no-$1.wav"/></nomatch></input></macro>
  <macro name="several" pause="0">
    <input pattern="^1"><match><action function="play-file" data="starts1"/></match><nomatch><action function="play-file" data="other"/></nomatch></input>
    <input pattern="2" break_on_match="true"><match><action function="play-file" data="has2"/></match></input>
    <input pattern="3$"><match><action function="play-file" data="ends3"/></match></input></macro>
  <macro name="breaks" pause="0"><input><match><action function="play-file" data="b1"/><action function="break"/><action function="play-file" data="b2"/></match></input>
    <input><match><action function="play-file" data="b3"/></match></input></macro>
  <macro name="works" pause="0"><input pattern="(.*)"><match>
    <action function="execute" data="set(out=$1)"/><action function="play-file" data="\${out}-\${sound_prefix}" volume="3"/>
    <action function="nosuch" data="x"/><action function="speak-text" data="hello"/>
    <action function="say" type="number" method="counted" data="$1"/></match></input></macro>
  <macro name="nested" pause="0"><input pattern="(\\d)(\\d)"><match>
    <action function="phrase" phrase="one" data="x"/><action function="phrase" phrase="captures" data="$2:$1"/>
    <action function="phrase" phrase="gone" data=""/><action function="phrase" phrase="one@other" data=""/></match></input></macro>
  <macro name="endless" pause="0"><input><match><action function="phrase" phrase="endless" data=""/></match></input></macro>
  <macro name="field" pause="0"><input field="\${which}" pattern="^(.*)x$"><match><action function="play-file" data="f-$1"/></match></input></macro>
  <macro name="noapp" pause="0"><input><match><action function="execute" data="nosuchapp(x)"/><action function="play-file" data="late"/></match></input></macro>
  <macro name="badpattern" pause="0"><input pattern="(("><nomatch><action function="play-file" data="n"/></nomatch></input></macro>
  <macro name="empty"/>
</macros>
<macros name="other" sound-prefix="/o"><macro name="one" pause="0"><input><match><action function="play-file" data="o"/></match></input></macro></macros>
</phrases></language>
<language name="de" say-module="en" sound-prefix="/de"><phrases><macros>
  <macro name="one" pause="0"><input><match><action function="play-file" data="eins"/></match></input></macro>
</macros></phrases></language>`

const dialplan = `<context name="default"><extension name="all"><condition>
  <action application="answer"/><action application="park"/>
</condition></extension></context>`

const modules = ['mod_dialplan_xml', 'mod_dptools', 'mod_commands', 'mod_loopback', 'mod_say_en']

interface Heard {
  readonly sounds: string
  readonly response: string | undefined
}

/** Runs an application on a channel of its own, with variables; says what was played meanwhile. */
async function hear(
  s: TestSwitch,
  application: string,
  data: string,
  variables = '',
): Promise<Heard> {
  const uuid = (await s.api('create_uuid')).trim()
  const legs = s.media.legs.length
  const settings = `origination_uuid=${uuid}${variables && `,${variables}`}`
  assert.match(await s.api(`originate {${settings}}loopback/1/default &park()`), /^\+OK/)
  const channel = s.sw.channels.get(uuid)
  assert.ok(channel)
  channel.queue.add({ application, data })
  const over = await s.event(
    'CHANNEL_EXECUTE_COMPLETE',
    (event) => event.get('Unique-ID') === uuid && event.get('Application') === application,
  )
  const asked = s.media.legs.slice(legs).flatMap((leg) => leg.asked)
  await s.api(`uuid_kill ${uuid}`)
  return {
    sounds: asked.flatMap((one) => (one.startsWith('play ') ? [one.slice(5)] : [])).join(' '),
    response: over.get('Application-Response'),
  }
}

const phrases: readonly [string, string, string, string?][] = [
  ['one,x', '/s/one.wav', 'PHRASE PLAYED'],
  ['ONE,', '/s/one.wav', 'PHRASE PLAYED'],
  ['captures,12:34', '/s/a-12.wav /s/b-34-12:34.wav', 'PHRASE PLAYED'],
  ['captures,x', '/s/no-$1.wav', 'PHRASE PLAYED'],
  ['several,13', '/s/starts1 /s/ends3', 'PHRASE PLAYED'],
  ['several,123', '/s/starts1 /s/has2', 'PHRASE PLAYED'],
  ['several,4', '/s/other', 'PHRASE PLAYED'],
  ['breaks,x', '/s/b1', 'PHRASE PLAYED'],
  ['works,21', '{vol=3}/s/21-/s file_string:///s/digits/20.wav!/s/digits/h-1.wav', 'PHRASE PLAYED'],
  ['nested,12', '/s/one.wav /s/a-2.wav /s/b-1-2:1.wav /o/o', 'UNKNOWN ERROR'],
  ['one@other,x', '/o/o', 'PHRASE PLAYED'],
  ['one@none,x', '', 'UNKNOWN ERROR'],
  ['endless,x', '', 'UNKNOWN ERROR'],
  ['field,q', '/s/f-a', 'PHRASE PLAYED', 'which=ax'],
  ['field,q', '', 'PHRASE PLAYED', 'which=a'],
  ['noapp,x', '', 'UNKNOWN ERROR'],
  ['badpattern,x', '/s/n', 'PHRASE PLAYED'],
  ['empty,x', '', 'UNKNOWN ERROR'],
  ['gone,x', '', 'UNKNOWN ERROR'],
  ['one,x', '/de/eins', 'PHRASE PLAYED', 'language=de'],
  ['one,x', '/de/eins', 'PHRASE PLAYED', 'default_language=de-CH'],
  ['one,x', '', 'UNKNOWN ERROR', 'language=fr'],
]

test('phrase plays what the macro says for the data', async () => {
  await using s = await startSwitch({ dialplan, modules, languages: macros })
  for (const [data, sounds, response, variables] of phrases) {
    const heard = await hear(s, 'phrase', data, variables)
    assert.deepEqual(heard, { sounds, response }, `phrase ${data} ${variables ?? ''}`)
  }
})

test('a macro is a sound wherever sounds are named, and leaves sound_prefix as it was', async () => {
  await using s = await startSwitch({ dialplan, modules, languages: macros })
  const heard = await hear(s, 'playback', 'phrase:captures:1:2', 'sound_prefix=/mine')
  assert.deepEqual(heard, { sounds: '/s/a-1.wav /s/b-2-1:2.wav', response: 'FILE PLAYED' })
  const both = await hear(
    s,
    'playback',
    'phrase:one@other!x.wav',
    'sound_prefix=/mine,playback_delimiter=!',
  )
  assert.equal(both.sounds, '/o/o /mine/x.wav')
  const enforced = await hear(s, 'phrase', 'one,x', 'sound_prefix=/mine,sound_prefix_enforced=true')
  assert.equal(enforced.sounds, '/mine/one.wav')
})

test('words without a text-to-speech engine are passed over, with a line in the log', async () => {
  await using s = await startSwitch({ dialplan, modules, languages: macros })
  assert.deepEqual(await hear(s, 'playback', 'say:hello'), { sounds: '', response: 'FILE PLAYED' })
  assert.equal((await hear(s, 'speak', 'none|none|hello')).sounds, '')
  assert.equal((await hear(s, 'speak', 'flite|slt|hello')).sounds, '')
})

/** Application, data, variables, and the sound that the media engine was asked for. */
const spoken: readonly [string, string, string, string][] = [
  ['playback', 'say:hello', 'tts_engine=flite,tts_voice=slt', 'tts://flite|slt|hello'],
  ['playback', 'say:flite:awb:hello', '', 'tts://flite|awb|hello'],
  ['playback', 'say:espeak-ng:en-gb:hello', 'language=de', 'tts://espeak-ng|en-gb|hello'],
  ['playback', 'say:one:two: three', 'language=de', 'tts://espeak-ng|de|one:two: three'],
  ['playback', 'say:hallo', 'language=de', 'tts://espeak-ng|de|hallo'],
  ['playback', 'say:hi', 'language=de,tts_engine=flite,tts_voice=kal', 'tts://flite|kal|hi'],
  ['speak', 'flite|slt|hi | you', '', 'tts://flite|slt|hi | you'],
  ['speak', 'flite||hi', '', 'tts://flite||hi'],
  ['speak', 'awb|hi', 'tts_engine=flite,tts_voice=slt', 'tts://flite|awb|hi'],
  ['speak', 'hi', 'tts_engine=flite,tts_voice=slt', 'tts://flite|slt|hi'],
  ['speak', 'hi', 'language=de', 'tts://espeak-ng|de|hi'],
  ['speak', 'flite|slt|hi! you', 'playback_delimiter=!', 'tts://flite|slt|hi! you'],
  ['speak', 'flite|slt|hi', 'playback_delimiter=|', 'tts://flite|slt|hi'],
  ['speak', 'nosuch|slt|hi', '', ''],
  ['phrase', 'words,x', 'language=de', 'tts://espeak-ng|de|word x'],
  ['phrase', 'words,x', 'tts_engine=flite,tts_voice=kal', 'tts://flite|kal|word x'],
  ['phrase', 'words,x', '', ''],
  ['phrase', 'own,x', 'tts_engine=flite,tts_voice=kal', 'tts://espeak-ng|fr|mot x'],
]

test('speak, say: and speak-text take the voice given, then that of the variables, then that of the language', async () => {
  const words = `<macro name="words" pause="0"><input pattern="(.*)"><match><action function="speak-text" data="word $1"/></match></input></macro>`
  const own = `<macro name="own" pause="0"><input pattern="(.*)"><match><action function="speak-text" tts-engine="espeak-ng" tts-voice="fr" data="mot $1"/></match></input></macro>`
  await using s = await startSwitch({
    dialplan,
    modules: [...modules, 'mod_flite', 'mod_espeak_ng'],
    languages: `<language name="en" tts-engine="none"><phrases><macros>${words}${own}</macros></phrases></language>
<language name="de" tts-engine="espeak-ng" tts-voice="de"><phrases><macros>${words}</macros></phrases></language>`,
  })
  for (const [application, data, variables, sound] of spoken)
    assert.equal(
      (await hear(s, application, data, variables)).sounds,
      sound,
      `${application} ${data}`,
    )
})

test('a menu is greeted by text to speech, in its own voice', async () => {
  const menu = (name: string, voice: string, entries: string) =>
    `<menu name="${name}" ${voice} greet-long="say:Hello \${who}" exit-sound="say:Goodbye" timeout="1" max-timeouts="1">${entries}</menu>`
  await using s = await startSwitch({
    dialplan,
    modules: [...modules, 'mod_flite', 'mod_espeak_ng'],
    languages: `<language name="en" tts-engine="espeak-ng" tts-voice="en-us"/>`,
    configuration: `<configuration name="ivr.conf"><menus>
${menu('own', 'tts-engine="flite" tts-voice="awb"', '')}${menu('usual', '', '')}</menus></configuration>`,
  })
  const own = await hear(s, 'ivr', 'own', 'who=you')
  assert.equal(own.sounds, 'tts://flite|awb|Hello you tts://flite|awb|Goodbye')
  const usual = await hear(s, 'ivr', 'usual', 'who=all')
  assert.equal(usual.sounds, 'tts://espeak-ng|en-us|Hello all tts://espeak-ng|en-us|Goodbye')
})

test('say and say_string name the same sounds', async () => {
  await using s = await startSwitch({ dialplan, modules, languages: macros })
  const played = (sounds: string) => ({ sounds, response: '_none_' })
  const twelve = 'file_string:///s/digits/12.wav'
  assert.deepEqual(await hear(s, 'say', 'en NUMBER PRONOUNCED 12'), played(twelve))
  assert.deepEqual(
    await hear(s, 'say', 'en:de number pronounced FEMININE 12'),
    played('file_string:///de/digits/12.wav'),
  )
  for (const wrong of [
    'en:fr NUMBER PRONOUNCED 12',
    'en NUMBER 12',
    'en BOGUS PRONOUNCED 12',
    'en NUMBER PRONOUNCED x',
  ])
    assert.deepEqual(await hear(s, 'say', wrong), played(''), wrong)
  assert.equal(
    await s.api('say_string en.gsm en NUMBER PRONOUNCED 12'),
    'file_string://digits/12.gsm',
  )
  assert.equal(await s.api('say_string en en.raw NUMBER ITERATED ~12'), 'digits/1.raw!digits/2.raw')
  assert.equal(
    await s.api('eval ${say_string en en NUMBER COUNTED 3}'),
    'file_string://digits/h-3.wav',
  )
  assert.match(await s.api('say_string en fr NUMBER PRONOUNCED 12'), /^-ERR Usage: <module_name>/)
  assert.match(await s.api('say_string en en NUMBER'), /^-ERR Usage/)
})

test('an older tree has its macros inside the language, in the section phrases', async () => {
  const languages = `<macros><language name="en" sound_path="/old">
    <macro name="one" pause="0"><input><match><action function="play-file" data="1"/></match></input></macro></language></macros>`
  await using s = await startSwitch({ dialplan, modules, languages })
  assert.deepEqual(await hear(s, 'phrase', 'one'), { sounds: '/old/1', response: 'PHRASE PLAYED' })
})

test('words are repeated as often as a sound is, and a reload renews them', async () => {
  await using folder = await temporaryFolder()
  const write = (sound: string) =>
    writeFile(
      join(folder.path, 'freeswitch.xml'),
      `<document type="freeswitch/xml"><section name="configuration"><configuration name="modules.conf"><modules>
${modules.map((name) => `<load module="${name}"/>`).join('')}</modules></configuration></section>
<section name="dialplan">${dialplan}</section><section name="languages"><language name="en"><phrases><macros>
<macro name="one" pause="0"><input><match><action function="play-file" data="/${sound}"/></match></input></macro>
</macros></phrases></language></section></document>`,
    )
  await write('before')
  await using s = await startSwitch({ confDir: folder.path })
  assert.equal((await hear(s, 'loop_playback', '+3 phrase:one')).sounds, '/before /before /before')
  await write('after')
  assert.match(await s.api('reloadxml'), /Success/)
  assert.equal((await hear(s, 'phrase', 'one')).sounds, '/after')
})
