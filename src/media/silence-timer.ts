/** How long a party sends nothing: `rtp-timeout-sec` and, while on hold, `rtp-hold-timeout-sec`. */
import type { LegSettings } from './engine.ts'

export class SilenceTimer {
  #from = performance.now()
  #isTold = false

  /** Waiting begins anew. */
  restart(now: number): void {
    this.#from = now
    this.#isTold = false
  }

  /** A packet came. */
  heard(): void {
    this.#isTold = false
  }

  /** The seconds of a time-out that is over, once; else 0. `lastPacketAt` as `performance.now()`. */
  over(settings: LegSettings, lastPacketAt: number | null, now: number): number {
    if (this.#isTold) return 0
    const seconds = settings.receives ? settings.timeoutSeconds : settings.holdTimeoutSeconds
    if (seconds <= 0 || now - Math.max(this.#from, lastPacketAt ?? 0) < seconds * 1000) return 0
    this.#isTold = true
    return seconds
  }
}
