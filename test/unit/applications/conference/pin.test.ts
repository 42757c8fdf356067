import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgePin, suppliedPin } from '../../../../src/applications/conference/pin.ts'

const both = { member: '1234', moderator: '99999' }

test('the one pin makes a member, the other a moderator, anything else nothing', () => {
  assert.equal(judgePin('1234', both), 'member')
  assert.equal(judgePin('99999', both), 'moderator')
  for (const digits of ['', '123', '12345', '9999']) assert.equal(judgePin(digits, both), undefined)
})

test('no pin is not an empty pin', () => {
  assert.equal(judgePin('', { member: '', moderator: '1' }), undefined)
  assert.equal(judgePin('', { member: '1', moderator: '' }), undefined)
})

test('a supplied pin is the parameter X-ConfPin or what stands before a semicolon', () => {
  assert.equal(suppliedPin('X-ConfPin=4321;transport=udp'), '4321')
  assert.equal(suppliedPin('x-confpin=4321'), '4321')
  assert.equal(suppliedPin('4321;x=y'), '4321')
  assert.equal(suppliedPin(''), '')
})
