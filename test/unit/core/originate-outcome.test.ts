import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  dialStatus,
  groupCause,
  isFatalReject,
  loserCause,
} from '../../../src/core/originate/originate-outcome.ts'

describe('what an attempt comes to', () => {
  it('takes the first cause among legs that had a channel', () => {
    assert.equal(groupCause('all gone', ['CALL_REJECTED', 'USER_BUSY'], [], false), 'CALL_REJECTED')
    assert.equal(groupCause('all gone', ['USER_BUSY'], ['NO_ANSWER'], false), 'USER_BUSY')
  })

  it('takes the last cause among legs that never came to be', () => {
    assert.equal(groupCause('all gone', [], ['USER_BUSY', 'NO_ANSWER'], false), 'NO_ANSWER')
  })

  it('says DESTINATION_OUT_OF_ORDER for nothing at all, and to an A-leg ORIGINATOR_CANCEL', () => {
    assert.equal(groupCause('all gone', [], [], false), 'DESTINATION_OUT_OF_ORDER')
    assert.equal(groupCause('all gone', [], [], true), 'ORIGINATOR_CANCEL')
  })

  it('says NO_ANSWER when time is up and ORIGINATOR_CANCEL when it was given up', () => {
    assert.equal(groupCause('timeout', ['USER_BUSY'], [], false), 'NO_ANSWER')
    assert.equal(groupCause('cancelled', ['USER_BUSY'], [], true), 'ORIGINATOR_CANCEL')
  })

  it('hangs losers up with the reason of their loss', () => {
    assert.equal(loserCause('won', false, 2), 'LOSE_RACE')
    assert.equal(loserCause('timeout', true, 2), 'NO_ANSWER')
    assert.equal(loserCause('cancelled', false, 2), 'ORIGINATOR_CANCEL')
    assert.equal(loserCause('cancelled by key', false, 1), 'NO_ANSWER')
  })

  it('reads fail_on_single_reject as a list, or with ! as its opposite', () => {
    assert.equal(isFatalReject('any', 'USER_BUSY'), true)
    assert.equal(isFatalReject('USER_BUSY,CALL_REJECTED', 'CALL_REJECTED'), true)
    assert.equal(isFatalReject('USER_BUSY', 'CALL_REJECTED'), false)
    assert.equal(isFatalReject('!USER_BUSY', 'USER_BUSY'), false)
    assert.equal(isFatalReject('!USER_BUSY', 'CALL_REJECTED'), true)
  })

  it('spells DIALSTATUS its own way for some causes', () => {
    assert.deepEqual(
      (['USER_BUSY', 'NO_ANSWER', 'CALL_REJECTED', 'INVALID_PROFILE', 'SUCCESS'] as const).map(
        dialStatus,
      ),
      ['BUSY', 'NOANSWER', 'DONTCALL', 'INVALIDARGS', 'SUCCESS'],
    )
  })
})
