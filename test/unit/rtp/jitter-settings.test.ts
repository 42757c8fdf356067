/** What the jitter buffer is told, in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJitter } from '../../../src/rtp/jitter-settings.ts'

const set = (length: number, max: number, drift: number) => ({
  action: 'set',
  settings: { length, max, drift },
})

test('lengths are milliseconds, or packets with a p or a minus', () => {
  assert.deepEqual(parseJitter('60', 20), set(60, 3000, 20))
  assert.deepEqual(parseJitter('3p', 20), set(60, 3000, 20))
  assert.deepEqual(parseJitter('-3', 30), set(90, 4500, 30))
  assert.deepEqual(parseJitter('60:200', 20), set(60, 200, 20))
  assert.deepEqual(parseJitter('3p:10p', 20), set(60, 200, 20))
  assert.deepEqual(parseJitter('60:200:40', 20), set(60, 200, 40))
})

test('a length out of bounds is one packet, a most below the length a guess', () => {
  assert.deepEqual(parseJitter('5', 20), set(20, 2000, 20))
  assert.deepEqual(parseJitter('20000', 20), set(20, 2000, 20))
  assert.deepEqual(parseJitter('100:50', 20), set(100, 500, 20))
})

test('the other orders', () => {
  assert.deepEqual(parseJitter('pause', 20), { action: 'pause' })
  assert.deepEqual(parseJitter(' Resume ', 20), { action: 'resume' })
  assert.deepEqual(parseJitter('stop', 20), { action: 'stop' })
  assert.deepEqual(parseJitter('debug:/tmp/a:b', 20), { action: 'debug', path: '/tmp/a:b' })
  assert.deepEqual(parseJitter('debug:off', 20), { action: 'debug', path: undefined })
  assert.deepEqual(parseJitter('vbsize:10:20', 20), {
    action: 'size',
    stream: 'video',
    frames: 10,
    max: 20,
  })
  assert.deepEqual(parseJitter('tbsize:10', 20), {
    action: 'size',
    stream: 'text',
    frames: 10,
    max: 0,
  })
})

test('what is none of it is refused', () => {
  for (const text of ['', 'x', '60ms', '60:x', '1:2:3:4', 'debug', 'vbsize:x'])
    assert.throws(() => parseJitter(text, 20), { code: 'JITTER_BAD_ORDER' }, text)
})
