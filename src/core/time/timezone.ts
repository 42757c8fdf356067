/** Time zones: the POSIX rules of timezones.conf (`EST5EDT,M3.2.0,M11.1.0`, POSIX.1 §8.3) and the server's own zone. */
import { reasonOf, SwitchError } from '../../base/errors.ts'
import { logger } from '../../base/log.ts'
import type { XmlNode } from '../../xml/node.ts'

const log = logger('core/timezone')

/** What holds in a zone at an instant. */
export interface ZoneMoment {
  /** Seconds east of UTC. */
  readonly offset: number
  readonly isDst: boolean
}

export interface Zone {
  /** `seconds` since the epoch. */
  at(seconds: number): ZoneMoment
  /** What `%Z` writes: outside and inside daylight saving time. */
  readonly names: readonly [standard: string, dst: string]
}

/** The zones that a configuration may name. A name that timezones.conf does not have is unknown. */
export interface TimeZones {
  readonly server: Zone
  /** By exact name. */
  find(name: string): Zone | undefined
}

/** A calendar's reading of an instant in a zone. */
export interface LocalTime extends ZoneMoment {
  readonly year: number
  /** 1–12. */
  readonly month: number
  /** 1–31. */
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  /** 0 Sunday … 6 Saturday. */
  readonly weekday: number
  /** 0–365. */
  readonly yearday: number
}

const day = 86_400

/** An instant (ms since the epoch) as a calendar and a clock of the zone show it. */
export function localTime(ms: number, zone: Zone): LocalTime {
  const seconds = Math.floor(ms / 1000)
  const { offset, isDst } = zone.at(seconds)
  const wall = new Date((seconds + offset) * 1000)
  const year = wall.getUTCFullYear()
  const midnight = Date.UTC(year, wall.getUTCMonth(), wall.getUTCDate())
  return {
    year,
    month: wall.getUTCMonth() + 1,
    day: wall.getUTCDate(),
    hour: wall.getUTCHours(),
    minute: wall.getUTCMinutes(),
    second: wall.getUTCSeconds(),
    weekday: wall.getUTCDay(),
    yearday: Math.round((midnight - Date.UTC(year, 0, 1)) / (day * 1000)),
    offset,
    isDst,
  }
}

/** A zone that is always so many seconds east of UTC. */
export function fixedZone(offset: number, name = 'UTC'): Zone {
  const moment = { offset, isDst: false }
  return { names: [name, name], at: () => moment }
}

/** The zone this process runs in (`TZ`). Its abbreviations come from `named` where that knows the zone. */
export function serverZone(named?: (name: string) => Zone | undefined): Zone {
  const offsetAt = (ms: number) => -new Date(ms).getTimezoneOffset() * 60
  let names: readonly [string, string] | undefined
  return {
    at(seconds) {
      const ms = seconds * 1000
      const offset = offsetAt(ms)
      const year = new Date(ms).getFullYear()
      const standard = Math.min(offsetAt(Date.UTC(year, 0, 1)), offsetAt(Date.UTC(year, 6, 1)))
      return { offset, isDst: offset !== standard }
    },
    get names() {
      names ??= serverNames(named)
      return names
    },
  }
}

function serverNames(named?: (name: string) => Zone | undefined): readonly [string, string] {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const known = named?.(zone)
  if (known) return known.names
  const year = new Date().getUTCFullYear()
  const january = new Date(Date.UTC(year, 0, 1))
  const july = new Date(Date.UTC(year, 6, 1))
  const winter = january.getTimezoneOffset() >= july.getTimezoneOffset() ? january : july
  return [abbreviation(winter), abbreviation(winter === january ? july : january)]
}

/** A locale writes `EST` only for zones of its own country and `GMT-5` for the rest, so several are asked. */
function abbreviation(date: Date): string {
  for (const locale of ['en-US', 'en-GB', 'en-AU', 'en-NZ', 'en-IN', 'en-ZA']) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date)
    const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
    if (/^[A-Z]+$/.test(name)) return name
  }
  const minutes = -date.getTimezoneOffset()
  const clock = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  const text = clock.map((part) => String(part).padStart(2, '0')).join('')
  return (minutes < 0 ? '-' : '+') + text.replace(/00$/, '')
}

/** Where in a year daylight saving time starts or ends. */
interface Rule {
  /** Days since 1 January of the year. */
  dayOf(year: number): number
  /** Seconds after midnight, on the clock that holds until then; may be negative or beyond a day. */
  readonly time: number
}

