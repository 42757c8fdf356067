import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chimeAfter } from '../../../src/media/music-chime.ts'

const plan = {
  chimes: [
    { path: 'a', seconds: 2 },
    { path: 'b', seconds: 4 },
  ],
  everySeconds: 10,
  from: 1000,
}

test('chimes take turns, each so long after the end of the one before', () => {
  assert.deepEqual(chimeAfter(plan, 1000), { path: 'a', startsAt: 11_000, endsAt: 13_000 })
  assert.deepEqual(chimeAfter(plan, 12_999)?.path, 'a')
  assert.deepEqual(chimeAfter(plan, 13_000), { path: 'b', startsAt: 23_000, endsAt: 27_000 })
  assert.deepEqual(chimeAfter(plan, 27_000), { path: 'a', startsAt: 37_000, endsAt: 39_000 })
})

test('it does not matter how long nobody asked', () => {
  const late = chimeAfter(plan, 1000 + 26_000 * 1_000_000 + 500)
  assert.deepEqual(late, {
    path: 'a',
    startsAt: 11_000 + 26_000 * 1_000_000,
    endsAt: 13_000 + 26_000 * 1_000_000,
  })
})

test('without chimes there is none', () => {
  assert.equal(chimeAfter({ ...plan, chimes: [] }, 5000), undefined)
})
