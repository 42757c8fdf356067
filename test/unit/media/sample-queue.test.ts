/** Uneven packets in, even frames out. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SampleQueue } from '../../../src/media/sample-queue.ts'

const packet = (value: number) => new Int16Array(160).fill(value)

test('nothing comes out before two frames are there, then all in order', () => {
  const queue = new SampleQueue(8000)
  const frame = new Int16Array(160)
  queue.push(packet(1))
  assert.equal(queue.take(frame), false)
  queue.push(packet(2))
  assert.equal(queue.take(frame), true)
  assert.equal(frame[159], 1)
  assert.equal(queue.take(frame), true)
  assert.equal(frame[0], 2)
})

test('run dry it gives silence and gathers anew', () => {
  const queue = new SampleQueue(8000)
  const frame = packet(9)
  assert.equal(queue.take(frame), false)
  assert.equal(frame[0], 0)
})

test('after a burst the oldest goes, so that sound never lags', () => {
  const queue = new SampleQueue(8000)
  for (let i = 0; i < 50; i++) queue.push(packet(i))
  const frame = new Int16Array(160)
  queue.take(frame)
  assert.equal(frame[0], 40)
})
