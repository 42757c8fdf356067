/** Reads a date or a time as a person writes it: for `strepoch`, `date-time="…"` and scheduling. */
import { leadingInteger } from '../expand/expand.ts'
import { localTime, type Zone } from './timezone.ts'

/**
 * ms since the epoch of `2024-02-29 12:30:05` (the time and its parts may be missing), `20240229123005`, or a time of today
 * `12:30[:05]`, in the zone; undefined when it is none of them or before 1970.
 */
export function parseTime(text: string, now: number, zone: Zone): number | undefined {
  const date =
    /^(\d+)-(\d+)-(\d+)\s*(\d*):?(\d*):?(\d*)/.exec(text) ??
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text)
  if (date) {
    const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = date
    return instant([year, month, day, hour, minute, second].map(leadingInteger), zone)
  }
  const time = /^(\d*):?(\d*):?(\d*)$/.exec(text)
  if (!time) return undefined
  const { year, month, day } = localTime(now, zone)
  return instant([year, month, day, ...time.slice(1).map(leadingInteger)], zone)
}

function instant(parts: readonly number[], zone: Zone): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  if (year < 1970 || year > 9999 || month < 1) return undefined
  // A month beyond December counts as March of that year; days and hours beyond their end run on.
  const wall = Date.UTC(year, (month > 12 ? 3 : month) - 1, day, hour, minute, second) / 1000
  if (Number.isNaN(wall) || wall < 0) return undefined
  // The offset that holds where UTC shows these figures: near a change of the clocks it may be the other one.
  return (wall - zone.at(wall).offset) * 1000
}
