/** `strftime`: writes a time by a pattern of `%` codes as the C library does in the C locale. */
import type { LocalTime } from './timezone.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** The result is empty when it would be longer than this (bytes). */
const longest = 79
/** The codes that the `strftime` command lets through; with any other it writes nothing. */
const checkedCodes = 'CDrRTeaAbBcdHIjmMpSUwWxXyYzZ%'

/** A time by a pattern. `names` are what `%Z` writes outside and inside daylight saving time. */
export function strftime(
  pattern: string,
  time: LocalTime,
  names: readonly [string, string] = ['UTC', 'UTC'],
): string {
  const text = pattern.replace(
    /%([_0^#-]*)(\d*)[EO]?([a-zA-Z%+])/g,
    (whole, flags: string, width: string, code: string) => {
      const written = field(code, time, names)
      return written === undefined
        ? whole
        : shaped(written, flags, width === '' ? undefined : Number(width))
    },
  )
  return Buffer.byteLength(text) > longest ? '' : text
}

/** Whether the `strftime` command accepts the pattern: it knows fewer codes than the C library, and no flags. */
export function isCheckedPattern(pattern: string): boolean {
  for (let at = pattern.indexOf('%'); at >= 0; at = pattern.indexOf('%', at + 2)) {
    if (at + 1 >= pattern.length || !checkedCodes.includes(pattern.charAt(at + 1))) return false
  }
  return true
}

/** A field before flags: a number with the width and the filler it has by itself, or a text. */
type Field = string | readonly [value: number, width: number, filler: '0' | ' ']

function field(code: string, time: LocalTime, names: readonly [string, string]): Field | undefined {
  const again = (pattern: string) => strftime(pattern, time, names)
  const hour12 = time.hour % 12 || 12
  const { year, weekday, yearday } = time
  switch (code) {
    case 'a':
      return (days[weekday] ?? '').slice(0, 3)
    case 'A':
      return days[weekday] ?? ''
    case 'b':
    case 'h':
      return (months[time.month - 1] ?? '').slice(0, 3)
    case 'B':
      return months[time.month - 1] ?? ''
    case 'c':
      return again('%a %b %e %H:%M:%S %Y')
    case 'C':
      return [Math.floor(year / 100), 2, '0']
    case 'd':
      return [time.day, 2, '0']
    case 'D':
    case 'x':
      return again('%m/%d/%y')
    case 'e':
      return [time.day, 2, ' ']
    case 'F':
      return again('%Y-%m-%d')
    case 'g':
      return [isoWeek(time).year % 100, 2, '0']
    case 'G':
      return [isoWeek(time).year, 1, '0']
    case 'H':
      return [time.hour, 2, '0']
    case 'I':
      return [hour12, 2, '0']
    case 'j':
      return [yearday + 1, 3, '0']
    case 'k':
      return [time.hour, 2, ' ']
    case 'l':
      return [hour12, 2, ' ']
    case 'm':
      return [time.month, 2, '0']
    case 'M':
      return [time.minute, 2, '0']
    case 'n':
      return '\n'
    case 'p':
      return time.hour < 12 ? 'AM' : 'PM'
    case 'P':
      return time.hour < 12 ? 'am' : 'pm'
    case 'r':
      return again('%I:%M:%S %p')
    case 'R':
      return again('%H:%M')
    case 's':
      return [epochSeconds(time), 1, '0']
    case 'S':
      return [time.second, 2, '0']
    case 't':
      return '\t'
    case 'T':
    case 'X':
      return again('%H:%M:%S')
    case 'u':
      return [weekday || 7, 1, '0']
    case 'U':
      return [Math.floor((yearday + 7 - weekday) / 7), 2, '0']
    case 'V':
      return [isoWeek(time).week, 2, '0']
    case 'w':
      return [weekday, 1, '0']
    case 'W':
      return [Math.floor((yearday + 7 - ((weekday + 6) % 7)) / 7), 2, '0']
    case 'y':
      return [((year % 100) + 100) % 100, 2, '0']
    case 'Y':
      return [year, 1, '0']
    case 'z':
      return zoneOffset(time.offset)
    case 'Z':
      return names[time.isDst ? 1 : 0]
    case '%':
      return '%'
    default:
      return undefined
  }
}

function epochSeconds(time: LocalTime): number {
  const wall = Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second)
  return wall / 1000 - time.offset
}

/** `+0530`. */
function zoneOffset(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60)
  const clock = [Math.floor(minutes / 60), minutes % 60].map((part) =>
    String(part).padStart(2, '0'),
  )
  return (offset < 0 ? '-' : '+') + clock.join('')
}

/** ISO 8601: a week belongs to the year that has its Thursday. */
function isoWeek(time: LocalTime): { year: number; week: number } {
  const thursday = new Date(Date.UTC(time.year, 0, time.yearday + 1 + 4 - (time.weekday || 7)))
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * 86_400_000)) + 1
  return { year, week }
}

/** Flags and width of the C library: `_` fills with blanks, `0` with zeros, `-` with nothing, `^` and `#` change case. */
function shaped(value: Field, flags: string, width: number | undefined): string {
  const padding = /[_0-](?=[^_0-]*$)/.exec(flags)?.[0]
  if (typeof value === 'string') {
    const cased = flags.includes('^')
      ? value.toUpperCase()
      : flags.includes('#')
        ? swapped(value)
        : value
    return width === undefined
      ? cased
      : cased.padStart(Math.min(width, longest + 1), padding === '0' ? '0' : ' ')
  }
  const [number, own, filler] = value
  const digits = String(Math.abs(number))
  const wide = padding === '-' ? 1 : Math.min(width ?? own, longest + 1)
  const fill = padding === '_' ? ' ' : padding === '0' ? '0' : filler
  const sign = number < 0 ? '-' : ''
  return sign + digits.padStart(wide - sign.length, fill)
}

/** `#`: capitals become small (`%#p`, `%#Z`), other words become capitals. */
function swapped(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
}
