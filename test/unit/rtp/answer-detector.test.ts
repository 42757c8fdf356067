import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerDetector, usualAnswerSettings } from '../../../src/rtp/answer-detector.ts'
import { frames, join, rhythm, silence, spoken } from '../../support/speech.ts'

function judge(pcm: Int16Array, more = {}) {
  const detector = new AnswerDetector(8000, { ...usualAnswerSettings, ...more })
  for (const frame of frames(pcm)) if (detector.process(frame)) break
  return detector.verdict
}

test('one word and a pause is a person', () => {
  const verdict = judge(join([silence(400), rhythm([500, 2000])]))
  assert.deepEqual([verdict?.result, verdict?.cause, verdict?.words], ['HUMAN', 'HUMAN', 1])
  assert.ok(verdict!.ms >= 1700 && verdict!.ms <= 1740, `${verdict!.ms} ms`)
})

test('a greeting that goes on is a machine: without a pause, with many words, after a long silence', () => {
  assert.deepEqual(judge(rhythm([3000]))?.cause, 'LONGGREETING')
  assert.deepEqual(judge(rhythm([300, 150, 300, 150, 300]))?.cause, 'MAXWORDS')
  assert.deepEqual(judge(silence(4000))?.cause, 'INITIALSILENCE')
  for (const sound of [rhythm([3000]), rhythm([300, 150, 300, 150, 300]), silence(4000)])
    assert.equal(judge(sound)?.result, 'MACHINE')
})

test('it is not sure when nothing decides in time, and clicks are no words', () => {
  const clicks = Array.from({ length: 20 }, () => [40, 300]).flat()
  assert.equal(judge(rhythm(clicks), { initialSilence: 9000 })?.result, 'NOTSURE')
  assert.equal(judge(rhythm(clicks))?.cause, 'INITIALSILENCE')
  assert.equal(judge(rhythm([300, 100])), undefined, 'no verdict yet')
})

test('it tells a spoken hello from a spoken announcement', (t) => {
  const hello = spoken('Hello?')
  const machine = spoken(
    'Hi, you have reached the voice mail of Peter Smith. I cannot take your call right now. Please leave a message after the tone.',
  )
  if (!hello || !machine) return t.skip('espeak-ng is not installed')
  assert.equal(judge(join([silence(300), hello, silence(2500)]))?.result, 'HUMAN')
  assert.equal(judge(join([silence(300), machine, silence(2500)]))?.result, 'MACHINE')
})
