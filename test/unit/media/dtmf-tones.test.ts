import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DtmfTones } from '../../../src/media/dtmf-tones.ts'
import { amplitudeAt, levelOf } from '../../support/levels.ts'

test('each digit is its two frequencies of Q.23, the high one 2 dB louder', () => {
  const low = [697, 770, 852, 941]
  const high = [1209, 1336, 1477, 1633]
  const rows = ['123A', '456B', '789C', '*0#D']
  for (const [row, digits] of rows.entries()) {
    for (const [column, digit] of [...digits].entries()) {
      const tones = new DtmfTones(8000)
      assert.ok(tones.start(digit, 100, 50))
      const made = new Int16Array(2000)
      assert.equal(tones.read(made), 1200)
      const lowLevel = amplitudeAt(made, low[row]!, 8000, 0, 800)
      const highLevel = amplitudeAt(made, high[column]!, 8000, 0, 800)
      assert.ok(Math.abs(20 * Math.log10(highLevel / lowLevel) - 2) < 0.4, digit)
      assert.equal(levelOf(made, 800, 1200), 0)
    }
  }
})

test('a digit comes out in frames, and then there is nothing more', () => {
  const tones = new DtmfTones(16000)
  tones.start('5', 40, 20)
  const frame = new Int16Array(320)
  const counts = [tones.read(frame), tones.read(frame), tones.read(frame), tones.read(frame)]
  assert.deepEqual(counts, [320, 320, 320, 0])
  assert.equal(tones.isActive, false)
})

test('what has no tones is refused', () => {
  assert.equal(new DtmfTones(8000).start('F', 100, 50), false)
  assert.equal(new DtmfTones(8000).start('d', 100, 50), true)
})
