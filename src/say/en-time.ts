/** English: lengths of time, dates and times of day. */
import type { SayMethod, SayRequest } from '../core/interfaces.ts'
import { parseTime } from '../core/time/parse-time.ts'
import { type LocalTime, localTime } from '../core/time/timezone.ts'

type Numbers = (written: string, method: SayMethod) => readonly string[]

export function timeSounds(request: SayRequest, numbers: Numbers): readonly string[] {
  if (request.type === 'TIME_MEASUREMENT') return lengthSounds(request.text, numbers)
  const then = localTime(instantOf(request), request.zone)
  const time = () => clockSounds(then, request.method === 'ITERATED', numbers)
  switch (request.type) {
    case 'CURRENT_DATE':
      return dateSounds(then, numbers)
    case 'CURRENT_TIME':
      return time()
    case 'CURRENT_DATE_TIME':
      return [...dateSounds(then, numbers), 'time/at', ...time()]
    default:
      return [
        ...shortDateSounds(then, localTime(request.now, request.zone), numbers),
        'time/at',
        ...time(),
      ]
  }
}

/** ms since the epoch: what stands in the text as seconds, or as `2024-02-29 12:30:05`; now when it is empty or 0. */
function instantOf({ text, now, zone }: SayRequest): number {
  if (text.includes(':')) {
    const read = parseTime(text, now, zone)
    if (read) return read
  }
  const seconds = Number.parseInt(text, 10)
  return seconds > 0 ? seconds * 1000 : now
}

/** Seconds, `minutes:seconds` or `hours:minutes:seconds`. Every part is said, zeros too. */
function lengthSounds(text: string, numbers: Numbers): readonly string[] {
  let parts: readonly number[]
  if (text.includes(':')) {
    const written = text.split(':').map((part) => Number.parseInt(part, 10) || 0)
    parts = [0, 0, ...written].slice(-3)
  } else {
    const seconds = Math.max(0, Number.parseInt(text, 10) || 0)
    parts = [Math.trunc(seconds / 3600), Math.trunc(seconds / 60) % 60, seconds % 60]
  }
  return ['hour', 'minute', 'second'].flatMap((unit, index) => {
    const count = parts[index] ?? 0
    return [...numbers(String(count), 'PRONOUNCED'), `time/${unit}${count === 1 ? '' : 's'}`]
  })
}

function dateSounds(then: LocalTime, numbers: Numbers): readonly string[] {
  return [...dayAndMonth(then, numbers), ...numbers(String(then.year), 'PRONOUNCED_YEAR')]
}

function dayAndMonth(then: LocalTime, numbers: Numbers): readonly string[] {
  return [
    `time/day-${then.weekday}`,
    `time/mon-${then.month - 1}`,
    ...numbers(String(then.day), 'COUNTED'),
  ]
}

/** As short as it stays clear; days are counted within the year, so the last of December is never yesterday. */
function shortDateSounds(then: LocalTime, now: LocalTime, numbers: Numbers): readonly string[] {
  const days = now.yearday - then.yearday
  if (then.year !== now.year || days < 0) return dateSounds(then, numbers)
  if (days === 0) return ['time/today']
  if (days === 1) return ['time/yesterday']
  if (days <= 5) return [`time/day-${then.weekday}`]
  return dayAndMonth(then, numbers)
}

/** `ten thirteen p m`, or in 24 hours `twenty-two thirteen hours`. */
function clockSounds(then: LocalTime, is24: boolean, numbers: Numbers): readonly string[] {
  const { hour, minute } = then
  const number = (value: number) => numbers(String(value), 'PRONOUNCED')
  if (is24) {
    const shown = hour === 0 && minute === 0 ? 24 : hour
    return [
      ...(shown < 10 ? number(0) : []),
      ...number(shown),
      ...(minute === 0
        ? ['digits/hundred']
        : minute < 10
          ? [...number(0), ...number(minute)]
          : number(minute)),
      'time/hours',
    ]
  }
  return [
    ...number(hour % 12 === 0 ? 12 : hour % 12),
    ...(minute === 0
      ? ['time/oclock']
      : minute < 10
        ? ['time/oh', ...number(minute)]
        : number(minute)),
    hour >= 12 ? 'time/p-m' : 'time/a-m',
  ]
}
