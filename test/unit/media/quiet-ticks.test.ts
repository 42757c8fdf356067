/** Silence is what lasts for some ticks, however long a thread stood still between two of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QuietTicks } from '../../../src/media/quiet-ticks.ts'

test('it is quiet after 100 ms of ticks, and not any more once something came', () => {
  const quiet = new QuietTicks(100)
  const ticks = (count: number) => Array.from({ length: count }, () => quiet.tick())
  assert.deepEqual(ticks(7), [false, false, false, false, false, true, true])
  quiet.heard()
  assert.deepEqual(ticks(6), [false, false, false, false, false, true])
})
