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

/**
 * The machine's own clock. Its timers keep the process alive. Before one is heard all is read that lies in the sockets: a machine that
 * stood still must not say that nothing came when it came meanwhile.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    let reading: NodeJS.Immediate | undefined
    const handle = setTimeout(() => {
      // Node's loop comes to timers, then to sockets, then to this.
      reading = setImmediate(callback)
    }, ms)
    return {
      cancel() {
        clearTimeout(handle)
        clearImmediate(reading)
      },
    }
  },
}

/** Waits `ms` or until `signal` aborts; true when the time ran out, false when it was cut short. */
export function delay(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const onAbort = () => {
      timer.cancel()
      resolve(false)
    }
    const timer = systemClock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve(true)
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
