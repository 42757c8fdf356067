/** Moments as events show them. */

/** Microseconds since the epoch, whole. */
export function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

const two = (n: number) => String(n).padStart(2, '0')

/** `YYYY-MM-DD HH:MM:SS` in the server's zone; `ms` since the epoch. */
export function localStamp(ms: number): string {
  const d = new Date(ms)
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
}
