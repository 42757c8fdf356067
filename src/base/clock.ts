/** Time as a thing that can be passed in, so that tests can move it. */

export interface Timer {
  /** Stops it; nothing happens when it has already fired. */
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds of a time that is never put back; without it, that is `now`. */
  monotonic?(): number
  /** Calls back once, `ms` from now. The callback must not throw. */
  after(ms: number, callback: () => void): Timer
}

/** The machine's own clock. Its timers keep the process alive unless `background` is set. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const handle = setTimeout(callback, ms)
    return { cancel: () => clearTimeout(handle) }
  },
}

/** Waits `ms` or until `signal` aborts; true when the time ran out, false when it was cut short. */
export function delay(
  ms: number,
  signal?: AbortSignal,
  clock: Clock = systemClock,
): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const onAbort = () => {
      timer.cancel()
      resolve(false)
    }
    const timer = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve(true)
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
