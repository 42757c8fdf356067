/** Losses in bursts and in gaps (RFC 3611 section 4.7.2). */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BurstCount, burstRatio } from '../../../src/rtp/burst.ts'
import { Reception } from '../../../src/rtp/reception.ts'

/** `.` is a packet that came, `x` one that did not. */
function counted(line: string): BurstCount {
  const count = new BurstCount()
  for (const packet of line) {
    if (packet === 'x') count.lose()
    else count.run++
  }
  return count
}

const gap = '.'.repeat(20)

test('nothing lost is one gap', () => {
  assert.deepEqual(counted(gap).figures, {
    bursts: 0,
    burstLoss: 0,
    gapLoss: 0,
    burstPackets: 0,
    gapPackets: 20,
  })
})

test('a loss by itself belongs to the gap', () => {
  const { bursts, gapLoss, gapPackets } = counted(`${gap}x${gap}`).figures
  assert.deepEqual([bursts, gapLoss, gapPackets], [0, 1 / 41, 41])
})

test('losses with fewer than 16 packets between them are a burst', () => {
  const { bursts, burstLoss, burstPackets, gapLoss } = counted(`${gap}x..xx.x${gap}`).figures
  assert.deepEqual([bursts, burstLoss, burstPackets, gapLoss], [1, 4 / 7, 7, 0])
})

test('16 packets between them make two losses two', () => {
  assert.equal(counted(`${gap}x${'.'.repeat(15)}x${gap}`).figures.bursts, 1)
  assert.equal(counted(`${gap}x${'.'.repeat(16)}x${gap}`).figures.bursts, 0)
})

test('several bursts have a mean length', () => {
  const { bursts, burstPackets, gapPackets } = counted(`${gap}xx${gap}xxxx${gap}`).figures
  assert.deepEqual([bursts, burstPackets, gapPackets], [2, 3, 20])
})

test('a receiver counts what is certain, and what its window still holds when asked', () => {
  const reception = new Reception()
  const receive = (number: number) =>
    reception.packet(number & 0xffff, number * 160, 7, 8000, number * 20, true)
  // The third and fourth never come; the ninth comes late.
  for (let number = 65_500; number < 65_700; number++) {
    const index = number - 65_500
    if (index === 2 || index === 3 || index === 8) continue
    receive(number)
    if (index === 12) receive(65_508)
  }
  for (const { losses, figures } of [reception.burst]) {
    assert.equal(losses, 2)
    assert.deepEqual([figures.bursts, figures.burstPackets, figures.burstLoss], [1, 2, 1])
  }
  assert.equal(reception.lost, 2)
})

test('the burst ratio is the mean run of losses beside that of chance', () => {
  const alone = counted(`${gap}x${gap}x${gap}`)
  assert.equal(burstRatio(alone, 62), 1)
  const together = counted(`${gap}xxxx${gap}xx${gap}`)
  assert.equal(together.runs, 2)
  assert.equal(burstRatio(together, 66), 3 * (1 - 6 / 66))
  assert.equal(burstRatio(counted(gap), 20), 1)
})
