/** What of times is the same in every language: which instant is meant, how far away it is, and which parts of it are said. */
import type { SayRequest } from '../core/interfaces.ts'
import { parseTime } from '../core/time/parse-time.ts'
import { type LocalTime, localTime } from '../core/time/timezone.ts'

/** The end of the year 9999, seconds since the epoch: no calendar goes further. */
const lastSecond = 253_402_300_799

/** The sounds of the parts of a time. */
export interface TimeParts {
  /** Of hours, minutes and seconds. */
  length(parts: readonly number[]): readonly string[]
  dayAndMonth(then: LocalTime): readonly string[]
  year(year: number): readonly string[]
  clock(then: LocalTime): readonly string[]
}

/** What a request about a time asks for, in the sounds of a language. */
export function timeSounds(request: SayRequest, parts: TimeParts): readonly string[] {
  if (request.type === 'TIME_MEASUREMENT') return parts.length(lengthParts(request.text))
  const instant = instantOf(request)
  if (instant === undefined) return []
  const then = localTime(instant, request.zone)
  switch (request.type) {
    case 'CURRENT_DATE':
      return dateSounds(then, parts)
    case 'CURRENT_TIME':
      return parts.clock(then)
    case 'CURRENT_DATE_TIME':
      return [...dateSounds(then, parts), 'time/at', ...parts.clock(then)]
    default: {
      const now = localTime(request.now, request.zone)
      return [...shortDateSounds(then, now, parts), 'time/at', ...parts.clock(then)]
    }
  }
}

function dateSounds(then: LocalTime, parts: TimeParts): readonly string[] {
  return [...parts.dayAndMonth(then), ...parts.year(then.year)]
}

function shortDateSounds(then: LocalTime, now: LocalTime, parts: TimeParts): readonly string[] {
  switch (nearness(then, now)) {
    case 'today':
      return ['time/today']
    case 'yesterday':
      return ['time/yesterday']
    case 'this week':
      return [`time/day-${then.weekday}`]
    case 'this year':
      return parts.dayAndMonth(then)
    default:
      return dateSounds(then, parts)
  }
}

/**
 * ms since the epoch: what stands in the text as seconds, or as `2024-02-29 12:30:05`; now when it is empty or 0. Undefined for what
 * lies beyond every calendar.
 */
function instantOf({ text, now, zone }: SayRequest): number | undefined {
  if (text.includes(':')) {
    const read = parseTime(text, now, zone)
    if (read) return read
  }
  const seconds = Number.parseInt(text, 10)
  if (seconds > lastSecond) return undefined
  return seconds > 0 ? seconds * 1000 : now
}

/** Hours, minutes and seconds of `seconds`, `minutes:seconds` or `hours:minutes:seconds`. */
function lengthParts(text: string): readonly number[] {
  if (text.includes(':')) {
    const written = text.split(':').map((part) => Number.parseInt(part, 10) || 0)
    return [0, 0, ...written].slice(-3)
  }
  const seconds = Math.max(0, Number.parseInt(text, 10) || 0)
  return [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60]
}

/** How little of a date is enough to be clear. */
type Nearness = 'today' | 'yesterday' | 'this week' | 'this year' | 'far'

/** Days are counted within the year, so the last of December is never yesterday. */
function nearness(then: LocalTime, now: LocalTime): Nearness {
  const days = now.yearday - then.yearday
  if (then.year !== now.year || days < 0) return 'far'
  if (days === 0) return 'today'
  if (days === 1) return 'yesterday'
  return days <= 5 ? 'this week' : 'this year'
}
