/** The E-model's estimate (ITU-T G.107). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meanOpinionScore } from '../../../src/rtp/quality.ts'

test('G.711 without loss or delay scores 4.41', () => {
  assert.ok(Math.abs(meanOpinionScore('PCMU', 0, 0) - 4.41) < 0.01)
})

test('loss and delay lower the score, and it never leaves 1 to 4.5', () => {
  const clean = meanOpinionScore('PCMU', 0, 50)
  const lossy = meanOpinionScore('PCMU', 0.05, 50)
  assert.ok(lossy < clean)
  assert.ok(meanOpinionScore('PCMU', 0, 400) < clean)
  assert.equal(meanOpinionScore('PCMU', 1, 5000), 1)
})
