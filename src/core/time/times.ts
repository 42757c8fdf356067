/** Moments as events show them. */

/** Microseconds since the epoch, whole. */
export function nowMicros(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000)
}

const two = (n: number) => String(n).padStart(2, '0')

// Events and log lines ask for the same second many times.
let localSecond = Number.NaN
let localText = ''
let gmtSecond = Number.NaN
let gmtText = ''

/** `YYYY-MM-DD HH:MM:SS` in the server's zone; `ms` since the epoch. */
export function localStamp(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second === localSecond) return localText
  const d = new Date(ms)
  localText = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
  localSecond = second
  return localText
}

/** The same in the name of a file: `2026-01-31-12-00-00`. */
export function fileStamp(ms: number): string {
  return localStamp(ms).replace(/[ :]/g, '-')
}

/** `Sat, 31 Jan 2026 12:00:00 GMT`; `ms` since the epoch. */
export function gmtStamp(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== gmtSecond) {
    gmtText = new Date(ms).toUTCString()
    gmtSecond = second
  }
  return gmtText
}
