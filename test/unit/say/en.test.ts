/** What English says, sound by sound. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SayMethod, SayRequest, SayType } from '../../../src/core/interfaces.ts'
import { fixedZone, parsePosixZone } from '../../../src/core/time/timezone.ts'
import { english } from '../../../src/say/en.ts'

/** 2024-02-29 12:30:05 UTC, a Thursday. */
const now = 1_709_209_805_000

function said(
  type: SayType,
  method: SayMethod,
  text: string,
  more: Partial<SayRequest> = {},
): string {
  const request = { type, method, text, gender: 'N/A', now, zone: fixedZone(0), ...more } as const
  const sounds = english.say(request)
  return sounds ? sounds.map(short).join(' ') : 'unknown'
}

/** `digits/20` as `20`, `time/oclock` as `oclock`. */
function short(sound: string): string {
  return sound.replace(/^(digits|time|currency)\//, '')
}

const numbers: readonly [SayMethod, string, string][] = [
  ['PRONOUNCED', '0', '0'],
  ['PRONOUNCED', '', '0'],
  ['PRONOUNCED', '7', '7'],
  ['PRONOUNCED', '007', '7'],
  ['PRONOUNCED', '10', '10'],
  ['PRONOUNCED', '15', '15'],
  ['PRONOUNCED', '20', '20'],
  ['PRONOUNCED', '42', '40 2'],
  ['PRONOUNCED', '99', '90 9'],
  ['PRONOUNCED', '100', '1 hundred'],
  ['PRONOUNCED', '110', '1 hundred 10'],
  ['PRONOUNCED', '305', '3 hundred 5'],
  ['PRONOUNCED', '999', '9 hundred 90 9'],
  ['PRONOUNCED', '1000', '1 thousand'],
  ['PRONOUNCED', '1001', '1 thousand 1'],
  ['PRONOUNCED', '12,345', '12 thousand 3 hundred 40 5'],
  ['PRONOUNCED', '100000', '1 hundred thousand'],
  ['PRONOUNCED', '1000000', '1 million'],
  ['PRONOUNCED', '1000001', '1 million 1'],
  ['PRONOUNCED', '999999999', '9 hundred 90 9 million 9 hundred 90 9 thousand 9 hundred 90 9'],
  ['PRONOUNCED', '1000000000', ''],
  ['PRONOUNCED', '-5', 'negative 5'],
  ['PRONOUNCED', '1.5', ''],
  ['PRONOUNCED', 'five', ''],
  ['COUNTED', '0', '0'],
  ['COUNTED', '1', 'h-1'],
  ['COUNTED', '9', 'h-9'],
  ['COUNTED', '12', '12'],
  ['COUNTED', '20', 'h-20'],
  ['COUNTED', '21', '20 h-1'],
  ['COUNTED', '100', '1 hundred'],
  ['COUNTED', '101', '1 hundred h-1'],
  ['COUNTED', '1001', '1 thousand h-1'],
  ['ITERATED', '12', '1 2'],
  ['ITERATED', '1,205', '1 2 0 5'],
  ['ITERATED', '00', '0 0'],
  ['ITERATED', '12345678901', '1 2 3 4 5 6 7 8 9 0 1'],
  ['PRONOUNCED_YEAR', '1999', '19 90 9'],
  ['PRONOUNCED_YEAR', '1900', '1 thousand 9 hundred'],
  ['PRONOUNCED_YEAR', '1066', '1 thousand 60 6'],
  ['PRONOUNCED_YEAR', '1805', '18 5'],
  ['PRONOUNCED_YEAR', '2024', '2 thousand 20 4'],
  ['PRONOUNCED_YEAR', '2124', '20 1 20 4'],
  ['N/A', '5', ''],
]

test('numbers are said whole, counted, digit by digit and as years', () => {
  for (const [method, text, sounds] of numbers)
    for (const type of ['NUMBER', 'ITEMS', 'PERSONS', 'MESSAGES'] as const)
      assert.equal(said(type, method, text), sounds, `${type} ${method} ${text}`)
})

const amounts: readonly [SayMethod, string, string][] = [
  ['PRONOUNCED', '1', '1 dollar'],
  ['PRONOUNCED', '2', '2 dollars'],
  ['PRONOUNCED', '0.01', '0 dollars and 1 cent'],
  ['PRONOUNCED', '.50', '0 dollars and 50 cents'],
  ['PRONOUNCED', '12.34', '12 dollars and 30 4 cents'],
  ['PRONOUNCED', '$1,000.999', '1 thousand dollars and 90 9 cents'],
  ['PRONOUNCED', '-3.20', 'negative 3 dollars and 20 cents'],
  ['PRONOUNCED', '+7', '7 dollars'],
  ['PRONOUNCED', '1234567890123456', ''],
  ['ITERATED', '2.50', '2 dollars and 5 0 cents'],
]

test('money is dollars and cents', () => {
  for (const [method, text, sounds] of amounts)
    assert.equal(said('CURRENCY', method, text), sounds, text)
})

const lengths: readonly [string, string][] = [
  ['0', '0 hours 0 minutes 0 seconds'],
  ['1', '0 hours 0 minutes 1 second'],
  ['59', '0 hours 0 minutes 50 9 seconds'],
  ['60', '0 hours 1 minute 0 seconds'],
  ['3661', '1 hour 1 minute 1 second'],
  ['90061', '20 5 hours 1 minute 1 second'],
  ['1:02:03', '1 hour 2 minutes 3 seconds'],
  ['02:30', '0 hours 2 minutes 30 seconds'],
]

test('lengths of time are said with all their parts', () => {
  for (const [text, sounds] of lengths)
    assert.equal(said('TIME_MEASUREMENT', 'PRONOUNCED', text), sounds, text)
})

const instants: readonly [SayType, SayMethod, string, string][] = [
  ['CURRENT_DATE', 'PRONOUNCED', '0', 'day-4 mon-1 20 h-9 2 thousand 20 4'],
  ['CURRENT_DATE', 'PRONOUNCED', '', 'day-4 mon-1 20 h-9 2 thousand 20 4'],
  ['CURRENT_DATE', 'PRONOUNCED', '946684799', 'day-5 mon-11 30 h-1 19 90 9'],
  ['CURRENT_DATE', 'PRONOUNCED', '2024-12-25 10:00:00', 'day-3 mon-11 20 h-5 2 thousand 20 4'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700006400', '12 oclock a-m'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700049600', '12 oclock p-m'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700053260', '1 oh 1 p-m'],
  ['CURRENT_TIME', 'PRONOUNCED', '1700092740', '11 50 9 p-m'],
  ['CURRENT_TIME', 'ITERATED', '1700006400', '20 4 hundred hours'],
  ['CURRENT_TIME', 'ITERATED', '1700010300', '0 1 0 5 hours'],
  ['CURRENT_TIME', 'ITERATED', '1700049600', '12 hundred hours'],
  ['CURRENT_DATE_TIME', 'PRONOUNCED', '1700000000', 'day-2 mon-10 14 2 thousand 20 3 at 10 13 p-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1709202605', 'today at 10 30 a-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1709123405', 'yesterday at 12 30 p-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1708777805', 'day-6 at 12 30 p-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1708691405', 'day-5 mon-1 20 h-3 at 12 30 p-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1703939405', 'day-6 mon-11 h-30 2 thousand 20 3 at 12 30 p-m'],
  ['SHORT_DATE_TIME', 'PRONOUNCED', '1709296205', 'day-5 mon-2 h-1 2 thousand 20 4 at 12 30 p-m'],
]

test('dates and times of day, the short ones as short as they stay clear', () => {
  for (const [type, method, text, sounds] of instants)
    assert.equal(said(type, method, text), sounds, `${type} ${method} ${text}`)
})

test('times are those of the zone, with its summer', () => {
  const zone = parsePosixZone('EST5EDT,M3.2.0,M11.1.0')
  assert.equal(said('CURRENT_TIME', 'PRONOUNCED', '1700000000', { zone }), '5 13 p-m')
  assert.equal(said('CURRENT_TIME', 'PRONOUNCED', '1720000000', { zone }), '5 40 6 a-m')
})

const names: readonly [SayType, SayMethod, string, string][] = [
  ['IP_ADDRESS', 'PRONOUNCED', '127.0.0.1', '1 hundred 20 7 dot 0 dot 0 dot 1'],
  ['IP_ADDRESS', 'ITERATED', '192.168.10.254', '1 9 2 dot 1 6 8 dot 1 0 dot 2 5 4'],
  ['IP_ADDRESS', 'PRONOUNCED', 'localhost', ''],
  [
    'TELEPHONE_NUMBER',
    'PRONOUNCED',
    '+49 30-12',
    'ascii/43 4 9 silence_stream://100 3 0 silence_stream://100 1 2',
  ],
  ['TELEPHONE_NUMBER', 'ITERATED', '1(  )B', '1 silence_stream://100 ascii/98'],
  ['NAME_SPELLED', 'PRONOUNCED', 'aZ9', 'ascii/97 ascii/122 9'],
  ['NAME_SPELLED', 'PRONOUNCED', 'x.y@z', 'ascii/120 ascii/46 ascii/121 ascii/64 ascii/122'],
  ['NAME_SPELLED', 'PRONOUNCED', 'José', 'ascii/106 ascii/111 ascii/115 ascii/101'],
  ['NAME_PHONETIC', 'ITERATED', 'x-1', 'phonetic-ascii/120 phonetic-ascii/45 1'],
  ['ACCOUNT_NUMBER', 'ITERATED', '12', 'unknown'],
  ['TELEPHONE_EXTENSION', 'ITERATED', '1000', 'unknown'],
  ['URL', 'PRONOUNCED', 'a.b', 'unknown'],
  ['EMAIL_ADDRESS', 'PRONOUNCED', 'a@b', 'unknown'],
  ['POSTAL_ADDRESS', 'PRONOUNCED', 'x', 'unknown'],
]

test('addresses, telephone numbers and names', () => {
  for (const [type, method, text, sounds] of names)
    assert.equal(said(type, method, text), sounds, `${type} ${method} ${text}`)
})
