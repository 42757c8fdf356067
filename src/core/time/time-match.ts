/** The time attributes of a `<condition>` or `<regex>` of the dialplan: `wday="mon-fri" hour="9-17"`. */
import { logger } from '../../base/log.ts'
import { leadingInteger } from '../expand/expand.ts'
import { isTrue } from '../variables.ts'
import { parseTime } from './parse-time.ts'
import { fixedZone, type LocalTime, localTime, type TimeZones } from './timezone.ts'

const log = logger('core/time-match')

const attributeNames = [
  'tz-offset',
  'dst',
  'date-time',
  'year',
  'yday',
  'mon',
  'mday',
  'week',
  'mweek',
  'wday',
  'hour',
  'minute',
  'minute-of-day',
  'time-of-day',
] as const
type AttributeName = (typeof attributeNames)[number]

/** The time attributes that a node has. */
export type TimeTest = readonly (readonly [name: AttributeName, value: string])[]

/** The time attributes among a node's attributes; undefined when there are none. */
export function timeTest(attributes: ReadonlyMap<string, string>): TimeTest | undefined {
  const test: (readonly [AttributeName, string])[] = []
  for (const name of attributeNames) {
    const value = attributes.get(name)
    if (value !== undefined && !(name === 'dst' && value === '')) test.push([name, value])
  }
  return test.length > 0 ? test : undefined
}

/** An instant as the time attributes see it: the server's clock, and the caller's where the call names a zone. */
export interface TimeView {
  /** ms since the epoch. */
  readonly now: number
  readonly zones: TimeZones
  readonly server: LocalTime
  /** Undefined when the call names a zone that nobody knows: nothing of its calendar matches then. */
  readonly caller: LocalTime | undefined
}

/** `offsetText` is the variable `tod_tz_offset` (whole hours; wins when it is a number), `zoneName` the variable `timezone`. */
export function timeView(
  now: number,
  zones: TimeZones,
  offsetText: string | undefined,
  zoneName: string | undefined,
): TimeView {
  const server = localTime(now, zones.server)
  let caller: LocalTime | undefined = server
  if (offsetText && isNumber(offsetText)) {
    caller = localTime(now, fixedZone(leadingInteger(offsetText) * 3600))
  } else if (zoneName) {
    const zone = zones.find(zoneName)
    caller = zone && localTime(now, zone)
  }
  return { now, zones, server, caller }
}

/** Whether every attribute matches. */
export function timeMatches(test: TimeTest, view: TimeView): boolean {
  return test.every(([name, value]) => attributeMatches(name, value, view))
}

function attributeMatches(name: AttributeName, value: string, view: TimeView): boolean {
  // These two read the server's clock, whatever zone the call names; dst="false" matches never.
  if (name === 'dst') return view.server.isDst && isTrue(value)
  if (name === 'date-time') return dateTimeMatches(value, view)
  const time = view.caller
  if (!time) return false
  switch (name) {
    case 'tz-offset':
      // What is no number is not looked at.
      return (
        value === '' || !isNumber(value) || leadingInteger(value) === Math.trunc(time.offset / 3600)
      )
    case 'year':
      return numberMatches(value, time.year)
    case 'yday':
      return numberMatches(value, time.yearday + 1)
    case 'mon':
      return numberMatches(value, time.month)
    case 'mday':
      return numberMatches(value, time.day)
    case 'week':
      return numberMatches(value, Math.floor(time.yearday / 7) + 1)
    case 'mweek':
      return numberMatches(value, weekOfMonth(time))
    case 'wday':
      return weekdayMatches(value, time.weekday + 1)
    case 'hour':
      return numberMatches(value, time.hour)
    case 'minute':
      return numberMatches(value, time.minute)
    case 'minute-of-day':
      return numberMatches(value, time.hour * 60 + time.minute + 1)
    case 'time-of-day':
      return timeOfDayMatches(value, time.hour * 3600 + time.minute * 60 + time.second)
  }
}

/** 1–6: the row of a calendar whose weeks start on Sunday. */
function weekOfMonth(time: LocalTime): number {
  const firstWeekday = (7 - ((time.day - (time.weekday + 1)) % 7)) % 7
  return Math.ceil((time.day + firstWeekday) / 7)
}

/** `1,3,5-9`; a range whose start is behind its end wraps. Reads as far as it understands; a text without a number counts as 0. */
export function numberMatches(text: string, value: number): boolean {
  let at = 0
  const number = () => {
    const found = /^\s*[-+]?\d+/.exec(text.slice(at))
    at += found?.[0].length ?? 0
    return found ? Number(found[0]) : 0
  }
  for (;;) {
    const from = number()
    if (text[at] === '-') {
      at++
      if (inRange(value, from, number())) return true
    } else if (value === from) return true
    if (text[at] !== ',') return false
    at++
  }
}

function inRange(value: number, from: number, to: number): boolean {
  return from <= to ? value >= from && value <= to : value >= from || value <= to
}

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** `2-6`, `mon-fri`, `sun,3-5`: 1 or `sun` is Sunday; names have three letters. Reads as far as it understands. */
export function weekdayMatches(text: string, value: number): boolean {
  let previous: number | undefined
  let rangeStart: number | undefined
  for (const [token] of text.matchAll(/[-,1-7]|[a-z]{3}|.+/gi)) {
    if (token === ',') {
      previous = undefined
      continue
    }
    if (token === '-') {
      rangeStart = previous
      previous = undefined
      continue
    }
    const day = /^[1-7]$/.test(token) ? Number(token) : weekdays.indexOf(token.toLowerCase()) + 1
    if (day === 0) {
      log.err(`no weekday in '${text}' at '${token.slice(0, 6)}'`)
      return false
    }
    if (rangeStart === undefined ? value === day : inRange(value, rangeStart, day)) return true
    rangeStart = undefined
    previous = day
  }
  return false
}

/** `HH:MM[:SS]-HH:MM[:SS]`, a list of them; both ends included, wrapping past midnight. `value` in seconds of the day. */
export function timeOfDayMatches(text: string, value: number): boolean {
  return text.split(',').some((range) => {
    const found = /^([^:]*):([^:-]*)(?::([^-]*))?-([^:]*):([^:]*)(?::(.*))?/.exec(range)
    if (!found) return false
    const [
      ,
      fromHour = '',
      fromMinute = '',
      fromSecond = '',
      toHour = '',
      toMinute = '',
      toSecond = '',
    ] = found
    const from =
      leadingInteger(fromHour) * 3600 + leadingInteger(fromMinute) * 60 + leadingInteger(fromSecond)
    const to =
      leadingInteger(toHour) * 3600 + leadingInteger(toMinute) * 60 + leadingInteger(toSecond)
    return inRange(value, from, to)
  })
}

/** `2024-01-01 00:00:00~2024-12-31 23:59:59`, a list of them, in the server's time; the end is not included. */
function dateTimeMatches(text: string, view: TimeView): boolean {
  for (const range of text.split(',')) {
    const [start = '', end] = range.split('~', 2)
    if (end === undefined) continue
    const from = parseTime(start, view.now, view.zones.server)
    const to = parseTime(end, view.now, view.zones.server)
    if (!from || !to) {
      log.err(`no range of dates: '${range}'`)
      return false
    }
    if (view.now >= from && view.now < to) return true
  }
  return false
}

/** A sign, digits and dots, or nothing at all: what counts as a number in a condition. */
export function isNumber(text: string): boolean {
  return /^[-+]?[\d.]*$/.test(text)
}
