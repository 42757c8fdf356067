/** English: lengths of time, dates and times of day. */
import type { SayMethod } from '../core/interfaces.ts'
import type { LocalTime } from '../core/time/timezone.ts'
import type { TimeParts } from './time.ts'

type Numbers = (written: string, method: SayMethod) => readonly string[]

/** Iterated, the time of day is one of 24 hours. */
export function timeParts(method: SayMethod, numbers: Numbers): TimeParts {
  return {
    length: (parts) => lengthSounds(parts, numbers),
    dayAndMonth: (then) => dayAndMonth(then, numbers),
    year: (year) => numbers(String(year), 'PRONOUNCED_YEAR'),
    clock: (then) => clockSounds(then, method === 'ITERATED', numbers),
  }
}

/** Every part is said, zeros too. */
function lengthSounds(parts: readonly number[], numbers: Numbers): readonly string[] {
  return ['hour', 'minute', 'second'].flatMap((unit, index) => {
    const count = parts[index] ?? 0
    return [...numbers(String(count), 'PRONOUNCED'), `time/${unit}${count === 1 ? '' : 's'}`]
  })
}

function dayAndMonth(then: LocalTime, numbers: Numbers): readonly string[] {
  return [
    `time/day-${then.weekday}`,
    `time/mon-${then.month - 1}`,
    ...numbers(String(then.day), 'COUNTED'),
  ]
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
