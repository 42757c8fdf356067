/** POSIX time zones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwitchError } from '../../../src/base/errors.ts'
import {
  fixedZone,
  localTime,
  parsePosixZone,
  readTimeZones,
  serverZone,
} from '../../../src/core/time/timezone.ts'
import type { XmlNode } from '../../../src/xml/node.ts'

const at = (zone: string, utc: string) => {
  const { offset, isDst } = parsePosixZone(zone).at(Date.parse(utc) / 1000)
  return `${offset / 3600}${isDst ? ' dst' : ''}`
}

test('a zone without a rule has one offset, positive west of Greenwich', () => {
  assert.equal(at('EST5', '2024-07-01T00:00Z'), '-5')
  assert.equal(at('IST-5:30', '2024-07-01T00:00Z'), '5.5')
  assert.equal(at('<+0545>-5:45', '2024-07-01T00:00Z'), '5.75')
})

test('clocks change at the second of the rule', () => {
  const berlin = 'CET-1CEST,M3.5.0,M10.5.0/3'
  assert.equal(at(berlin, '2025-03-30T00:59:59Z'), '1')
  assert.equal(at(berlin, '2025-03-30T01:00:00Z'), '2 dst')
  assert.equal(at(berlin, '2025-10-26T00:59:59Z'), '2 dst')
  assert.equal(at(berlin, '2025-10-26T01:00:00Z'), '1')
})

test('south of the equator the year begins in daylight saving time', () => {
  const sydney = 'AEST-10AEDT,M10.1.0,M4.1.0/3'
  assert.equal(at(sydney, '2025-01-01T00:00Z'), '11 dst')
  assert.equal(at(sydney, '2025-07-01T00:00Z'), '10')
  assert.equal(at(sydney, '2024-12-31T13:30Z'), '11 dst')
})

test('a rule may name a day of the year, with or without the leap day', () => {
  assert.equal(at('AAA0BBB,J60/0,J300', '2024-03-01T00:00Z'), '1 dst')
  assert.equal(at('AAA0BBB,J60/0,J300', '2024-02-29T23:59Z'), '0')
  assert.equal(at('AAA0BBB,59/0,300', '2024-02-29T00:00Z'), '1 dst')
})

test('hours beyond the day and before it belong to the neighbouring day', () => {
  assert.equal(at('EET-2EEST,M3.4.4/50,M10.4.4/50', '2025-03-28T23:59Z'), '2')
  assert.equal(at('EET-2EEST,M3.4.4/50,M10.4.4/50', '2025-03-29T00:00Z'), '3 dst')
  assert.equal(at('STD2DST,M3.5.0/-1,M10.5.0/0', '2025-03-30T01:00Z'), '-1 dst')
})

test('a daylight saving time that lies behind standard time is taken as written', () => {
  assert.equal(at('IST-1GMT0,M10.5.0,M3.5.0/1', '2025-01-01T00:00Z'), '0 dst')
  assert.equal(at('IST-1GMT0,M10.5.0,M3.5.0/1', '2025-07-01T00:00Z'), '1')
})

test('a zone with a second name and no rule changes in April and October', () => {
  assert.equal(at('EST5EDT', '2024-04-07T06:59:59Z'), '-5')
  assert.equal(at('EST5EDT', '2024-04-07T07:00:00Z'), '-4 dst')
})

test('what is no zone is refused', () => {
  for (const text of [
    '',
    'EST',
    '5',
    'EST5EDT,',
    'EST5EDT,M13.1.0,M1.1.0',
    'EST5EDT,M3.2.0',
    'EST5x',
    'EST5EDT,J0,J1',
  ]) {
    assert.throws(
      () => parsePosixZone(text),
      (thrown) => thrown instanceof SwitchError && thrown.code === 'TIMEZONE_BAD',
      text,
    )
  }
})

test('a local time has its day of the year and of the week', () => {
  const time = localTime(Date.parse('2024-12-31T23:30:15Z'), fixedZone(3600))
  assert.deepEqual(
    { ...time },
    {
      year: 2025,
      month: 1,
      day: 1,
      hour: 0,
      minute: 30,
      second: 15,
      weekday: 3,
      yearday: 0,
      offset: 3600,
      isDst: false,
    },
  )
})

test('the server zone agrees with the process', () => {
  const now = Date.now()
  assert.equal(
    serverZone().at(Math.floor(now / 1000)).offset,
    -new Date(now).getTimezoneOffset() * 60,
  )
})

test('timezones.conf names zones exactly; a bad one is left out', () => {
  const node = (
    name: string,
    attributes: Record<string, string>,
    children: XmlNode[] = [],
  ): XmlNode => ({
    name,
    attributes: new Map(Object.entries(attributes)),
    children,
    text: '',
    place: { file: 'timezones.conf.xml', line: 1 },
    parent: undefined,
  })
  const zones = readTimeZones(
    node('configuration', {}, [
      node('timezones', {}, [
        node('zone', { name: 'Asia/Tokyo', value: 'JST-9' }),
        node('zone', { name: 'Bad/Zone', value: '???' }),
        node('zone', { name: 'Empty/Zone', value: '' }),
      ]),
    ]),
  )
  assert.equal(zones.find('Asia/Tokyo')?.at(0).offset, 32_400)
  assert.equal(zones.find('asia/tokyo'), undefined)
  assert.equal(zones.find('Bad/Zone'), undefined)
  assert.equal(zones.find('Empty/Zone'), undefined)
})
