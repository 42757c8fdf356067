import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amr } from '../../../src/codecs/amr.ts'
import { amrWb } from '../../../src/codecs/amr-wb.ts'
import { g729 } from '../../../src/codecs/g729.ts'
import { ilbc } from '../../../src/codecs/ilbc.ts'
import { areAlike } from '../../../src/codecs/index.ts'

test('G729: annexb=no of either side is no of both', () => {
  assert.equal(g729.answer?.('annexb=no', ''), 'annexb=no')
  assert.equal(g729.answer?.('', 'annexb=no'), 'annexb=no')
  assert.equal(g729.answer?.('annexb=yes', ''), '')
})

test('iLBC: the mode follows the packet time, and 30 wins (RFC 3952 section 5)', () => {
  assert.deepEqual(
    [ilbc.offer?.(30), ilbc.offer?.(20), ilbc.offer?.(60)],
    ['mode=30', 'mode=20', 'mode=30'],
  )
  assert.equal(ilbc.answer?.('mode=20', 'mode=20'), 'mode=20')
  assert.equal(ilbc.answer?.('mode=20', 'mode=30'), 'mode=30')
  assert.equal(ilbc.answer?.('', 'mode=20'), 'mode=30')
})

test('AMR: their parameters come back, unless ours say otherwise (RFC 4867 section 8.3.1)', () => {
  for (const codec of [amr, amrWb]) {
    assert.equal(codec.answer?.('mode-set=0,2; octet-align=1', ''), 'mode-set=0,2; octet-align=1')
    assert.equal(codec.answer?.('octet-align=1', 'octet-align=0'), undefined)
    assert.equal(codec.answer?.('', 'octet-align=0'), '')
    assert.equal(codec.answer?.('mode-set=7', 'mode-set=0,2'), undefined)
    assert.equal(codec.answer?.('', 'mode-set=7'), 'mode-set=7')
    assert.equal(codec.answer?.('crc=1;octet-align=1', 'octet-align=1'), undefined)
  }
})

test('packets pass on only where their parameters shape them alike', () => {
  const use = (name: string, fmtp = '', clockRate = 8000, channels = 1) => ({
    name,
    fmtp,
    clockRate,
    channels,
  })
  assert.ok(areAlike(use('AMR', 'octet-align=1;mode-set=7'), use('amr', 'octet-align=1')))
  assert.ok(!areAlike(use('AMR', 'octet-align=1'), use('AMR')))
  assert.ok(!areAlike(use('iLBC', 'mode=20'), use('iLBC')))
  assert.ok(areAlike(use('iLBC', 'mode=30'), use('iLBC')))
  assert.ok(areAlike(use('G729', 'annexb=no'), use('G729')))
  assert.ok(areAlike(use('opus', 'stereo=1', 48000, 2), use('opus', '', 48000, 1)))
  assert.ok(!areAlike(use('L16', '', 8000, 2), use('L16')))
  assert.ok(!areAlike(use('PCMU'), use('PCMA')))
  assert.ok(areAlike(use('unheard-of'), use('Unheard-Of')))
})
