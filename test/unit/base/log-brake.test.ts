import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogBrake } from '../../../src/base/log-brake.ts'

test('a line of a kind passes now and then, and tells how many did not', () => {
  let now = 0
  const brake = new LogBrake(1000, () => now)
  assert.equal(brake.pass('a'), '')
  for (let i = 0; i < 12; i++) assert.equal(brake.pass('a'), undefined)
  assert.equal(brake.pass('b'), '')
  now = 1000
  assert.equal(brake.pass('a'), ' (12 more since the last)')
  now = 2000
  assert.equal(brake.pass('a'), '')
})
