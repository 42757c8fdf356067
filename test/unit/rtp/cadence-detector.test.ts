import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CadenceDetector, type CadenceTone } from '../../../src/rtp/cadence-detector.ts'
import { frames, join, rhythm, silence, spoken } from '../../support/speech.ts'

const element = (minMs: number, maxMs: number, ...frequencies: number[]) => ({
  frequencies,
  minMs,
  maxMs,
})

const northAmerica: readonly CadenceTone[] = [
  { name: 'CED_TONE', elements: [element(700, 0, 2100)] },
  {
    name: 'SIT',
    elements: [element(256, 400, 950), element(256, 400, 1400), element(256, 400, 1800)],
  },
  { name: 'RING_TONE', elements: [element(1200, 0, 440, 480)] },
  {
    name: 'REORDER_TONE',
    elements: [element(224, 316, 480, 620), element(168, 352), element(224, 316, 480, 620)],
  },
  {
    name: 'BUSY_TONE',
    elements: [element(464, 536, 480, 620), element(464, 572), element(464, 536, 480, 620)],
  },
]

const kingdom: readonly CadenceTone[] = [
  {
    name: 'BUSY_TONE',
    elements: [
      element(352, 384, 400),
      element(352, 384),
      element(352, 384, 400),
      element(352, 384),
    ],
  },
]

function tone(ms: number, ...frequencies: number[]): Int16Array {
  return Int16Array.from({ length: ms * 8 }, (_, i) =>
    Math.round(
      frequencies.reduce((sum, f) => sum + 3000 * Math.sin((2 * Math.PI * f * i) / 8000), 0),
    ),
  )
}

function found(pcm: Int16Array, tones = northAmerica): string[] {
  const detector = new CadenceDetector(8000, tones)
  const names: string[] = []
  for (const frame of frames(join([pcm, silence(200)]))) {
    const name = detector.process(frame)
    if (name) names.push(name)
  }
  return names
}

const cycles = (count: number, on: Int16Array, off: number) =>
  join(Array.from({ length: count }, () => join([on, silence(off)])))

test('busy and reorder, which differ in rhythm alone, are told apart', () => {
  assert.deepEqual(found(cycles(4, tone(500, 480, 620), 500)), ['BUSY_TONE', 'BUSY_TONE'])
  assert.deepEqual(found(cycles(4, tone(250, 480, 620), 250)), ['REORDER_TONE', 'REORDER_TONE'])
  assert.deepEqual(found(cycles(3, tone(370, 480, 620), 370)), [])
})

test('ringing, the fax answer and the special information tones are found once each', () => {
  assert.deepEqual(found(tone(2000, 440, 480)), ['RING_TONE'])
  assert.deepEqual(found(cycles(2, tone(2000, 440, 480), 4000)), ['RING_TONE', 'RING_TONE'])
  assert.deepEqual(found(tone(3000, 2100)), ['CED_TONE'])
  assert.deepEqual(found(join([tone(330, 950), tone(330, 1400), tone(330, 1800)])), ['SIT'])
})

test('spans of a narrow descriptor are measured well enough', () => {
  assert.deepEqual(found(cycles(4, tone(375, 400), 375), kingdom), ['BUSY_TONE'])
  assert.deepEqual(found(cycles(4, tone(420, 400), 420), kingdom), [])
})

test('noise, other tones and speech are none of them', (t) => {
  assert.deepEqual(found(rhythm([5000])), [])
  assert.deepEqual(found(cycles(4, tone(500, 440, 620), 500)), [])
  const speech = spoken(
    'The number you have dialled is not in service. Please check it and try again.',
  )
  if (!speech) return t.skip('espeak-ng is not installed')
  assert.deepEqual(found(speech), [])
})
