/** German: lengths of time, dates and times of day. */
import type { SayGender, SayMethod } from '../core/interfaces.ts'
import type { LocalTime } from '../core/time/timezone.ts'
import type { TimeParts } from './time.ts'

type Numbers = (written: string, method: SayMethod, gender?: SayGender) => readonly string[]

export function timeParts(numbers: Numbers): TimeParts {
  return {
    length: (parts) => lengthSounds(parts, numbers),
    dayAndMonth: (then) => dayAndMonth(then, numbers),
    year: (year) => numbers(String(year), 'PRONOUNCED_YEAR'),
    clock: (then) => clockSounds(then, numbers),
  }
}

/** Null Stunden, eine Minute und zwei Sekunden: the units are feminine, zeros are said too. */
function lengthSounds(parts: readonly number[], numbers: Numbers): readonly string[] {
  return ['hour', 'minute', 'second'].flatMap((unit, index) => {
    const count = parts[index] ?? 0
    return [
      ...(unit === 'second' ? ['currency/and'] : []),
      ...numbers(String(count), 'PRONOUNCED', 'FEMININE'),
      `time/${unit}${count === 1 ? '' : 's'}`,
    ]
  })
}

/** Donnerstag, neunundzwanzigster Februar. */
function dayAndMonth(then: LocalTime, numbers: Numbers): readonly string[] {
  return [
    `time/day-${then.weekday}`,
    ...numbers(String(then.day), 'COUNTED', 'MASCULINE'),
    `time/mon-${then.month - 1}`,
  ]
}

/** Of 24 hours: ein Uhr fünf, zweiundzwanzig Uhr dreizehn, zwölf Uhr. */
function clockSounds({ hour, minute }: LocalTime, numbers: Numbers): readonly string[] {
  return [
    ...numbers(String(hour), 'PRONOUNCED', 'NEUTER'),
    'time/oclock',
    ...(minute === 0 ? [] : numbers(String(minute), 'PRONOUNCED')),
  ]
}
