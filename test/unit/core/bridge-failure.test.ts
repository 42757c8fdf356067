import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failureStep } from '../../../src/core/bridge/bridge-failure.ts'
import type { HangupCause } from '../../../src/core/hangup-cause.ts'

const step = (cause: HangupCause, variables: Record<string, string> = {}) =>
  failureStep(cause, (name) => variables[name])

describe('what follows a failed bridge', () => {
  it('goes on after mild causes and hangs up after others when nothing is said', () => {
    for (const cause of ['NO_ANSWER', 'NO_USER_RESPONSE', 'ORIGINATOR_CANCEL'] as const) {
      assert.equal(step(cause), 'continue')
    }
    assert.equal(step('USER_BUSY'), 'hangup')
  })

  it('forgets about mild causes when continue_on_fail is set, even to false', () => {
    assert.equal(step('NO_ANSWER', { continue_on_fail: 'false' }), 'hangup')
    assert.equal(step('NO_ANSWER', { continue_on_fail: 'USER_BUSY' }), 'hangup')
  })

  it('reads continue_on_fail as a list of names in any case or numbers', () => {
    assert.equal(step('USER_BUSY', { continue_on_fail: 'NO_ANSWER, user_busy' }), 'continue')
    assert.equal(step('USER_BUSY', { continue_on_fail: 'x,17' }), 'continue')
    assert.equal(step('USER_BUSY', { continue_on_fail: 'BUSY' }), 'hangup')
  })

  it('takes a lone number in continue_on_fail as true', () => {
    assert.equal(step('NO_ANSWER', { continue_on_fail: '17' }), 'continue')
  })

  it('goes on for causes that failure_causes does not list', () => {
    assert.equal(step('CALL_REJECTED', { failure_causes: 'USER_BUSY' }), 'continue')
    assert.equal(step('USER_BUSY', { failure_causes: 'USER_BUSY' }), 'hangup')
    assert.equal(step('USER_BUSY', { failure_causes: '17', continue_on_fail: 'true' }), 'continue')
  })

  it('never goes on after an attended transfer', () => {
    assert.equal(step('ATTENDED_TRANSFER', { continue_on_fail: 'true' }), 'hangup')
  })

  it('transfers for the causes that transfer_on_fail lists', () => {
    assert.deepEqual(step('USER_BUSY', { transfer_on_fail: 'USER_BUSY tgt XML br2' }), {
      extension: 'tgt',
      dialplan: 'XML',
      context: 'br2',
    })
    assert.equal(step('USER_BUSY', { transfer_on_fail: 'NO_ANSWER tgt XML br2' }), 'hangup')
  })

  it('takes the cause as the extension for auto_cause or none', () => {
    for (const text of ['USER_BUSY', 'USER_BUSY auto_cause XML br2']) {
      const found = step('USER_BUSY', { transfer_on_fail: text })
      assert.ok(typeof found === 'object' && found.extension === 'USER_BUSY')
    }
  })

  it('lets transfer_on_fail=true go on and continue_on_fail win over it', () => {
    assert.equal(step('USER_BUSY', { transfer_on_fail: 'true tgt XML br2' }), 'continue')
    assert.equal(
      step('USER_BUSY', { transfer_on_fail: 'USER_BUSY tgt', continue_on_fail: 'true' }),
      'continue',
    )
  })
})
