/** Time attributes of dialplan conditions. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTime } from '../../../src/core/time/parse-time.ts'
import {
  numberMatches,
  timeMatches,
  timeOfDayMatches,
  timeTest,
  timeView,
  weekdayMatches,
} from '../../../src/core/time/time-match.ts'
import { fixedZone, parsePosixZone, type TimeZones } from '../../../src/core/time/timezone.ts'

const newYork = parsePosixZone('EST5EDT,M3.2.0,M11.1.0')
const zones: TimeZones = {
  server: newYork,
  find: (name) => (name === 'Asia/Tokyo' ? fixedZone(9 * 3600) : undefined),
}
/** Wednesday 15 May 2024, 10:20:30 in New York (EDT), 23:20:30 in Tokyo. */
const now = Date.parse('2024-05-15T14:20:30Z')

function matches(
  attributes: Record<string, string>,
  offset?: string,
  zone?: string,
): boolean | undefined {
  const test = timeTest(new Map(Object.entries(attributes)))
  return test && timeMatches(test, timeView(now, zones, offset, zone))
}

test('a node without time attributes has no time test', () => {
  assert.equal(matches({ field: 'x', break: 'never' }), undefined)
  assert.equal(matches({ dst: '' }), undefined)
})

test('each attribute reads its part of the calendar, counted from 1 where people do', () => {
  for (const [name, value] of Object.entries({
    year: '2024',
    yday: '136',
    mon: '5',
    mday: '15',
    week: '20',
    mweek: '3',
    wday: '4',
    hour: '10',
    minute: '20',
    'minute-of-day': '621',
    'time-of-day': '10:20:30-10:20:30',
    'tz-offset': '-4',
  })) {
    assert.equal(matches({ [name]: value }), true, name)
  }
})

test('all attributes must match', () => {
  assert.equal(matches({ wday: 'mon-fri', hour: '9-16' }), true)
  assert.equal(matches({ wday: 'mon-fri', hour: '11-16' }), false)
})

test('tod_tz_offset wins over timezone, and is not looked at when it is no number', () => {
  assert.equal(matches({ hour: '16' }, '2', 'Asia/Tokyo'), true)
  assert.equal(matches({ hour: '23' }, 'two', 'Asia/Tokyo'), true)
  assert.equal(matches({ 'tz-offset': '9' }, undefined, 'Asia/Tokyo'), true)
})

test('an unknown timezone never matches', () => {
  assert.equal(matches({ hour: '0-23' }, undefined, 'Mars/Olympus'), false)
})

test('dst follows the server, and dst="false" matches never', () => {
  assert.equal(matches({ dst: 'true' }, undefined, 'Asia/Tokyo'), true)
  assert.equal(matches({ dst: 'false' }), false)
})

test('date-time is in the server’s time and its end is not included', () => {
  assert.equal(matches({ 'date-time': '2024-05-15 10:20:30~2024-05-15 10:20:31' }, '5'), true)
  assert.equal(matches({ 'date-time': '2024-05-15 10:00~2024-05-15 10:20:30' }), false)
  assert.equal(matches({ 'date-time': '2020-01-01~2020-02-01,2024-05-01~2024-06-01' }), true)
  assert.equal(matches({ 'date-time': 'soon~later,2024-05-01~2024-06-01' }), false)
})

test('numbers come in lists and ranges, which wrap', () => {
  assert.equal(numberMatches('1,5,9-12', 10), true)
  assert.equal(numberMatches('1,5,9-12', 6), false)
  assert.equal(numberMatches('22-6', 23), true)
  assert.equal(numberMatches('22-6', 6), true)
  assert.equal(numberMatches('22-6', 7), false)
})

test('reading stops at what is not understood', () => {
  assert.equal(numberMatches('9 - 17', 12), false)
  assert.equal(numberMatches('9 - 17', 9), true)
  assert.equal(numberMatches('may', 5), false)
  assert.equal(numberMatches('30-', 45), true)
})

test('weekdays are numbers from Sunday 1 or three letters in any case', () => {
  assert.equal(weekdayMatches('Mon-FRI', 4), true)
  assert.equal(weekdayMatches('fri-mon', 1), true)
  assert.equal(weekdayMatches('fri-mon', 4), false)
  assert.equal(weekdayMatches('sun,3-5', 4), true)
  assert.equal(weekdayMatches('7-2', 1), true)
  assert.equal(weekdayMatches('0', 1), false)
  assert.equal(weekdayMatches('wednesday-friday', 5), false)
})

test('a time of day includes both ends and wraps past midnight', () => {
  const noon = 12 * 3600
  assert.equal(timeOfDayMatches('11:00-12:00', noon), true)
  assert.equal(timeOfDayMatches('11:00-12:00', noon + 1), false)
  assert.equal(timeOfDayMatches('22:00-02:00', 3600), true)
  assert.equal(timeOfDayMatches('08:00-09:00,11:59:59-12:00:00', noon), true)
  assert.equal(timeOfDayMatches('12:00', noon), false)
  assert.equal(timeOfDayMatches('nonsense', noon), false)
})

test('dates may lack their time, times their date, and overflow runs on', () => {
  const utc = fixedZone(0)
  const iso = (text: string) => {
    const ms = parseTime(text, now, utc)
    return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 19)
  }
  assert.equal(iso('2024-2-9 1:2:3'), '2024-02-09T01:02:03')
  assert.equal(iso('2024-02-30'), '2024-03-01T00:00:00')
  assert.equal(iso('20240229123005'), '2024-02-29T12:30:05')
  assert.equal(iso('08:15'), '2024-05-15T08:15:00')
  assert.equal(iso('1969-12-31'), undefined)
  assert.equal(iso('tomorrow'), undefined)
  assert.equal(parseTime('2024-07-01 00:00:00', now, newYork), Date.parse('2024-07-01T04:00:00Z'))
})
