/** The timers of RFC 3261 (§17, table 4) with RFC 6026: their names and how long each runs. */

export interface TimerSettings {
  /** Estimate of a round trip, ms (`timer-T1`). */
  readonly t1: number
  /** The longest pause between retransmissions, ms (`timer-T2`). */
  readonly t2: number
  /** How long a message may stay in the network, ms (`timer-T4`). */
  readonly t4: number
  /** How long to wait in all, ms; 64·T1 unless said otherwise (`timer-T1X64`). */
  readonly t1x64: number
  /** After how many ms an INVITE without an answer gets a 100 by itself (§17.2.1). */
  readonly trying: number
}

export const usualTimers: TimerSettings = { t1: 500, t2: 4000, t4: 5000, t1x64: 32000, trying: 200 }

export type TimerName =
  | 'A'
  | 'B'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | 'trying'
  | 'cancel'

/** Timers that send again; the rest say that it is over. They double with every round. */
export function isResendTimer(name: TimerName): boolean {
  return name === 'A' || name === 'E' || name === 'G'
}

/**
 * How long timer `name` runs, ms. `round` counts its earlier runs: A doubles without end, E and G up to T2.
 * Undefined: it does not run at all (nothing is sent again over a reliable transport). 0: it fires at once.
 */
export function timerLength(
  name: TimerName,
  settings: TimerSettings,
  isReliable: boolean,
  round: number,
): number | undefined {
  switch (name) {
    case 'A':
      return isReliable ? undefined : settings.t1 * 2 ** round
    case 'E':
    case 'G':
      return isReliable ? undefined : Math.min(settings.t1 * 2 ** round, settings.t2)
    case 'D':
      // At least 32 s over UDP (§17.1.1.2), or the whole wait where that was made longer.
      return isReliable ? 0 : settings.t1x64
    case 'I':
    case 'K':
      return isReliable ? 0 : settings.t4
    case 'J':
      return isReliable ? 0 : settings.t1x64
    case 'trying':
      return settings.trying
    default:
      return settings.t1x64
  }
}
