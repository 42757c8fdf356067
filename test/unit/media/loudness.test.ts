/** When a party counts as quiet or loud (`wait_for_silence`, `detect_silence`, `detect_audio`). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoudnessCounter, type LoudnessRules } from '../../../src/media/loudness.ts'

const rules: LoudnessRules = {
  wants: 'silence after sound',
  threshold: 200,
  hits: 3,
  listenHits: 0,
  timeoutMs: 0,
}

function hitAt(scores: readonly number[], more: Partial<LoudnessRules> = {}): number {
  const counter = new LoudnessCounter({ ...rules, ...more })
  return scores.findIndex((score) => counter.frame(score))
}

test('so many quiet frames in a row, a loud one begins anew', () => {
  assert.equal(hitAt([0, 0, 500, 0, 0, 0]), 5)
})

test('a frame at the threshold is loud', () => {
  assert.equal(hitAt([199, 200, 199, 199]), -1)
})

test('listening starts after more loud frames than asked for', () => {
  assert.equal(hitAt([0, 0, 0, 0, 300, 300, 0, 0, 0], { listenHits: 2 }), -1)
  assert.equal(hitAt([0, 0, 0, 0, 300, 300, 300, 0, 0, 0], { listenHits: 2 }), 9)
})

test('detect_silence and detect_audio take more than so many frames, the threshold among them', () => {
  assert.equal(hitAt([0, 200, 201, 0, 0, 0, 0], { wants: 'silence' }), 6)
  assert.equal(hitAt([500, 199, 200, 300, 300, 300], { wants: 'audio' }), 5)
})
