import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digitOfInfo } from '../../../../src/endpoints/sofia/info.ts'

test('dtmf-relay: the signal, and ms as samples at 8 kHz', () => {
  const relay = (body: string) => digitOfInfo('application/dtmf-relay', body, 2000)
  assert.deepEqual(relay('Signal=5\r\nDuration=160\r\n'), { digit: '5', duration: 1280 })
  assert.deepEqual(relay('Signal= *\r\n'), { digit: '*', duration: 2000 })
  assert.deepEqual(relay('Signal=11\r\nDuration=0\r\n'), { digit: '#', duration: 2000 })
  assert.equal(relay('nonsense'), undefined)
})

test('dtmf: the number of the telephone-event', () => {
  const plain = (body: string) => digitOfInfo('application/dtmf', body, 2000)?.digit
  assert.equal(plain('5'), '5')
  assert.equal(plain('10'), '*')
  assert.equal(plain('99'), undefined)
  assert.equal(plain(''), undefined)
})

test('any other body brings no digit', () => {
  assert.equal(digitOfInfo('text/plain', '5', 2000), undefined)
})
