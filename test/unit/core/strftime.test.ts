/** strftime: codes, flags, limits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCheckedPattern, strftime } from '../../../src/core/time/strftime.ts'
import { fixedZone, localTime } from '../../../src/core/time/timezone.ts'

/** Sunday. */
const time = localTime(Date.parse('2022-01-02T03:04:05Z'), fixedZone(-12_600))
const utc = localTime(Date.parse('2022-01-02T03:04:05Z'), fixedZone(0))

test('every code writes its part', () => {
  const expected: Record<string, string> = {
    '%a %A %b %B %h': 'Sun Sunday Jan January Jan',
    '%c': 'Sun Jan  2 03:04:05 2022',
    '%C %y %Y %G-%V %g': '20 22 2022 2021-52 21',
    '%d|%e|%j|%m': '02| 2|002|01',
    '%D %x %F': '01/02/22 01/02/22 2022-01-02',
    '%H %I %k %l %M %S': '03 03  3  3 04 05',
    '%p %P %r': 'AM am 03:04:05 AM',
    '%R %T %X': '03:04 03:04:05 03:04:05',
    '%u %w %U %W': '7 0 01 00',
    '%s': '1641092645',
    '%n%t%%': '\n\t%',
    '%z %Z': '+0000 UTC',
  }
  for (const [pattern, text] of Object.entries(expected))
    assert.equal(strftime(pattern, utc), text, pattern)
})

test('the offset and the name of the zone follow the time', () => {
  assert.equal(strftime('%F %T %z', time), '2022-01-01 23:34:05 -0330')
  assert.equal(strftime('%Z', { ...time, isDst: true }, ['NST', 'NDT']), 'NDT')
})

test('flags and widths work, an unknown code stays', () => {
  assert.equal(strftime('%-d %_H %05d %^a %#p %3M', utc), '2  3 00002 SUN am 004')
  assert.equal(strftime('%q %', utc), '%q %')
})

test('a result of 80 bytes or more is none', () => {
  assert.equal(strftime('x'.repeat(79), utc).length, 79)
  assert.equal(strftime('x'.repeat(80), utc), '')
})

test('the strftime command knows fewer codes', () => {
  assert.equal(isCheckedPattern('%Y-%m-%d %T'), true)
  assert.equal(isCheckedPattern('%F'), false)
  assert.equal(isCheckedPattern('%-d'), false)
  assert.equal(isCheckedPattern('100%%'), true)
  assert.equal(isCheckedPattern('50%'), false)
})
