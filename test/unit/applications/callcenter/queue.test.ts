/** Waiting without an agent, and how long one may have to wait. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterFailure } from '../../../../src/applications/callcenter/offer.ts'
import { Queue } from '../../../../src/applications/callcenter/queue.ts'
import { readQueueSettings } from '../../../../src/applications/callcenter/settings.ts'
import type { HangupCause } from '../../../../src/core/hangup-cause.ts'

function queueWith(limit: number, grace: number): Queue {
  const settings = readQueueSettings('help', undefined)
  return new Queue('help', { ...settings, maxWaitWithoutAgent: limit, graceWithoutAgent: grace })
}

const deserted: readonly [string, number, number, number, number, number, boolean][] = [
  // limit, grace, agent last seen, last look, joined
  ['no limit', 0, 5, 0, 1000, 10, false],
  ['an agent is there', 10, 0, 1000, 1000, 10, false],
  ['nobody for as long as the limit', 10, 0, 990, 1000, 980, true],
  ['not quite as long', 10, 0, 991, 1000, 980, false],
  ['a new caller waits for the grace too', 10, 5, 0, 1000, 986, false],
  ['and not longer', 10, 5, 0, 1000, 985, true],
  ['whoever came after the last look', 10, 0, 0, 1000, 1001, false],
]
for (const [what, limit, grace, lastAgent, lastLook, joined, expected] of deserted)
  test(`max-wait-time-with-no-agent: ${what}`, () => {
    const queue = queueWith(limit, grace)
    Object.assign(queue, { lastAgent, lastLook })
    assert.equal(queue.isDeserted(joined), expected)
  })

test('the hold time is the mean of the last twenty waits in minutes, the last one begun', () => {
  const queue = queueWith(0, 0)
  assert.equal(queue.holdMinutes, 0)
  queue.noteWait(600)
  assert.equal(queue.holdMinutes, 10)
  for (let i = 0; i < 20; i++) queue.noteWait(61)
  assert.equal(queue.holdMinutes, 2)
})

const agent = { busyDelayTime: 20, rejectDelayTime: 30, noAnswerDelayTime: 40 }
const failures: readonly [HangupCause, number, boolean][] = [
  ['LOSE_RACE', 0, false],
  ['ORIGINATOR_CANCEL', 0, false],
  ['NONE', 0, false],
  ['SUBSCRIBER_ABSENT', 40, true],
  ['USER_BUSY', 20, false],
  ['NORMAL_CIRCUIT_CONGESTION', 20, false],
  ['CALL_REJECTED', 30, false],
  ['USER_NOT_REGISTERED', 5, false],
  ['NO_ANSWER', 40, true],
  ['NO_USER_RESPONSE', 40, true],
  ['ALLOTTED_TIMEOUT', 40, true],
]
for (const [cause, seconds, isNoAnswer] of failures)
  test(`${cause}: ${seconds} s of rest, ${isNoAnswer ? 'counted' : 'not counted'} as no answer`, () => {
    assert.deepEqual(afterFailure(agent, cause), { seconds, isNoAnswer })
  })
