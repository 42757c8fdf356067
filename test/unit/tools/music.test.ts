/** The music on hold: its scores, and the files made of them. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DtmfDetector } from '../../../src/rtp/dtmf-detector.ts'
import { chords, melody, noteNumber, voicing } from '../../../tools/music/notes.ts'
import { musicLevel, pieces } from '../../../tools/music/pieces.ts'
import { decibels } from '../../../tools/prompts/level.ts'
import { readSound } from '../../../tools/prompts/wav-file.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const folder = join(root, 'sounds', 'music', '16000')

test('notes and chords are read from text, and a bar of the wrong length is refused', () => {
  assert.deepEqual([noteNumber('A4'), noteNumber('Eb5'), noteNumber('C#5')], [69, 75, 73])
  assert.deepEqual(melody('C5/2 -/1 | E5/3', 3), [
    { note: 72, at: 0, beats: 2 },
    { note: 76, at: 3, beats: 3 },
  ])
  assert.throws(() => melody('C5/2', 3), /bar 1 has 2 beats of 3/)
  assert.throws(() => chords('Cmaj7 | Hm', 4), /bar 2: Hm is no chord/)
})

test('the voices of a chord stay near those of the chord before', () => {
  const [first, second] = chords('Cmaj7 | Am7', 4)
  const one = voicing(first!, undefined)
  const two = voicing(second!, one)
  const moved = two.reduce((sum, note, i) => sum + Math.abs(note - one[i]!), 0)
  assert.ok(moved <= 8, `${one} to ${two}`)
})

test('every piece has as many bars of melody as of chords', () => {
  for (const { sections, barBeats } of pieces)
    for (const section of sections) {
      melody(section.melody, barBeats)
      chords(section.chords, barBeats)
      assert.equal(section.melody.split('|').length, section.chords.split('|').length)
    }
})

test('the files are several minutes of 16 kHz mono, at -24 dBFS, none cut off, and end where they begin', () => {
  assert.deepEqual(readdirSync(folder).sort(), pieces.map(({ name }) => `${name}.wav`).sort())
  let seconds = 0
  for (const { name } of pieces) {
    const path = join(folder, `${name}.wav`)
    assert.ok(existsSync(path))
    const { rate, channels, samples } = readSound(path)
    assert.deepEqual([rate, channels], [16000, 1])
    seconds += samples.length / rate
    const energy = samples.reduce((sum, x) => sum + x * x, 0) / samples.length
    assert.ok(Math.abs(decibels(Math.sqrt(energy)) - musicLevel) < 1, name)
    const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
    assert.ok(decibels(peak) < -3, `${name} goes up to ${decibels(peak)} dBFS`)
    const digits: string[] = []
    const detector = new DtmfDetector(rate, ({ digit }) => digits.push(digit))
    const pcm = Int16Array.from(samples, (x) => x * 32768)
    for (let at = 0; at < pcm.length; at += 320) detector.process(pcm.subarray(at, at + 320))
    assert.deepEqual(digits, [], `${name} is taken for digits`)
    // The step over the seam is one of the steps that there are in the piece near it.
    const seam = Math.abs(samples[0]! - samples.at(-1)!)
    let step = 0
    for (let i = 1; i < rate; i++) step = Math.max(step, Math.abs(samples[i]! - samples[i - 1]!))
    assert.ok(seam <= step, `${name}: a step of ${seam} where it goes round, of ${step} after it`)
  }
  assert.ok(seconds >= 180, `${seconds} s`)
})
