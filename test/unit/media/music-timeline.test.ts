import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MusicTimeline } from '../../../src/media/music-timeline.ts'

function timeline(files: readonly string[], seconds = 10, isShuffled = false, random = () => 0) {
  const folder = [...files]
  const made = new MusicTimeline(
    {
      files: () => Promise.resolve(folder),
      seconds: () => Promise.resolve(seconds),
      random,
    },
    1000,
    isShuffled,
  )
  return { folder, made }
}

test('the clock alone moves a stream that nobody hears', async () => {
  const { made } = timeline(['a', 'b', 'c'])
  assert.deepEqual(await made.at(1000, false), {
    piece: { number: 1, path: 'a', startedAt: 1000 },
    next: 'b',
  })
  assert.deepEqual(await made.at(25_000, false), {
    piece: { number: 3, path: 'c', startedAt: 21_000 },
    next: 'a',
  })
  const place = await made.at(1000 + 3600 * 24 * 1000 + 12_000, false)
  assert.equal(place?.piece.path, 'b')
  assert.equal(place.piece.startedAt, 1000 + 3600 * 24 * 1000 + 10_000)
})

test('while somebody plays it, the player says when a file is over', async () => {
  const { made } = timeline(['a', 'b'])
  await made.at(1000, false)
  assert.equal((await made.at(60_000, true))?.piece.path, 'a')
  assert.deepEqual(await made.turned(2, 11_040), {
    piece: { number: 2, path: 'b', startedAt: 11_040 },
    next: 'a',
  })
})

test('a second player that goes on to the same file changes nothing', async () => {
  const { made } = timeline(['a', 'b', 'c'])
  await made.at(1000, false)
  await made.turned(2, 11_000)
  const place = await made.turned(2, 11_020)
  assert.deepEqual(place?.piece, { number: 2, path: 'b', startedAt: 11_000 })
})

test('files put into the folder are heard from the next round on', async () => {
  const { folder, made } = timeline(['a', 'b'])
  await made.at(1000, false)
  folder.push('c')
  await made.turned(2, 11_000)
  await made.turned(3, 21_000)
  await made.turned(4, 31_000)
  assert.equal((await made.turned(5, 41_000))?.piece.path, 'c')
})

test('a shuffled round has every file once, and never the last one again at once', async () => {
  let seed = 7
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647
  }
  const { made } = timeline(['a', 'b', 'c', 'd'], 10, true, random)
  const heard = [(await made.at(1000, false))?.piece.path]
  for (let number = 2; number <= 40; number++)
    heard.push((await made.turned(number, 1000 + number))?.piece.path)
  for (let round = 0; round < 10; round++)
    assert.deepEqual(new Set(heard.slice(round * 4, round * 4 + 4)).size, 4)
  for (let i = 1; i < heard.length; i++) assert.notEqual(heard[i], heard[i - 1])
})

test('a jump begins the next file now; an empty folder has no place', async () => {
  const { made } = timeline(['a', 'b'])
  await made.at(1000, false)
  assert.deepEqual((await made.jump(3000))?.piece, { number: 2, path: 'b', startedAt: 3000 })
  assert.equal(await timeline([]).made.at(5000, false), undefined)
})

test('files of no length cannot keep it busy', async () => {
  const { made } = timeline(['a', 'b'], 0)
  assert.ok(await made.at(1000 + 24 * 3600 * 1000, false))
})
