/** Timers that stand in lines: order, calling off, and one alarm of the clock for each length. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TimerLines } from '../../../src/sip/timer-lines.ts'
import type { TimerName } from '../../../src/sip/timers.ts'
import { FakeClock } from '../../support/clock.ts'

function linesWithLog() {
  const clock = new FakeClock()
  const told: string[] = []
  const start = clock.now()
  const owner = { timedOut: (name: TimerName) => void told.push(`${name} ${clock.now() - start}`) }
  return { clock, told, owner, lines: new TimerLines(clock) }
}

test('timers of one length fire in order and on time, with one alarm of the clock', () => {
  const { clock, told, owner, lines } = linesWithLog()
  lines.after(1000, owner, 'H')
  clock.advance(300)
  lines.after(1000, owner, 'J')
  lines.after(500, owner, 'A')
  assert.equal(clock.running, 2)
  clock.advance(2000)
  assert.deepEqual(told, ['A 800', 'H 1000', 'J 1300'])
  assert.equal(clock.running, 0)
})

test('a timer that was called off is not told, wherever it stood, and the last one takes the alarm along', () => {
  const { clock, told, owner, lines } = linesWithLog()
  const timers = (['B', 'D', 'F', 'H'] as const).map((name) => lines.after(1000, owner, name))
  for (const at of [0, 2, 3]) timers[at]?.cancel()
  timers[0]?.cancel()
  clock.advance(1000)
  assert.deepEqual(told, ['D 1000'])
  const again = lines.after(1000, owner, 'J')
  again.cancel()
  assert.equal(clock.running, 0)
})

test('a timer may be started from within another of the same length', () => {
  const { clock, told, owner, lines } = linesWithLog()
  const first = {
    timedOut: () => void lines.after(1000, owner, 'K'),
  }
  lines.after(1000, first, 'I')
  clock.advance(2000)
  assert.deepEqual(told, ['K 2000'])
})
