/** Whom a leg believes about where its party is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Latch } from '../../../src/media/latch.ts'

function latch(follows = true): Latch {
  const result = new Latch()
  result.expect('10.0.0.1', 4000, follows)
  return result
}

test('ten packets from elsewhere move the leg there', () => {
  const subject = latch()
  for (let i = 0; i < 9; i++) assert.equal(subject.stranger('192.0.2.9', 5555), false)
  assert.equal(subject.port, 4000)
  assert.equal(subject.stranger('192.0.2.9', 5555), true)
  assert.deepEqual([subject.address, subject.port, subject.isLearned], ['192.0.2.9', 5555, true])
})

test('once settled nobody else takes the stream over', () => {
  const subject = latch()
  subject.confirm()
  assert.equal(subject.isOpen, false)
})

test('packets of several strangers do not add up', () => {
  const subject = latch()
  for (let i = 0; i < 20; i++) assert.equal(subject.stranger('192.0.2.9', 5000 + (i % 2)), false)
  assert.equal(subject.isOpen, false)
  assert.equal(subject.isLearned, false)
})

test('without rtp_auto_adjust only the address of the SDP counts', () => {
  assert.equal(latch(false).isOpen, false)
})

test('a new offer opens the question again', () => {
  const subject = latch()
  subject.confirm()
  subject.expect('10.0.0.2', 4002, true)
  assert.equal(subject.isOpen, true)
})
