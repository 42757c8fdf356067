/** bridge_generate_comfort_noise: what its value stands for. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noiseLevel } from '../../../src/core/bridge/bridge-noise.ts'

test('true is 1400, a number itself, all else nothing', () => {
  const values = ['true', '800', '-1', 'false', '99999', 'loud', undefined]
  assert.deepEqual(values.map(noiseLevel), [1400, 800, -1, 0, 0, 0, 0])
})
