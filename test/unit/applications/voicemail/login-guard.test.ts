/** Wrong PINs over all calls. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LoginGuard } from '../../../../src/applications/voicemail/login-guard.ts'

function guarded() {
  let now = 1_000_000
  const clock = { now: () => now, after: () => ({ cancel: () => undefined }) }
  return { guard: new LoginGuard(clock), pass: (seconds: number) => (now += seconds * 1000) }
}

test('a mailbox that was tried too often is locked until its time is over', () => {
  const { guard, pass } = guarded()
  for (let i = 0; i < 2; i++) guard.failed('1001', 3, 60)
  assert.equal(guard.isLocked('1001', 3, 60), false)
  guard.failed('1001', 3, 60)
  assert.equal(guard.isLocked('1001', 3, 60), true)
  assert.equal(guard.isLocked('1002', 3, 60), false)
  pass(61)
  assert.equal(guard.isLocked('1001', 3, 60), false)
})

test('attempts while it is locked keep it locked', () => {
  const { guard, pass } = guarded()
  for (let i = 0; i < 3; i++) guard.failed('1001', 3, 60)
  pass(50)
  for (let i = 0; i < 3; i++) guard.failed('1001', 3, 60)
  pass(50)
  assert.equal(guard.isLocked('1001', 3, 60), true)
})

test('the right PIN forgets the wrong ones', () => {
  const { guard } = guarded()
  for (let i = 0; i < 2; i++) guard.failed('1001', 3, 60)
  guard.succeeded('1001')
  guard.failed('1001', 3, 60)
  assert.equal(guard.isLocked('1001', 3, 60), false)
})

test('0 attempts never lock', () => {
  const { guard } = guarded()
  for (let i = 0; i < 100; i++) guard.failed('1001', 0, 60)
  assert.equal(guard.isLocked('1001', 0, 60), false)
})

test('names are forgotten when there are too many of them', () => {
  const { guard } = guarded()
  for (let i = 0; i < 10_500; i++) guard.failed(`box ${i}`, 1, 60)
  assert.equal(guard.isLocked('box 0', 1, 60), false)
  assert.equal(guard.isLocked('box 10499', 1, 60), true)
})
