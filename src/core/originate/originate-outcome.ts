/** What an attempt comes to: which cause stands for it, and what the A-leg's variables say. No waiting, no channels' doings. */
import type { HangupCause } from '../hangup-cause.ts'

/** Whether `fail_on_single_reject` counts this cause: its text names it, or with `!` in front does not. */
export function isFatalReject(failOn: 'any' | string, cause: HangupCause): boolean {
  if (failOn === 'any') return true
  const names = failOn.toUpperCase().includes(cause)
  return failOn.startsWith('!') ? !names : names
}

/** How the waiting for a group of legs ended. */
export type GroupEnd = 'won' | 'all gone' | 'timeout' | 'cancelled' | 'cancelled by key'

/** The cause with which a leg that did not win is hung up. */
export function loserCause(end: GroupEnd, timedOut: boolean, legs: number): HangupCause {
  if (end === 'timeout' || timedOut) return 'NO_ANSWER'
  if (end === 'cancelled') return 'ORIGINATOR_CANCEL'
  return legs > 1 ? 'LOSE_RACE' : 'NO_ANSWER'
}

/**
 * The cause of a group in which nobody won. Legs that had a channel stand before those that never came to be;
 * among the former the first counts, among the latter the last.
 */
export function groupCause(
  end: GroupEnd,
  channelCauses: readonly (HangupCause | undefined)[],
  createCauses: readonly HangupCause[],
  hasOriginator: boolean,
): HangupCause {
  if (end === 'cancelled') return 'ORIGINATOR_CANCEL'
  if (end === 'timeout') return 'NO_ANSWER'
  return (
    channelCauses[0] ??
    createCauses.at(-1) ??
    (hasOriginator || channelCauses.length > 0 ? 'ORIGINATOR_CANCEL' : 'DESTINATION_OUT_OF_ORDER')
  )
}

/** DIALSTATUS for a cause. */
export function dialStatus(cause: HangupCause): string {
  switch (cause) {
    case 'ORIGINATOR_CANCEL':
      return 'CANCEL'
    case 'USER_BUSY':
      return 'BUSY'
    case 'NO_ANSWER':
      return 'NOANSWER'
    case 'DESTINATION_OUT_OF_ORDER':
    case 'INVALID_PROFILE':
      return 'INVALIDARGS'
    case 'CALL_REJECTED':
      return 'DONTCALL'
    default:
      return cause
  }
}
