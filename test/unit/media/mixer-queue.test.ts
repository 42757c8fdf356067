import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MixQueue } from '../../../src/media/mixer-queue.ts'

const frame = 160

/** A piece of a ramp that goes on: gaps and repeats show as steps. */
function piece(from: number, length = frame): Int16Array {
  return Int16Array.from({ length }, (_, i) => (from + i) % 20_000)
}

/** The largest step between neighbours, over the borders of the frames too. */
function largestStep(frames: readonly Int16Array[]): number {
  const all = frames.flatMap((one) => [...one])
  return all.reduce((most, sample, i) => Math.max(most, Math.abs(sample - (all[i - 1] ?? 0))), 0)
}

test('two frames are gathered before the first is given', () => {
  const queue = new MixQueue(frame)
  const into = new Int16Array(frame)
  queue.push(piece(0))
  assert.equal(queue.take(into, false, false), false)
  queue.push(piece(frame))
  assert.equal(queue.take(into, false, false), true)
  assert.equal(into[100], 100)
  assert.equal(queue.take(into, false, false), true)
  assert.equal(into[100], 260)
})

test('what waits at the end of a word is given though it is less', () => {
  const queue = new MixQueue(frame)
  const into = new Int16Array(frame)
  queue.push(piece(1000, 80))
  assert.equal(queue.take(into, true, true), true)
  assert.deepEqual([into[79], into[80]], [0, 0])
})

test('sound that breaks off fades instead of clicking', () => {
  const queue = new MixQueue(frame)
  const loud = new Int16Array(frame).fill(10_000)
  queue.push(loud)
  queue.push(loud)
  const frames: Int16Array[] = []
  for (let i = 0; i < 4; i++) {
    const into = new Int16Array(frame)
    if (!queue.take(into, false, false)) into.fill(0)
    frames.push(into)
  }
  assert.ok(largestStep(frames) <= 10_000 / 40 + 1, `a step of ${largestStep(frames)}`)
})

test('when packets come too late once, more is gathered from then on; a pause is no lateness', () => {
  const queue = new MixQueue(frame)
  const into = new Int16Array(frame)
  const run = (ticks: number) => {
    for (let i = 0; i < ticks; i++) queue.take(into, false, false)
  }
  queue.push(piece(0, 2 * frame))
  run(4)
  queue.push(piece(0, 2 * frame))
  assert.equal(queue.dry, 1)
  assert.equal(queue.take(into, false, false), false)
  queue.push(piece(0))
  assert.equal(queue.take(into, false, false), true)
  run(30)
  queue.push(piece(0))
  assert.equal(queue.dry, 1)
})

test('a sender whose clock runs fast costs a frame now and then, in a quiet moment and without a step', () => {
  const queue = new MixQueue(frame)
  const into = new Int16Array(frame)
  let longest = 0
  for (let tick = 0; tick < 4000; tick++) {
    queue.push(new Int16Array(frame).fill(500))
    // One frame more in two seconds: far more than any clock is off.
    if (tick % 100 === 99) queue.push(new Int16Array(frame).fill(500))
    queue.take(into, tick % 20 === 0, false)
    if (tick > 10) assert.ok(Math.abs(into[80]! - 500) < 2)
    longest = Math.max(longest, queue.length)
  }
  assert.ok(queue.dropped >= 30, `${queue.dropped} of 40 left out`)
  assert.ok(longest <= 6 * frame, `${longest / frame} frames waited`)
})

test('a burst is cut to what must wait, newest last', () => {
  const queue = new MixQueue(frame)
  for (let i = 0; i < 40; i++) queue.push(piece(i * frame))
  assert.ok(queue.length <= 16 * frame)
  const into = new Int16Array(frame)
  while (queue.length > frame) queue.take(into, false, false)
  queue.take(into, false, false)
  assert.equal(into[100], 39 * frame + 100)
})

test('time that was skipped takes the surplus along', () => {
  const queue = new MixQueue(frame)
  queue.push(piece(0, 6 * frame))
  queue.skip(3)
  assert.equal(queue.length, 3 * frame)
  queue.skip(3)
  assert.equal(queue.length, 2 * frame)
})
