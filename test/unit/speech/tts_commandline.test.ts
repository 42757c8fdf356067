/** Words on their way to a shell: they are never read as part of the command. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { quoteCommand } from '../../../src/speech/tts_commandline.ts'

const commands: readonly [string, string][] = [
  ['say ${text}', 'say "$TTS_TEXT"'],
  ['say -r ${rate} -o ${file} ${text}', 'say -r "$TTS_RATE" -o "$TTS_FILE" "$TTS_TEXT"'],
  ['say "${text}"', 'say "${TTS_TEXT}"'],
  ['say "(voice_${voice})"', 'say "(voice_${TTS_VOICE})"'],
  ["say '(voice_${voice})'", `say '(voice_'"$TTS_VOICE"')'`],
  ['say "\\"${text}\\""', 'say "\\"${TTS_TEXT}\\""'],
  ['say ${other} $HOME', 'say ${other} $HOME'],
]

test('what stands for the text is quoted for its place', () => {
  for (const [command, line] of commands) assert.equal(quoteCommand(command), line)
})

const texts = [
  'hello',
  "it's; touch X",
  '"; touch X; "',
  '$(touch X) `touch X`',
  '&& touch X || touch X | touch X > X',
  "'; touch X #",
  '\\"; touch X',
  '-n --help',
  'ünïcode 😀',
]

test('no text runs anything, however the command has it quoted', () => {
  const trap = join(tmpdir(), `strowger-trap-${process.pid}`)
  for (const template of ['printf %s ${text}', 'printf %s "${text}"', "printf %s '${text}'"])
    for (const text of texts.map((one) => one.replaceAll('X', trap))) {
      const heard = execFileSync('/bin/sh', ['-c', quoteCommand(template)], {
        env: { ...process.env, TTS_TEXT: text },
        encoding: 'utf8',
      })
      assert.equal(heard, text, template)
      assert.ok(!existsSync(trap), text)
    }
})
