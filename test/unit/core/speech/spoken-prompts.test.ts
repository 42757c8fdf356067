import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { SwitchError } from '../../../../src/base/errors.ts'
import { type LogLine, onLog } from '../../../../src/base/log.ts'
import type { SpeechEngine } from '../../../../src/core/interfaces.ts'
import { temporaryFolder } from '../../../support/sound.ts'
import { startSwitch } from '../../../support/switch.ts'

const table = `# a comment
voicemail/vm-hello\tWelcome to your mailbox.\tWelcome to your male box.
conference/conf-ack\t(two notes)\ttone_stream://%(90,0,587)
`

/** A switch whose English lies in a folder with a table and no sound, and what asks it for missing files. */
async function english(engine: SpeechEngine) {
  const folder = await temporaryFolder()
  await writeFile(join(folder.path, 'texts.tsv'), table)
  const s = await startSwitch({
    languages: `<language name="en" sound-prefix="${folder.path}" tts-engine="${engine.name}" tts-voice="rms"/>`,
  })
  s.sw.speechEngines.add(engine, 'mod_test')
  const replace = (name: string) =>
    s.media.fetchers.get('prompt')!('prompt', join(folder.path, name), new Map())
  const figures = async () =>
    (await s.sw.counters.read()).find(([source]) => source === 'prompts')?.[1]
  return {
    replace,
    figures,
    async [Symbol.asyncDispose]() {
      await s[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof SwitchError && thrown.code === 'FILE_NOT_FOUND'
}

const silent: SpeechEngine = {
  name: 'silent',
  render: () => Promise.reject(new SwitchError('TTS_NO_PROGRAM', 'there is no program')),
}

test('a sound that is not there is logged once with its name, and counted each time', async () => {
  await using s = await english(silent)
  const lines: LogLine[] = []
  using _log = onLog((line) => lines.push(line))
  for (let i = 0; i < 3; i++) await assert.rejects(s.replace('voicemail/vm-hello.wav'), isMissing)
  await assert.rejects(s.replace('ivr/ivr-other.wav'), isMissing)
  const told = lines.filter(({ level, text }) => level === 4 && text.includes('is missing'))
  assert.equal(told.length, 2)
  assert.match(told[0]!.text, /voicemail\/vm-hello\.wav is missing.*there is no program/)
  assert.match(told[1]!.text, /ivr\/ivr-other\.wav is missing$/)
  assert.deepEqual(await s.figures(), { missing: 4, 'spoken instead': 0, names: 2 })
})

test('its words are spoken in the voice of its language; what is no speech is the tone of the table', async () => {
  const said: string[] = []
  await using s = await english({
    name: 'loud',
    async render({ text, voice, path }) {
      said.push(`${voice}: ${text}`)
      await writeFile(path, Buffer.alloc(100))
    },
  })
  assert.match(await s.replace('voicemail/vm-hello.wav'), /\.wav$/)
  assert.deepEqual(said, ['rms: Welcome to your mailbox.'])
  assert.equal(await s.replace('conference/conf-ack.wav'), 'tone_stream://%(90,0,587)')
  assert.deepEqual(await s.figures(), { missing: 2, 'spoken instead': 1, names: 1 })
})
