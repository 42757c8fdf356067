/** What German says, sound by sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SayGender, SayMethod, SayRequest, SayType } from '../../../src/core/interfaces.ts'
import { fixedZone } from '../../../src/core/time/timezone.ts'
import { german } from '../../../src/say/de.ts'

/** 2024-02-29 12:30:05 UTC, a Thursday. */
const now = 1_709_209_805_000

function said(type: SayType, method: SayMethod, text: string, gender: SayGender = 'N/A'): string {
  const request: SayRequest = { type, method, text, gender, now, zone: fixedZone(0) }
  const sounds = german.say(request)
  return sounds ? sounds.map(short).join(' ') : 'unknown'
}

/** `digits/20` as `20`, `currency/and` as `und`. */
function short(sound: string): string {
  return sound.replace('currency/and', 'und').replace(/^(digits|time|currency)\//, '')
}

const numbers: readonly [SayMethod, SayGender, string, string][] = [
  ['PRONOUNCED', 'N/A', '0', '0'],
  ['PRONOUNCED', 'N/A', '', '0'],
  ['PRONOUNCED', 'N/A', '1', '1'],
  ['PRONOUNCED', 'MASCULINE', '1', '1_m'],
  ['PRONOUNCED', 'FEMININE', '1', '1_f'],
  ['PRONOUNCED', 'NEUTER', '1', '1_n'],
  ['PRONOUNCED', 'FEMININE', '2', '2'],
  ['PRONOUNCED', 'N/A', '11', '11'],
  ['PRONOUNCED', 'N/A', '17', '17'],
  ['PRONOUNCED', 'N/A', '20', '20'],
  ['PRONOUNCED', 'N/A', '21', '1_n und 20'],
  ['PRONOUNCED', 'FEMININE', '21', '1_n und 20'],
  ['PRONOUNCED', 'N/A', '42', '2 und 40'],
  ['PRONOUNCED', 'N/A', '99', '9 und 90'],
  ['PRONOUNCED', 'N/A', '100', '1_n hundred'],
  ['PRONOUNCED', 'N/A', '101', '1_n hundred 1'],
  ['PRONOUNCED', 'FEMININE', '101', '1_n hundred 1_f'],
  ['PRONOUNCED', 'N/A', '121', '1_n hundred 1_n und 20'],
  ['PRONOUNCED', 'N/A', '519', '5 hundred 19'],
  ['PRONOUNCED', 'N/A', '1000', '1_n thousand'],
  ['PRONOUNCED', 'FEMININE', '1000', '1_n thousand'],
  ['PRONOUNCED', 'N/A', '1001', '1_n thousand 1'],
  ['PRONOUNCED', 'N/A', '21,000', '1_n und 20 thousand'],
  ['PRONOUNCED', 'N/A', '101000', '1_n hundred 1_n thousand'],
  ['PRONOUNCED', 'N/A', '345678', '3 hundred 5 und 40 thousand 6 hundred 8 und 70'],
  ['PRONOUNCED', 'N/A', '1000000', '1_f million'],
  ['PRONOUNCED', 'N/A', '2000001', '2 millionen 1'],
  ['PRONOUNCED', 'MASCULINE', '21000001', '1_n und 20 millionen 1_m'],
  ['PRONOUNCED', 'N/A', '101000000', '1_n hundred 1_f millionen'],
  ['PRONOUNCED', 'N/A', '1000000000', ''],
  ['PRONOUNCED', 'N/A', '-7', 'minus 7'],
  ['PRONOUNCED', 'FEMININE', '-1', 'minus 1_f'],
  ['PRONOUNCED', 'N/A', '1.5', ''],
  ['PRONOUNCED', 'N/A', 'fünf', ''],
  ['COUNTED', 'N/A', '1', 'h-1'],
  ['COUNTED', 'MASCULINE', '1', 'h-1_m'],
  ['COUNTED', 'FEMININE', '3', 'h-3'],
  ['COUNTED', 'NEUTER', '9', 'h-9_n'],
  ['COUNTED', 'MASCULINE', '12', 'h-12_m'],
  ['COUNTED', 'MASCULINE', '20', 'h-20_m'],
  ['COUNTED', 'N/A', '21', '1_n und h-20'],
  ['COUNTED', 'MASCULINE', '31', '1_n und h-30_m'],
  ['COUNTED', 'N/A', '100', '1_n hundred'],
  ['COUNTED', 'NEUTER', '102', '1_n hundred h-2_n'],
  ['COUNTED', 'N/A', '0', '0'],
  ['ITERATED', 'FEMININE', '1,205', '1 2 0 5'],
  ['ITERATED', 'N/A', '00', '0 0'],
  ['PRONOUNCED_YEAR', 'N/A', '1999', '19 hundred 9 und 90'],
  ['PRONOUNCED_YEAR', 'N/A', '1900', '19 hundred'],
  ['PRONOUNCED_YEAR', 'N/A', '1101', '11 hundred 1'],
  ['PRONOUNCED_YEAR', 'N/A', '1066', '1_n thousand 6 und 60'],
  ['PRONOUNCED_YEAR', 'N/A', '2000', '2 thousand'],
  ['PRONOUNCED_YEAR', 'N/A', '2024', '2 thousand 4 und 20'],
  ['PRONOUNCED_YEAR', 'N/A', '2101', '2 thousand 1_n hundred 1'],
  ['PRONOUNCED_YEAR', 'N/A', '814', '8 hundred 14'],
  ['N/A', 'N/A', '5', ''],
]

test('ones stand before tens, and one bends to what it counts', () => {
  for (const [method, gender, text, sounds] of numbers)
    for (const type of ['NUMBER', 'ITEMS', 'PERSONS'] as const)
      assert.equal(said(type, method, text, gender), sounds, `${type} ${method} ${gender} ${text}`)
})

test('a message is feminine', () => {
  assert.equal(said('MESSAGES', 'PRONOUNCED', '1'), '1_f')
  assert.equal(said('MESSAGES', 'PRONOUNCED', '1', 'MASCULINE'), '1_f')
  assert.equal(said('MESSAGES', 'PRONOUNCED', '21'), '1_n und 20')
})

const others: readonly [SayType, SayMethod, string, string][] = [
  ['CURRENCY', 'PRONOUNCED', '1', '1_m dollar'],
  ['CURRENCY', 'PRONOUNCED', '1.01', '1_m dollar und 1_m cent'],
  ['CURRENCY', 'PRONOUNCED', '.50', '0 dollars und 50 cents'],
  ['CURRENCY', 'PRONOUNCED', '21.34', '1_n und 20 dollars und 4 und 30 cents'],
  ['CURRENCY', 'PRONOUNCED', '-3.2', 'negative 3 dollars und 2 cents'],
  ['CURRENCY', 'PRONOUNCED', '1234567890123456', ''],
  ['TIME_MEASUREMENT', 'PRONOUNCED', '0', '0 hours 0 minutes und 0 seconds'],
  ['TIME_MEASUREMENT', 'PRONOUNCED', '3661', '1_f hour 1_f minute und 1_f second'],
  [
    'TIME_MEASUREMENT',
    'PRONOUNCED',
    '21:02:31',
    '1_n und 20 hours 2 minutes und 1_n und 30 seconds',
  ],
  ['CURRENT_DATE', 'PRONOUNCED', '0', 'day-4 9 und h-20_m mon-1 2 thousand 4 und 20'],
  ['CURRENT_DATE', 'PRONOUNCED', '946684799', 'day-5 1_n und h-30_m mon-11 19 hundred 9 und 90'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700006400', '0 oclock'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700049600', '12 oclock'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700010060', '1_n oclock 1'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700092740', '3 und 20 oclock 9 und 50'],
  [
    'CURRENT_DATE_TIME',
    'PRONOUNCED',
    '1700000000',
    'day-2 h-14_m mon-10 2 thousand 3 und 20 at 2 und 20 oclock 13',
  ],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1709202605', 'today at 10 oclock 30'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1709123405', 'yesterday at 12 oclock 30'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1708777805', 'day-6 at 12 oclock 30'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1708691405', 'day-5 3 und h-20_m mon-1 at 12 oclock 30'],
  [
    'SHORT_DATE_TIME',
    'PRONOUNCED',
    '1703939405',
    'day-6 h-30_m mon-11 2 thousand 3 und 20 at 12 oclock 30',
  ],
  ['IP_ADDRESS', 'PRONOUNCED', '127.0.0.1', '1_n hundred 7 und 20 dot 0 dot 0 dot 1'],
  ['IP_ADDRESS', 'ITERATED', '10.21.0.1', '1 0 dot 2 1 dot 0 dot 1'],
  ['TELEPHONE_NUMBER', 'PRONOUNCED', '+49 30', 'ascii/43 4 9 silence_stream://100 3 0'],
  ['NAME_SPELLED', 'PRONOUNCED', 'Bär1', 'ascii/98 ascii/97 ascii/101 ascii/114 1'],
  [
    'NAME_SPELLED',
    'PRONOUNCED',
    'Größe',
    'ascii/103 ascii/114 ascii/111 ascii/101 ascii/115 ascii/115 ascii/101',
  ],
  ['NAME_SPELLED', 'PRONOUNCED', 'José#', 'ascii/106 ascii/111 ascii/115 ascii/101 ascii/35'],
  [
    'NAME_PHONETIC',
    'PRONOUNCED',
    'äÖüß',
    'phonetic-ascii/200 phonetic-ascii/201 phonetic-ascii/202 phonetic-ascii/203',
  ],
  ['NAME_PHONETIC', 'PRONOUNCED', 'u\u0308', 'phonetic-ascii/202'],
  ['ACCOUNT_NUMBER', 'ITERATED', '12', 'unknown'],
]

test('money, times, addresses and names', () => {
  for (const [type, method, text, sounds] of others)
    assert.equal(said(type, method, text), sounds, `${type} ${method} ${text}`)
})
