/** A span of time in words, as `status` and HEARTBEAT have it. */

/** `0 years, 1 day, 2 hours, 3 minutes, 4 seconds, 5 milliseconds, 6 microseconds`. */
export function uptimeText(ms: number): string {
  const micros = Math.round(ms * 1000)
  const part = (size: number, of: number, word: string) => {
    const count =
      of === Number.POSITIVE_INFINITY ? Math.trunc(micros / size) : Math.trunc(micros / size) % of
    return `${count} ${word}${count === 1 ? '' : 's'}`
  }
  const day = 86_400_000_000
  return [
    part(365 * day, Number.POSITIVE_INFINITY, 'year'),
    part(day, 365, 'day'),
    part(3_600_000_000, 24, 'hour'),
    part(60_000_000, 60, 'minute'),
    part(1_000_000, 60, 'second'),
    part(1000, 1000, 'millisecond'),
    part(1, 1000, 'microsecond'),
  ].join(', ')
}
