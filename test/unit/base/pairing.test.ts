/** A digit that comes as an event and as a tone is one digit; a digit pressed twice is two. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pairing } from '../../../src/base/pairing.ts'

test('an event and the tone that comes with it are one digit', () => {
  const pairing = new Pairing()
  assert.equal(pairing.isSecond('5', 'RTP', 1000, true), false)
  pairing.ended('RTP', 1100)
  assert.equal(pairing.isSecond('5', 'INBAND_AUDIO', 1150), true)
})

test('a tone that is over before its event is, is the same digit', () => {
  const pairing = new Pairing()
  assert.equal(pairing.isSecond('5', 'RTP', 1000, true), false)
  assert.equal(pairing.isSecond('5', 'INBAND_AUDIO', 4000), true)
  pairing.ended('RTP', 4020)
  assert.equal(pairing.isSecond('5', 'INBAND_AUDIO', 4100), false, 'and what follows is another')
})

test('quick repeats that come both ways count once each, in whatever order they come', () => {
  const pairing = new Pairing()
  const accepted = (
    [
      ['RTP', 0],
      ['INBAND_AUDIO', 90],
      ['RTP', 120],
      ['RTP', 240],
      ['INBAND_AUDIO', 210],
      ['INBAND_AUDIO', 330],
    ] as const
  ).filter(([source, at]) => !pairing.isSecond('7', source, at))
  assert.equal(accepted.length, 3)
})

test('the same digit the same way is a repeat that was pressed', () => {
  const pairing = new Pairing()
  for (let i = 0; i < 40; i++) assert.equal(pairing.isSecond('1', 'RTP', i * 100), false)
})

test('another digit, or the same much later, is no repeat', () => {
  const pairing = new Pairing()
  assert.equal(pairing.isSecond('1', 'RTP', 0), false)
  assert.equal(pairing.isSecond('2', 'INBAND_AUDIO', 50), false)
  assert.equal(pairing.isSecond('1', 'INBAND_AUDIO', 600), false)
})
