import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sortFlags } from '../../../../src/applications/conference/flags.ts'

test('flags of members and of the conference may stand in one list, in any case', () => {
  const { member, conference } = sortFlags(['Moderator', 'wait-mod', 'endconf', 'rfc-4579'])
  assert.deepEqual([...member], ['moderator', 'endconf'])
  assert.deepEqual([...conference], ['wait-mod', 'rfc-4579'])
})

test('flags about pictures, and such as nobody knows, are left out', () => {
  const { member, conference } = sortFlags(['vmute', 'video-floor-only', 'nosuch', 'ghost'])
  assert.deepEqual([[...member], [...conference]], [['ghost'], []])
})
