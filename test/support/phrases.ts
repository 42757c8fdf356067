/** The languages of conf/lang said on channels of a switch whose media engine only remembers what it was asked. */
import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import type { SwitchEvent } from '../../src/core/events.ts'
import { startSwitch, type TestSwitch } from './switch.ts'

/** Macro, data, and the sounds: those of one `say` joined by `+`, without folder and `.wav`. */
export type PhraseCase = readonly [macro: string, data: string, sounds: string]

const dialplan = `<context name="default"><extension name="all"><condition>
  <action application="answer"/><action application="park"/>
</condition></extension></context>`

/** A switch with one language of conf/lang, its sounds below /s. */
export function startLanguage(language: string): Promise<TestSwitch> {
  return startSwitch({
    dialplan,
    modules: [
      'mod_dialplan_xml',
      'mod_dptools',
      'mod_commands',
      'mod_loopback',
      `mod_say_${language}`,
    ],
    languages: `\n<X-PRE-PROCESS cmd="include" data="${resolve('conf/lang', language)}/*.xml"/>\n`,
    globals: { sound_prefix: '/s', sounds_dir: '/s', timezone: '0', default_language: language },
  })
}

/** Says every one on a channel of its own, side by side, and compares. */
export async function playPhrases(language: string, cases: readonly PhraseCase[]): Promise<void> {
  await using s = await startLanguage(language)
  const heard = await Promise.all(
    cases.map(async ([macro, data]) => [macro, data, await hearPhrase(s, macro, data)]),
  )
  assert.deepEqual(heard, cases)
}

async function hearPhrase(s: TestSwitch, macro: string, data: string): Promise<string> {
  const uuid = (await s.api('create_uuid')).trim()
  assert.match(
    await s.api(`originate {origination_uuid=${uuid}}loopback/1/default &park()`),
    /^\+OK/,
  )
  const channel = s.sw.channels.get(uuid)
  assert.ok(channel?.media)
  const { asked } = channel.media as unknown as { asked: readonly string[] }
  const over = executed(s, uuid)
  channel.queue.add({ application: 'phrase', data: `${macro},${data}` })
  const response = (await over).get('Application-Response')
  const sounds = asked.flatMap((one) => (one.startsWith('play ') ? [short(one.slice(5))] : []))
  await s.api(`uuid_kill ${uuid}`)
  return response === 'PHRASE PLAYED' ? sounds.join(' ') : `${response}: ${sounds.join(' ')}`
}

/** The end of the phrase; pauses between sounds take their time on a busy machine. */
function executed(s: TestSwitch, uuid: string): Promise<SwitchEvent> {
  return new Promise((resolve) => {
    s.sw.events.attach({
      name: `phrase ${uuid}`,
      wants: (name) => name === 'CHANNEL_EXECUTE_COMPLETE',
      receive: (event) => {
        if (event.get('Unique-ID') === uuid && event.get('Application') === 'phrase') resolve(event)
      },
    })
  })
}

/** `file_string:///s/digits/20.wav!/s/digits/1.wav` as `digits/20+digits/1`. */
function short(played: string): string {
  return played
    .replace(/^file_string:\/\//, '')
    .split('!')
    .map((one) => one.replace(/^\/s\/(de\/de\/)?/, '').replace(/\.wav$/, ''))
    .join('+')
}
