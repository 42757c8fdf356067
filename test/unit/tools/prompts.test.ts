/** The English sound set: its table, the files, and the measures that they are made to. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { differences, measure } from '../../../tools/prompts/check.ts'
import { ceiling, limited, trimmed } from '../../../tools/prompts/finish.ts'
import { readable, sounds } from '../../../tools/prompts/flite.ts'
import { loudnessOf } from '../../../tools/prompts/level.ts'
import { englishSet, isSpeech, parseTable, readTable } from '../../../tools/prompts/table.ts'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const set = join(root, englishSet)

test('a table has one line a prompt: no name twice, no empty text', () => {
  const [prompt] = parseTable('# about\nivr/ivr-or\tor\n')
  assert.deepEqual(prompt, {
    group: 'ivr',
    file: 'ivr-or',
    name: 'ivr/ivr-or',
    text: 'or',
    spoken: 'or',
  })
  assert.throws(() => parseTable('ivr/a\tx\nivr/A\ty'), /line 2: ivr\/A stands twice/)
  assert.throws(() => parseTable('ivr/a\t '), /line 1: ivr\/a has no text/)
  assert.throws(() => parseTable('a\tx'), /line 1: "a" is no <group>\/<file>/)
})

test('the set has every file of its table, and no other', () => {
  assert.deepEqual(differences(set, readTable(set)), { missing: [], extra: [] })
})

test('the table has the groups and what numbers, dates and letters are made of', () => {
  const names = new Set(readTable(set).map(({ name }) => name))
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const wanted = [
    ...range(0, 20).map((n) => `digits/${n}`),
    ...[30, 40, 50, 60, 70, 80, 90].map((n) => `digits/${n}`),
    ...range(1, 20).map((n) => `digits/h-${n}`),
    ...range(97, 122).flatMap((n) => [`ascii/${n}`, `phonetic-ascii/${n}`]),
    ...range(0, 6).map((n) => `time/day-${n}`),
    ...range(0, 11).map((n) => `time/mon-${n}`),
    ...['dollar', 'dollars', 'cent', 'cents', 'and', 'negative'].map((word) => `currency/${word}`),
  ]
  assert.deepEqual(
    wanted.filter((name) => !names.has(name)),
    [],
  )
  const groups = new Set(readTable(set).map(({ group }) => group))
  for (const group of ['voicemail', 'ivr', 'conference', 'directory', 'misc', 'base256'])
    assert.ok(groups.has(group), group)
})

test('every prompt is mono at the rate of its folder and at -19 dBFS, with nothing cut off and little silence around it', () => {
  for (const prompt of readTable(set)) {
    const { active, peak, offset, before, after, seconds } = measure(set, prompt)
    assert.ok(peak <= ceiling + 0.1, `${prompt.name} goes up to ${peak} dBFS`)
    assert.ok(Math.abs(offset) < 0.001, `${prompt.name} has an offset of ${offset}`)
    assert.ok(seconds > 0.2, `${prompt.name} lasts ${seconds} s`)
    if (prompt.spoken.startsWith('music://')) continue
    assert.ok(Math.abs(active + 19) <= 2, `${prompt.name} has ${active} dBFS`)
    assert.ok(before <= 0.1 && after <= 0.12, `${prompt.name}: silence of ${before} and ${after} s`)
    if (!isSpeech(prompt)) continue
    assert.ok(before >= 0.01, `${prompt.name} begins at ${before} s`)
    // A synthesizer that does not know a word spells it.
    const letters = prompt.text.replace(/[^a-z]/gi, '').length
    assert.ok(seconds < 0.95 + 0.13 * letters, `${prompt.name} lasts ${seconds} s`)
  }
})

test('the active level of speech leaves the pauses out', () => {
  const rate = 8000
  const tone = (seconds: number) =>
    Float64Array.from({ length: seconds * rate }, (_, i) => 0.1 * Math.sin(i * 0.8))
  const level = 20 * Math.log10(0.1) - 3.01
  assert.ok(Math.abs(loudnessOf(tone(2), rate).active - level) < 0.3)
  const paused = new Float64Array(6 * rate)
  paused.set(tone(2), 2 * rate)
  const { active, activity } = loudnessOf(paused, rate)
  assert.ok(Math.abs(active - level) < 0.8, `${active} dBFS`)
  assert.ok(activity > 0.3 && activity < 0.42, `${activity}`)
})

test('a limiter holds the ceiling and leaves alone what is below it', () => {
  const rate = 16000
  const samples = Float64Array.from({ length: rate }, (_, i) => 0.3 * Math.sin(i * 0.3))
  samples[8000] = 1.5
  const out = limited(samples, rate, -1)
  assert.ok(Math.max(...out) <= 10 ** (-1 / 20) + 1e-9)
  assert.deepEqual(out.subarray(0, 7900), samples.subarray(0, 7900))
})

test('silence is cut down to its rim', () => {
  const rate = 16000
  const samples = new Float64Array(2 * rate)
  for (let i = 8000; i < 16000; i++) samples[i] = 0.2 * Math.sin(i * 0.3)
  assert.equal(trimmed(samples, rate).length, 8000 + 2 * 960)
})

test('a word given by its sounds is stressed where it says so, and is a word of its own', () => {
  assert.equal(sounds("s ae ng - 'g ow - m ax"), 's ae0 ng g ow1 m ax0')
  assert.equal(sounds('b iy'), 'b iy1')
  const { text, entries } = readable('for {k y uw} or {z iy}')
  const [, one = '', two = ''] = /^for (\w+) or (\w+)$/.exec(text) ?? []
  assert.match(entries, new RegExp(`^${one} nil : k y uw1$`, 'm'))
  assert.match(entries, new RegExp(`^${two} nil : z iy1$`, 'm'))
})
