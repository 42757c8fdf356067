import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type GatewayEvent,
  type GatewayState,
  gatewayPath,
  gatewayStates,
  refreshDelay,
  retryDelay,
} from '../../../../src/endpoints/sofia/gateway-states.ts'

const states = (state: GatewayState, event: GatewayEvent) =>
  gatewayPath(state, event).map((place) => place.state)

test('asking for a registration leads through UNREGED to TRYING', () => {
  for (const state of ['FAIL_WAIT', 'REGED', 'DOWN', 'TRYING'] as const)
    assert.deepEqual(states(state, 'register'), ['UNREGED', 'TRYING'])
})

test('a 200 leads through REGISTER to REGED, which is up and refreshes', () => {
  const path = gatewayPath('TRYING', 'accepted')
  assert.deepEqual(
    path.map((place) => place.state),
    ['REGISTER', 'REGED'],
  )
  assert.deepEqual(path[1]?.effects, ['mark up', 'start refresh'])
})

test('a refusal leads through FAILED to FAIL_WAIT, which is down and tries again', () => {
  assert.deepEqual(states('TRYING', 'refused'), ['FAILED', 'FAIL_WAIT'])
  assert.deepEqual(states('FAIL_WAIT', 'timer'), ['UNREGED', 'TRYING'])
})

test('silence leads through TIMEOUT and FAILED to FAIL_WAIT', () => {
  assert.deepEqual(states('TRYING', 'timer'), ['TIMEOUT', 'FAILED', 'FAIL_WAIT'])
})

test('a registration is refreshed by its timer and given up by a failed ping', () => {
  assert.deepEqual(states('REGED', 'timer'), ['UNREGED', 'TRYING'])
  assert.deepEqual(states('REGED', 'ping failed'), ['FAILED', 'FAIL_WAIT'])
})

test('unregistering leads to DOWN, from where only register leads away', () => {
  assert.deepEqual(states('REGED', 'unregister'), ['UNREGISTER', 'DOWN'])
  assert.deepEqual(states('DOWN', 'timer'), [])
  assert.deepEqual(states('DOWN', 'accepted'), [])
})

test('a gateway without registration knows no events', () => {
  for (const event of ['register', 'unregister', 'accepted', 'refused', 'timer'] as const)
    assert.deepEqual(states('NOREG', event), [])
})

test('no state that only marks a moment is one where a gateway stays', () => {
  for (const state of gatewayStates) {
    for (const event of ['register', 'unregister', 'accepted', 'refused', 'timer'] as const) {
      const last = states(state, event).at(-1)
      if (last)
        assert.ok(['TRYING', 'REGED', 'FAIL_WAIT', 'DOWN'].includes(last), `${state} ${event}`)
    }
  }
})

const facts = { retrySeconds: 30, noAnswerSeconds: 0, failures: 3, retryAfter: 0 }

test('waits retry-seconds times the failures, but only once after 503 and after silence', () => {
  assert.equal(retryDelay({ ...facts, status: 403 }), 90)
  assert.equal(retryDelay({ ...facts, status: 503 }), 30)
  assert.equal(retryDelay({ ...facts, status: 908 }), 30)
  assert.equal(retryDelay({ ...facts, status: 0, failures: 0 }), 30)
})

test('908-retry-seconds counts after silence, Retry-After when it is longer (RFC 3261 §20.33)', () => {
  assert.equal(retryDelay({ ...facts, status: 908, noAnswerSeconds: 7 }), 7)
  assert.equal(retryDelay({ ...facts, status: 503, retryAfter: 120 }), 120)
  assert.equal(retryDelay({ ...facts, status: 503, retryAfter: 5 }), 30)
})

test('refreshes 15 s before the end, short registrations at half time', () => {
  assert.equal(refreshDelay(3600), 3585)
  assert.equal(refreshDelay(60), 45)
  assert.equal(refreshDelay(20), 10)
  assert.equal(refreshDelay(1), 1)
})
