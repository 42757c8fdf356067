/** Sequence, loss and jitter of a stream as RFC 3550 counts them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reception, verdict } from '../../../src/rtp/reception.ts'

function take(reception: Reception, sequence: number, arrival = sequence * 20, ssrc = 1) {
  return reception.packet(sequence & 0xffff, (sequence * 160) >>> 0, ssrc, 8000, arrival, true)
}

test('loss is what was expected less what came (RFC 3550 A.3)', () => {
  const reception = new Reception()
  for (let i = 0; i < 100; i++) if (i % 10 !== 5) take(reception, i)
  assert.equal(reception.lost, 10)
  assert.equal(reception.gaps, 10)
  assert.equal(reception.received, 90)
})

test('a late packet is no loss, a second copy is no packet', () => {
  const reception = new Reception()
  for (const sequence of [1, 2, 4, 3, 3, 5]) take(reception, sequence)
  assert.equal(reception.lost, 0)
  assert.equal(reception.reordered, 1)
  assert.equal(reception.duplicates, 1)
  assert.equal(reception.received, 5)
})

test('the sequence may wrap', () => {
  const reception = new Reception()
  for (let i = 65530; i < 65546; i++) take(reception, i)
  assert.equal(reception.lost, 0)
  assert.equal(reception.extendedHighest, 0x10000 + 9)
})

test('a wild jump counts once a second packet confirms it (RFC 3550 A.1)', () => {
  const reception = new Reception()
  for (let i = 0; i < 10; i++) take(reception, i)
  assert.equal(take(reception, 30000), verdict.stray)
  assert.equal(take(reception, 10), verdict.next)
  assert.equal(take(reception, 40000), verdict.stray)
  assert.equal(take(reception, 40001), verdict.restart)
  assert.equal(take(reception, 40002), verdict.next)
  assert.equal(reception.lost, 0)
})

test('another SSRC is a new run, and loss before it is not forgotten', () => {
  const reception = new Reception()
  take(reception, 1)
  take(reception, 3)
  assert.equal(take(reception, 5000, 100, 2), verdict.restart)
  assert.equal(take(reception, 5001, 120, 2), verdict.next)
  assert.equal(reception.lost, 1)
})

test('jitter of even arrival is zero, of uneven arrival what A.8 says', () => {
  const even = new Reception()
  for (let i = 0; i < 200; i++) take(even, i)
  assert.equal(even.jitter, 0)
  const uneven = new Reception()
  // Every second packet 10 ms late: each difference of transit is 10 ms, and so is the mean.
  for (let i = 0; i < 400; i++) take(uneven, i, i * 20 + (i % 2) * 10)
  assert.ok(Math.abs(uneven.jitter - 10) < 0.1, String(uneven.jitter))
  assert.ok(uneven.jitterMax <= 10)
})

test('a timestamp that jumps says nothing of jitter', () => {
  const reception = new Reception()
  for (let i = 0; i < 50; i++) take(reception, i)
  reception.packet(50, 900_000_000, 1, 8000, 1000, true)
  reception.packet(51, 900_000_160, 1, 8000, 1020, true)
  assert.equal(reception.jitter, 0)
})

test('the fraction is of the last interval only', () => {
  const reception = new Reception()
  for (let i = 0; i < 100; i++) if (i % 2 === 0) take(reception, i)
  assert.equal(reception.takeFraction(), Math.floor((49 * 256) / 99))
  for (let i = 99; i < 200; i++) take(reception, i)
  assert.ok(reception.takeFraction() <= 1)
})
