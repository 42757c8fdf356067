/** A party whose packets are longer or shorter than it said. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketTime } from '../../../src/media/packet-time.ts'

/** Packets of so many ms each; what was found. */
function watch(lengths: readonly number[], ptime = 20): number[] {
  const time = new PacketTime()
  const found: number[] = []
  let timestamp = 4_294_967_000
  lengths.forEach((length, sequence) => {
    const ms = time.packet((65_530 + sequence) & 0xffff, timestamp >>> 0, 8000, ptime)
    if (ms > 0) found.push(ms)
    timestamp += length * 8
  })
  return found
}

test('packets as agreed are no finding', () => {
  assert.deepEqual(watch(Array(50).fill(20)), [])
})

test('30 ms instead of 20 is found after six that agree', () => {
  assert.deepEqual(watch(Array(7).fill(30)), [30])
  assert.deepEqual(watch(Array(6).fill(30)), [])
})

test('a pause, or steps that differ, tell nothing', () => {
  assert.deepEqual(watch([20, 20, 500, 20, 20, 500, 20]), [])
  assert.deepEqual(watch([30, 30, 40, 30, 30, 40, 30, 30, 40]), [])
  assert.deepEqual(watch(Array(20).fill(25)), [])
})
