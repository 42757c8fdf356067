/** When a party counts as quiet (`wait_for_silence`). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SilenceCounter } from '../../../src/media/silence-watch.ts'

const rules = { threshold: 200, hits: 3, listenHits: 0, timeoutMs: 0 }

function hitAt(scores: readonly number[], more: Partial<typeof rules> = {}): number {
  const counter = new SilenceCounter({ ...rules, ...more })
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
