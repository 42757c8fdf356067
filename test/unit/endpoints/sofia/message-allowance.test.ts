import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Allowance } from '../../../../src/endpoints/sofia/message-allowance.ts'

test('a sender may send so many at once, and more as time goes by', () => {
  let now = 0
  const allowance = new Allowance(2, 3, () => now)
  const taken = () => [1, 2, 3, 4].map(() => allowance.take('a'))
  assert.deepEqual(taken(), [true, true, true, false])
  now = 499
  assert.equal(allowance.take('a'), false)
  now = 1000
  assert.equal(allowance.take('a'), true)
  assert.equal(allowance.take('b'), true)
  // What was not used is not saved up.
  now = 1_000_000
  assert.deepEqual(taken(), [true, true, true, false])
})