/** Reads a POSIX zone, with a rule for daylight saving time or without; throws TIMEZONE_BAD. */
export function parsePosixZone(text: string): Zone {
  const reader = new ZoneReader(text)
  const standardName = reader.name()
  const standard = -reader.clock()
  if (reader.atEnd) return fixedZone(standard, standardName)
  const dstName = reader.name()
  const dst = reader.atEnd || reader.sees(',') ? standard + 3600 : -reader.clock()
  // With no rule given: the first Sunday of April to the last of October.
  const rules = reader.atEnd ? new ZoneReader(',M4.1.0,M10.5.0') : reader
  const start = rules.rule()
  const end = rules.rule()
  if (!rules.atEnd) throw rules.error()
  return ruledZone([standardName, dstName], standard, dst, start, end)
}

function ruledZone(
  names: readonly [string, string],
  standard: number,
  dst: number,
  start: Rule,
  end: Rule,
): Zone {
  const outside: ZoneMoment = { offset: standard, isDst: false }
  const inside: ZoneMoment = { offset: dst, isDst: true }
  const years = new Map<number, readonly [starts: number, ends: number]>()
  const changes = (year: number) => {
    let found = years.get(year)
    if (!found) {
      const january = Date.UTC(year, 0, 1) / 1000
      found = [
        january + start.dayOf(year) * day + start.time - standard,
        january + end.dayOf(year) * day + end.time - dst,
      ]
      // A year asked for by a far date must not stay for ever.
      if (years.size > 100) years.clear()
      years.set(year, found)
    }
    return found
  }
  return {
    names,
    at(seconds) {
      const [starts, ends] = changes(new Date((seconds + standard) * 1000).getUTCFullYear())
      const isDst =
        starts < ends ? seconds >= starts && seconds < ends : seconds >= starts || seconds < ends
      return isDst ? inside : outside
    },
  }
}

class ZoneReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  sees(character: string): boolean {
    return this.#text[this.#at] === character
  }

  error(): SwitchError {
    return new SwitchError(
      'TIMEZONE_BAD',
      `no time zone: '${this.#text}' (at character ${this.#at + 1})`,
    )
  }

  #take(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (!found) throw this.error()
    this.#at = pattern.lastIndex
    return found
  }

  /** `EST`, or `<+03>` in brackets. */
  name(): string {
    const found = this.#take(/<([^>]+)>|([^\d,+-]{3,})/y)
    return found[1] ?? found[2] ?? ''
  }

  /** `[+-]hh[:mm[:ss]]` in seconds. */
  clock(): number {
    const [, sign, hours, minutes = '0', seconds = '0'] = this.#take(
      /([-+]?)(\d{1,3})(?::(\d\d?))?(?::(\d\d?))?/y,
    )
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
    return sign === '-' ? -total : total
  }

  /** `,M3.2.0/2`, `,J60` (29 February never counted) or `,59`. */
  rule(): Rule {
    const found = this.#take(/,(?:M(\d\d?)\.(\d)\.(\d)|J(\d{1,3})|(\d{1,3}))(\/)?/y)
    const [, month, week, weekday, julian, count, slash] = found
    const time = slash ? this.clock() : 7200
    if (month !== undefined) {
      const [m, w, d] = [Number(month), Number(week), Number(weekday)]
      if (m < 1 || m > 12 || w < 1 || w > 5 || d > 6) throw this.error()
      return { time, dayOf: (year) => nthWeekday(year, m, w, d) }
    }
    if (julian !== undefined) {
      const n = Number(julian)
      if (n < 1 || n > 365) throw this.error()
      return { time, dayOf: (year) => n - 1 + (n > 59 && isLeap(year) ? 1 : 0) }
    }
    const n = Number(count)
    if (n > 365) throw this.error()
    return { time, dayOf: () => n }
  }
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

/** The day of the year of the nth weekday of a month; the fifth is the last. */
function nthWeekday(year: number, month: number, nth: number, weekday: number): number {
  const first = Date.UTC(year, month - 1, 1)
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const before = (weekday - new Date(first).getUTCDay() + 7) % 7
  let date = before + (nth - 1) * 7
  while (date >= length) date -= 7
  return (first - Date.UTC(year, 0, 1)) / (day * 1000) + date
}

/** The zones of a `<configuration name="timezones.conf">`; a bad one is reported with its place and left out. */
export function readTimeZones(configuration: XmlNode | undefined): TimeZones {
  const zones = new Map<string, Zone>()
  for (const list of configuration?.children ?? []) {
    if (list.name !== 'timezones') continue
    for (const node of list.children) {
      if (node.name !== 'zone') continue
      const name = node.attributes.get('name')
      const value = node.attributes.get('value')
      if (!name || !value) continue
      try {
        zones.set(name, parsePosixZone(value))
      } catch (thrown) {
        const { file, line } = node.place
        log.err(`${file}:${line}: zone ${name}: ${reasonOf(thrown)}`)
      }
    }
  }
  const find = (name: string) => zones.get(name)
  return { server: serverZone(find), find }
}

/** No zone has a name: what holds without a timezones.conf. */
export const noTimeZones: TimeZones = { server: serverZone(), find: () => undefined }
